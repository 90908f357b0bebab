//! `kill -9` in the middle of builds.

use crate::{
    moments::Moments,
    patience::until,
    place::{Place, Workload},
    processes,
    registry::digest_of,
    served::Served,
    slipway::{list, number, text},
    streams::LogSocket,
    truth,
};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

const KILLS: usize = 10;

/// Takes a second and a half, and says how far it is.
const COUNTS: &str =
    "RUN shelf=1; while [ $shelf -le 30 ]; do echo \"shelf $shelf.\"; sleep 0.05; shelf=$((shelf + 1)); done";

/// Would take five minutes. What it says stands nowhere in what it is told.
const DAWDLES: &str = "RUN echo \"at $((6 * 7)).\" && sleep 300";

const ENDS_WITHIN: Duration = Duration::from_secs(90);

fn build_and_deploy() -> Value {
    json!({"items": [{"task": "deployment/store/app", "version": {"build": {"no_cache": true}}}]})
}

/// The log has every line from the first to the last, with those that were shown before the kill
/// as they were shown.
fn is_whole(place: &Place, log: &str, seen: &[Value]) {
    let kept = place.slipway.read(&format!("{log}?limit=5000"));
    let numbers: Vec<u64> = list(&kept["lines"]).iter().map(|line| number(&line["n"])).collect();
    assert_eq!(numbers, (1..=number(&kept["total"])).collect::<Vec<_>>());
    assert_eq!(kept["complete"], true);
    assert_eq!(list(&kept["lines"])[..seen.len()], *seen, "what was shown is kept");
}

/// What a kill left is removed at the next start.
fn no_work_folder(served: &Served) {
    until(ENDS_WITHIN, "no work space is left", || served.work_folders().is_empty().then_some(()));
}

#[test]
#[ignore = "needs the playground"]
fn a_build_starts_again_and_ends_truly() {
    let mut moments = Moments::new("killed builds");
    let mut served = Served::start();
    let place = Place::new(&served.slipway, "killed-build");
    place.build("store", COUNTS);
    let runs = format!("/builds/{}/runs", place.named("store"));
    let began = Instant::now();
    let made = place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=90000"), &json!({})).is(200);
    let usual = began.elapsed();
    place.deploy(&Workload { name: "store", image: text(&made["image"]), replicas: 1 });
    let mark = format!("MARK={}", place.named("store"));
    for kill in 1..=KILLS {
        let key = Uuid::new_v4().to_string();
        let run = place.slipway.start(&place.runs(), &key, &build_and_deploy()).is(202);
        let build_run = format!("{runs}/{}", number(&run["items"][0]["build_run"]["number"]));
        let log = format!("{build_run}/log");
        let seen = LogSocket::open(&place.slipway, &log, 0).rest_meanwhile();
        // A moment that nothing decides but chance is what this is about.
        let moment = moments.within(usual);
        thread::sleep(moment);
        served.kill();
        let seen = seen.join().expect("a reader").lines;
        served.start_again();
        let settled = place.slipway.settled(text(&run["id"]), ENDS_WITHIN);
        eprintln!("kill {kill} after {moment:.1?} of {usual:.1?}: {}, {} lines seen", settled["status"], seen.len());
        truth::holds(&place.name, &settled["items"][0], kill as u64);
        assert_eq!(settled["items"][0]["build_run"]["number"], kill + 1, "one run of the build for each");
        let again = place.slipway.start(&place.runs(), &key, &build_and_deploy()).is(202);
        assert_eq!(again["id"], run["id"], "the key survives as well");
        let build_run = place.slipway.read(&build_run);
        assert_eq!(build_run["status"], "succeeded", "{build_run:#}");
        let pushed = digest_of(&place.repository("store"), text(&build_run["tag"]));
        assert_eq!(pushed.as_deref(), build_run["digest"].as_str(), "the tag is what the run says");
        is_whole(&place, &log, &seen);
        assert!(processes::with(&mark).is_empty(), "nothing of the first try is left");
    }
    let newest = &place.slipway.read(&format!("{runs}?limit=1"))["items"][0];
    assert_eq!(newest["number"], KILLS + 1, "no build was begun twice");
    no_work_folder(&served);
}

#[test]
#[ignore = "needs the playground"]
fn a_build_that_is_stopped_too_often_is_given_up() {
    let mut served = Served::start();
    let place = Place::new(&served.slipway, "given-up");
    place.build("store", DAWDLES);
    let runs = format!("/builds/{}/runs", place.named("store"));
    let number = number(&place.slipway.post(&runs, &json!({})).is(202)["number"]);
    let (run, log) = (format!("{runs}/{number}"), format!("{runs}/{number}/log"));
    let mut after = 0;
    for _ in 0..3 {
        let lines = LogSocket::open(&place.slipway, &log, after).until("at 42.");
        after = crate::slipway::number(&lines[lines.len() - 1]["n"]);
        served.kill();
        served.start_again();
    }
    let settled = place.slipway.read(&format!("{run}?wait=settled&timeout_ms=60000"));
    assert_eq!((&settled["status"], &settled["failure"]["code"]), (&json!("failed"), &json!("interrupted")));
    let kept = LogSocket::open(&place.slipway, &log, 0).rest();
    assert_eq!(kept.end.expect("its log has ended")["status"], "failed");
    let said = |text: &str| kept.lines.iter().filter(|line| line["text"].to_string().contains(text)).count();
    assert_eq!(said("restarted after server stop"), 2);
    assert_eq!(said("lines between"), 3, "each kill is told of");
    assert_eq!(said("failed (interrupted)"), 1);
    is_whole(&place, &log, &[]);
    let mark = format!("MARK={}", place.named("store"));
    until(ENDS_WITHIN, "nothing of the build runs", || processes::with(&mark).is_empty().then_some(()));
    no_work_folder(&served);
}
