//! Steps that run a program in a container, on the real engine.

use crate::{
    ground::{docker, setting, shop, slipway},
    patience::until,
    place::Place,
    served::Served,
    slipway::{list, number, text},
    streams::LogSocket,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// By then the container of a cancelled run is gone, and the work space of any.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// Ten seconds, and as many lines on each stream as there are tenths of them.
const COUNTS: &str =
    "n=1; while [ $n -le 100 ]; do echo \"out $n.\"; echo \"err $n.\" >&2; sleep 0.1; n=$((n+1)); done";

/// A build of `store` with these steps between the code and the image.
fn build(place: &Place, steps: &[Value], dockerfile: &str) -> String {
    let mut all = vec![json!({"type": "git", "name": "source", "folder": "api",
        "url": format!("file://{}/api.git", setting("SLIPWAY_GIT_FILE_ROOT"))})];
    all.extend_from_slice(steps);
    let inline = format!("FROM {}\nCOPY . /srv\n{dockerfile}\n", shop("store:1.0.0"));
    all.push(json!({"type": "image", "name": "image", "context": "api", "inline": inline}));
    let name = place.named("store");
    let body = json!({"name": name, "registry": "local", "repository": place.repository("store"), "engine": "local",
        "tag_rule": {"type": "sequence", "prefix": "1.0-"}, "params": {"CHANNEL": {"default": "stable"}},
        "steps": all});
    place.make("builds", &body);
    format!("/builds/{name}/runs")
}

fn script(text: &str) -> Value {
    json!({"type": "script", "name": "script", "image": shop("store:1.0.0"), "script": text, "working_folder": "api",
        "environment": {"QUOTED": "it's \"$(id)\" `id`", "CHANNEL": "${param:CHANNEL}"},
        "caches": [{"name": "kept", "path": "/kept"}]})
}

/// What a step printed, by its stream.
fn said(place: &Place, log: &str, step: u64, stream: &str) -> Vec<String> {
    let kept = place.slipway.read(&format!("{log}?limit=5000"));
    let of_step = |line: &&Value| number(&line["step"]) == step && text(&line["stream"]) == stream;
    list(&kept["lines"]).iter().filter(of_step).map(|line| text(&line["text"]).to_owned()).collect()
}

/// Prints where the work space comes from, which names its volume.
const MOUNTED: &str = "grep ' /workspace ' /proc/self/mountinfo";

/// The label of a run in the engine, from what [`MOUNTED`] printed: its volume is `slipway-{run}`.
fn label(mounted: &str) -> String {
    let volume = mounted.rsplit('/').find_map(|part| part.strip_prefix("slipway-"));
    format!("slipway.run={}", volume.expect("the work space is a volume"))
}

/// Containers and volumes that the engine has with the label of a run.
fn left(label: &str) -> String {
    let filter = format!("label={label}");
    docker(&["ps", "--all", "--quiet", "--filter", &filter])
        + &docker(&["volume", "ls", "--quiet", "--filter", &filter])
}

#[test]
#[ignore = "needs the playground"]
fn what_a_script_makes_is_in_the_image() {
    let place = Place::new(&slipway(), "script");
    let text = "echo \"$QUOTED\"; echo $CHANNEL; echo oops >&2; echo made > made; touch /kept/$(ls /kept | wc -l)";
    let script = script(&format!("{text}; {MOUNTED}"));
    let runs = build(&place, &[script], "RUN cat /srv/made /srv/stock.sh");
    let made = place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=120000"), &json!({})).is(200);
    let log = format!("{runs}/{}/log", made["number"]);
    let printed = said(&place, &log, 1, "stdout");
    assert_eq!(printed[..2], ["it's \"$(id)\" `id`", "stable"], "nothing of a value is run");
    assert_eq!(said(&place, &log, 1, "stderr"), ["oops"]);
    until(GONE_WITHIN, "its work space is removed", || left(&label(&printed[2])).is_empty().then_some(()));

    let beta = json!({"params": {"CHANNEL": "beta"}});
    let again = place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=120000"), &beta).is(200);
    assert_eq!(said(&place, &format!("{runs}/{}/log", again["number"]), 1, "stdout")[1], "beta");
    let unknown = json!({"params": {"OTHER": "1"}});
    let refused = place.slipway.post(&runs, &unknown).is_problem(422, "invalid");
    assert_eq!(refused["fields"][0]["path"], "params.OTHER");
}

/// A server that answers one call; its address, and what it was asked.
fn answers_once(body: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/login", listener.local_addr().expect("an address"));
    let asked = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a call");
        let head = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let head = head.collect::<Vec<_>>().join("\n");
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).expect("the answer is taken");
        head
    });
    (url, asked)
}

#[test]
#[ignore = "needs the playground"]
fn what_a_call_gives_reaches_a_script_and_no_secret_the_log() {
    let served = Served::start();
    let place = Place::new(&served.slipway, "call");
    let (url, asked) = answers_once(r#"{"session": {"token": "tok-a1b2c3d4"}, "until": "noon"}"#);
    place.make("secrets", &json!({"name": "LOGIN", "value": "hush-hush-42"}));
    let call = json!({"type": "http", "name": "login", "method": "POST", "url": url,
        "headers": {"Authorization": "Bearer ${secret:LOGIN}"},
        "extract": {"TOKEN": {"pointer": "/session/token", "masked": true}, "UNTIL": {"pointer": "/until"}}});
    let mut uses = script("echo token $TOKEN; echo secret $SECRET; echo until $UNTIL");
    uses["environment"] = json!({"TOKEN": "${step:login.TOKEN}", "UNTIL": "${step:login.UNTIL}",
        "SECRET": "${secret:LOGIN}"});
    let runs = build(&place, &[call, uses], "");
    let made = place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=120000"), &json!({})).is(200);
    let asked = asked.join().expect("it was asked").to_lowercase();
    assert!(asked.starts_with("post /login") && asked.contains("authorization: bearer hush-hush-42"), "{asked}");
    let log = format!("{runs}/{}/log", made["number"]);
    assert_eq!(said(&place, &log, 2, "stdout"), ["token [masked]", "secret [masked]", "until noon"]);
}

#[test]
#[ignore = "needs the playground"]
fn a_program_that_fails_ends_the_run() {
    let place = Place::new(&slipway(), "fails");
    let runs = build(&place, &[script("exit 3")], "");
    let ended = place.slipway.post(&format!("{runs}?wait=settled&timeout_ms=120000"), &json!({})).is(200);
    assert_eq!(ended["failure"]["code"], "step_failed", "{ended:#}");
    assert_eq!(ended["failure"]["message"], "the program ended with exit code 3");
    assert_eq!(ended["steps"][2]["status"], "skipped");
}

#[test]
#[ignore = "needs the playground"]
fn a_cancelled_container_is_stopped_and_gone() {
    let place = Place::new(&slipway(), "cancel-step");
    let runs = build(&place, &[script(&format!("{MOUNTED}; echo \"at $((6 * 7)).\"; sleep 300"))], "");
    let run = format!("{runs}/{}", place.slipway.post(&runs, &json!({})).is(202)["number"]);
    let log = format!("{run}/log");
    LogSocket::open(&place.slipway, &log, 0).until("at 42.");
    let label = label(&said(&place, &log, 1, "stdout")[0]);
    assert_ne!(left(&label), "", "it has a container and a work space");
    let asked = Instant::now();
    place.slipway.post(&format!("{run}/cancel"), &json!({})).is(202);
    let settled = place.slipway.read(&format!("{run}?wait=settled&timeout_ms=60000"));
    assert!(asked.elapsed() < GONE_WITHIN, "it took {:?}", asked.elapsed());
    assert_eq!((&settled["status"], &settled["reason"]), (&json!("canceled"), &Value::Null), "{settled:#}");
    assert_eq!(left(&label), "", "nothing of it is left");
}

#[test]
#[ignore = "needs the playground"]
fn a_script_goes_on_while_slipway_is_killed_and_its_log_is_whole() {
    let mut served = Served::start();
    let place = Place::new(&served.slipway, "killed-step");
    let runs = build(&place, &[script(COUNTS)], "");
    let run = format!("{runs}/{}", place.slipway.post(&runs, &json!({})).is(202)["number"]);
    let log = format!("{run}/log");
    for marker in ["out 20.", "out 50."] {
        LogSocket::open(&place.slipway, &log, 0).until(marker);
        served.kill();
        served.start_again();
    }
    let settled = place.slipway.read(&format!("{run}?wait=settled&timeout_ms=120000"));
    assert_eq!(settled["status"], "succeeded", "{settled:#}");
    for (stream, word) in [("stdout", "out"), ("stderr", "err")] {
        let expected: Vec<String> = (1..=100).map(|n| format!("{word} {n}.")).collect();
        assert_eq!(said(&place, &log, 1, stream), expected, "each line once");
    }
    assert!(said(&place, &log, 0, "system").iter().all(|line| line != "restarted after server stop"));
}
