//! The log of a build, live and afterwards, and the events of a run.

use crate::{
    ground::{shop, slipway},
    place::{Place, Workload},
    slipway::{Slipway, list, number, text},
    streams::{Event, LogSocket, events},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Says 150 words in about three seconds.
const TALKS: &str =
    "RUN word=1; while [ $word -le 150 ]; do echo \"word $word.\"; sleep 0.02; word=$((word + 1)); done";

const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// A build that talks, begun; the address of its run.
fn talking(place: &Place) -> String {
    place.build("talk", TALKS);
    let path = format!("/builds/{}/runs", place.named("talk"));
    let run = place.slipway.post(&path, &json!({"no_cache": true})).is(202);
    format!("{path}/{}", number(&run["number"]))
}

fn numbers(lines: &[Value]) -> Vec<u64> {
    lines.iter().map(|line| number(&line["n"])).collect()
}

/// The whole log, window by window.
fn whole(slipway: &Slipway, log: &str) -> Vec<Value> {
    let mut lines = Vec::new();
    loop {
        let window = slipway.read(&format!("{log}?from={}&limit=50", lines.len() + 1));
        lines.extend(list(&window["lines"]).iter().cloned());
        if lines.len() as u64 == number(&window["total"]) {
            assert_eq!(window["complete"], true);
            return lines;
        }
    }
}

#[test]
#[ignore = "needs the playground"]
fn a_log_arrives_while_it_is_written_without_gap() {
    let place = Place::new(&slipway(), "live");
    let run = talking(&place);
    let log = format!("{run}/log");
    let all = LogSocket::open(&place.slipway, &log, 0).rest_meanwhile();
    let mut first = LogSocket::open(&place.slipway, &log, 0);
    let begun = first.until("word 30.");
    assert_eq!(place.slipway.read(&run)["status"], "running", "lines come before the end");
    drop(first);
    let last = *numbers(&begun).last().expect("a line");
    let resumed = LogSocket::open(&place.slipway, &log, last).rest();
    assert_eq!(resumed.lines[0]["n"], last + 1);
    let all = all.join().expect("a reader");
    let count = all.lines.len() as u64;
    assert_eq!(numbers(&all.lines), (1..=count).collect::<Vec<_>>());
    assert_eq!(all.end, Some(json!({"status": "succeeded", "last": count})));
    assert_eq!(resumed.end, all.end);
    assert_eq!([begun, resumed.lines].concat(), all.lines, "cut in two it is the same");
    assert_eq!(whole(&place.slipway, &log), all.lines, "and so it is kept");
}

#[test]
#[ignore = "needs the playground"]
fn a_log_is_read_in_windows_in_bytes_and_by_its_steps() {
    let place = Place::new(&slipway(), "read");
    let slipway = &place.slipway;
    let path = talking(&place);
    let run = slipway.read(&format!("{path}?wait=settled&timeout_ms=120000"));
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let log = format!("{path}/log");
    let lines = whole(slipway, &log);
    let count = lines.len() as u64;

    let window = slipway.read(&format!("{log}?from=42&limit=3"));
    assert_eq!(list(&window["lines"]), &lines[41..44]);
    assert_eq!((&window["first"], &window["last"], &window["total"]), (&json!(42), &json!(44), &json!(count)));
    assert_eq!(list(&slipway.read(&format!("{log}?from=-2"))["lines"]), &lines[lines.len() - 2..]);
    assert_eq!(slipway.read(&format!("{log}?from={}", count + 1))["lines"], json!([]));
    slipway.get(&format!("{log}?limit=5001")).is_problem(422, "invalid");

    let raw = slipway.get(&format!("{log}.txt"));
    let joined: String = lines.iter().map(|line| format!("{}\n", text(&line["text"]))).collect();
    assert_eq!((raw.header("content-type"), &raw.text), ("text/plain; charset=utf-8", &joined));
    let part = slipway.get_with(&format!("{log}.txt"), &[("range", "bytes=10-29")]);
    assert_eq!((part.status, part.text.as_str()), (206, &joined[10..30]));
    assert_eq!(part.header("content-range"), format!("bytes 10-29/{}", joined.len()));

    assert_eq!(text(&run["log_url"]), format!("{}/log", text(&run["url"])));
    let mut next = 1;
    for step in list(&run["steps"]) {
        assert_eq!(step["first_line"], next, "sections follow each other: {step}");
        let of_step = lines.iter().filter(|line| line["step"] == step["index"]);
        assert_eq!(number(&step["last_line"]) + 1 - next, of_step.count() as u64);
        next = number(&step["last_line"]) + 1;
    }
    assert_eq!(next, count + 1);
}

#[test]
#[ignore = "needs the playground"]
fn events_of_a_run_tell_it_in_order_and_resume() {
    let place = Place::new(&slipway(), "events");
    place.deploy(&Workload { name: "store", image: &shop("store:1.0.0"), replicas: 1 });
    let items = json!({"items": [{"task": "deployment/store/app", "version": {"tag": "1.1.0"}}]});
    let run = text(&place.run(&items).is(202)["id"]).to_owned();
    let told: Vec<Event> = events(&place.slipway, &run, None).collect();
    let names: Vec<&str> = told.iter().map(|event| event.name.as_str()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("run", "end"));
    assert_eq!(told[told.len() - 1].data, json!({"status": "succeeded"}));
    let ids: Vec<u64> = told.iter().filter_map(|event| event.id.as_ref()?.parse().ok()).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    let settled = place.slipway.settled(&run, ENDS_WITHIN);
    let last_run = told.iter().rfind(|event| event.name == "run").expect("a run");
    assert_eq!(last_run.data["status"], settled["status"]);
    let in_the_beginning = list(&told[0].data["items"][0]["phases"]).iter();
    let entered = told.iter().filter(|event| event.name == "phase").map(|event| &event.data["phase"]);
    let phases: Vec<&Value> = in_the_beginning.chain(entered).map(|phase| &phase["phase"]).collect();
    assert_eq!(phases, ["queued", "applying", "rolling"], "{names:?}");

    let newest = ids.last().map(u64::to_string);
    let resumed: Vec<Event> = events(&place.slipway, &run, newest.as_deref()).collect();
    assert_eq!(resumed.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["end"]);
    let older = ids[0].to_string();
    let again: Vec<Event> = events(&place.slipway, &run, Some(&older)).collect();
    assert_eq!(again.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["run", "end"]);
    assert_eq!(again[0].data, settled);

    let log = format!("/runs/{run}/items/1/log");
    let followed = LogSocket::open(&place.slipway, &log, 0).rest();
    assert_eq!(whole(&place.slipway, &log), followed.lines, "an item has a log as well");
    assert_eq!(followed.end.expect("an end")["status"], "succeeded");
}
