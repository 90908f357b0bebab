//! Builds that mean harm, or come to it: the run ends with a clear line and nothing is left.

use crate::{
    ground::{setting, shop, slipway},
    place::Place,
    served::Served,
    slipway::text,
};
use serde_json::{Value, json};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
};

pub(crate) fn script(text: &str) -> Value {
    json!({"type": "script", "name": "script", "image": shop("store:1.0.0"), "script": text})
}

pub(crate) fn image(dockerfile: &str) -> Value {
    json!({"type": "image", "name": "image", "inline": dockerfile})
}

/// A run of these steps at its end.
pub(crate) fn run(place: &Place, name: &str, registry: &str, steps: &[Value]) -> Value {
    let repository = place.repository(name);
    let name = place.named(name);
    let body = json!({"name": name, "registry": registry, "repository": repository, "engine": "local",
        "tag_rule": {"type": "sequence", "prefix": "1.0-"}, "steps": steps});
    place.make("builds", &body);
    place.slipway.post(&format!("/builds/{name}/runs?wait=settled&timeout_ms=600000"), &json!({})).is(200)
}

/// Code and words of a run that failed.
pub(crate) fn failure(run: &Value) -> (&str, &str) {
    assert_eq!(run["status"], "failed", "{run:#}");
    (text(&run["failure"]["code"]), text(&run["failure"]["message"]))
}

#[test]
#[ignore = "needs the playground"]
fn a_program_that_forks_for_ever_ends_with_its_step() {
    let place = Place::new(&slipway(), "forks");
    let mut bomb = script("again() { again | again & }; again; while true; do sleep 1; done");
    bomb["time_limit_ms"] = json!(5_000);
    let ended = run(&place, "forks", "local", &[bomb, image("FROM scratch\n")]);
    let (code, words) = failure(&ended);
    assert!(matches!(code, "timeout" | "step_failed"), "{code}: {words}");
    assert_eq!(
        run(&place, "next", "local", &[script("echo fine"), image("FROM scratch\nLABEL a=b\n")])["status"],
        "succeeded"
    );
}

#[test]
#[ignore = "needs the playground"]
fn a_program_that_prints_without_end_reaches_the_limit_of_its_log() {
    let served = Served::start_with(&[("SLIPWAY_LOG_MAX_BYTES", "1000000")]);
    let place = Place::new(&served.slipway, "prints");
    let ended = run(&place, "prints", "local", &[script("yes that is right"), image("FROM scratch\n")]);
    assert_eq!(failure(&ended), ("log_too_large", "the log has reached its limit of 1000000 bytes"));
    let log = served.slipway.get(&format!("/builds/{}/runs/1/log.txt", place.named("prints")));
    let last = log.text.lines().last().unwrap_or_default();
    assert!(last.contains("limit of 1000000 bytes"), "{last}");
    assert!(served.work_folders().is_empty());
}

#[test]
#[ignore = "needs the playground"]
fn a_context_of_five_gigabytes_is_refused() {
    let place = Place::new(&slipway(), "large");
    let ended = run(&place, "large", "local", &[script("truncate -s 5G large"), image("FROM scratch\nCOPY . /\n")]);
    let (code, words) = failure(&ended);
    assert_eq!(code, "context_too_large", "{words}");
    assert!(words.contains("larger than 2147483648 bytes"), "{words}");
}

#[test]
#[ignore = "needs the playground"]
fn a_foreign_syntax_is_named() {
    let place = Place::new(&slipway(), "syntax");
    let foreign = format!("# syntax={}\nFROM scratch\n", shop("none:1"));
    let ended = run(&place, "none", "local", &[image(&foreign)]);
    let (code, words) = failure(&ended);
    assert_eq!(code, "build_failed", "{words}");
    assert!(words.contains("shop/none:1"), "{words}");
    // It is there, and no reader of Dockerfiles.
    let ended = run(&place, "store", "local", &[image(&format!("# syntax={}\nFROM scratch\n", shop("store:1.0.0")))]);
    assert_eq!(failure(&ended).0, "build_failed", "{ended:#}");
}

/// Passes connections on to the registry, until something is about to be stored there.
fn breaks_at_uploads() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || pass_on(client));
        }
    });
    address
}

fn pass_on(mut client: TcpStream) -> io::Result<()> {
    let mut registry = TcpStream::connect(setting("REGISTRY"))?;
    let (mut answers, mut back) = (registry.try_clone()?, client.try_clone()?);
    let answering = thread::spawn(move || io::copy(&mut answers, &mut back));
    let mut piece = [0; 4096];
    loop {
        let length = client.read(&mut piece)?;
        if length == 0 || piece[..length].starts_with(b"PATCH ") {
            break;
        }
        registry.write_all(&piece[..length])?;
    }
    client.shutdown(Shutdown::Both)?;
    registry.shutdown(Shutdown::Both)?;
    answering.join().expect("it is joined").map(drop)
}

#[test]
#[ignore = "needs the playground"]
fn a_registry_that_is_gone_in_the_middle_of_a_push() {
    let place = Place::new(&slipway(), "mid-push");
    let url = format!("http://{}", breaks_at_uploads());
    place.make("registries", &json!({"name": place.named("broken"), "url": url}));
    let dockerfile = format!("FROM {}\nRUN echo {} > /new\n", shop("store:1.0.0"), place.name);
    let ended = run(&place, "store", &place.named("broken"), &[image(&dockerfile)]);
    let (code, words) = failure(&ended);
    assert_eq!((code, &ended["digest"]), ("push_failed", &Value::Null), "{words}");
}
