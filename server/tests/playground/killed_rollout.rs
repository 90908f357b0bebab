//! `kill -9` in the middle of rollouts.

use crate::{
    ground::shop,
    moments::Moments,
    place::{Place, Workload},
    served::Served,
    slipway::{number, text},
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

/// Versions of the shop's `store` that work; each rollout goes to the next.
const TAGS: [&str; 3] = ["1.1.0", "2.0.0", "1.0.0"];

/// In this stretch the run is taken up and its patch is sent: every other kill falls into it.
const PATCHING: Duration = Duration::from_millis(150);

const ENDS_WITHIN: Duration = Duration::from_secs(60);

fn to(tag: &str) -> Value {
    json!({"items": [{"task": "deployment/store/app", "version": {"tag": tag}}]})
}

#[test]
#[ignore = "needs the playground"]
fn a_rollout_is_found_again_and_applied_once() {
    let mut moments = Moments::new("killed rollouts");
    let mut served = Served::start();
    let place = Place::new(&served.slipway, "killed-rollout");
    place.deploy(&Workload { name: "store", image: &shop("store:1.0.0"), replicas: 2 });
    let began = Instant::now();
    let unharmed = place.run_to_its_end(&to(TAGS[0]), ENDS_WITHIN);
    let usual = began.elapsed();
    truth::holds(&place.name, &unharmed["items"][0], 1);
    for kill in 1..=KILLS {
        let (tag, key) = (TAGS[kill % TAGS.len()], Uuid::new_v4().to_string());
        let run = place.slipway.start(&place.runs(), &key, &to(tag)).is(202);
        let log = format!("/runs/{}/items/1/log", text(&run["id"]));
        let seen = LogSocket::open(&place.slipway, &log, 0).rest_meanwhile();
        // A moment that nothing decides but chance is what this is about.
        let moment = moments.within(if kill % 2 == 0 { PATCHING } else { usual });
        thread::sleep(moment);
        served.kill();
        let seen = seen.join().expect("a reader").lines;
        served.start_again();
        let settled = place.slipway.settled(text(&run["id"]), ENDS_WITHIN);
        eprintln!("kill {kill} after {moment:.1?} of {usual:.1?}: {}, {} lines seen", settled["status"], seen.len());
        truth::holds(&place.name, &settled["items"][0], kill as u64 + 1);
        let again = place.slipway.start(&place.runs(), &key, &to(tag)).is(202);
        assert_eq!(again["id"], run["id"], "the key survives as well");
        let kept = place.slipway.read(&log);
        assert_eq!(kept["lines"].as_array().expect("lines")[..seen.len()], seen[..], "what was shown is kept");
        assert_eq!((number(&kept["last"]), &kept["complete"]), (number(&kept["total"]), &json!(true)));
    }
}
