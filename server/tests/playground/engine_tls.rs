//! An engine over TCP with TLS: `dockerd --tlsverify`.

use crate::{dockerd::Dockerd, ground::slipway, place::Place, registry::digest_of, slipway::text};
use engine::testing::{Authority, Identity};
use serde_json::{Value, json};
use std::{fs, net::TcpListener};
use tempfile::TempDir;

/// Where it listens, and whose certificates all of them are.
const HOST: &str = "127.0.0.1";

/// A dockerd with these certificates, and its address.
fn start(authority: &Authority, Identity { cert, key }: Identity) -> (Dockerd, String) {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for (name, pem) in [("ca", &authority.pem()), ("cert", &cert), ("key", &key)] {
        fs::write(at(name), pem).expect("a file");
    }
    let tls = json!({"tlsverify": true, "tlscacert": at("ca"), "tlscert": at("cert"), "tlskey": at("key")});
    let address = format!("tcp://{free}");
    (Dockerd::start(folder, &address, tls), address)
}

/// Adds an engine at this address; how it is shown.
fn add(place: &Place, name: &str, url: &str, ca: &Authority, client: Option<Identity>) -> Value {
    let name = place.named(name);
    let (cert, key) = client.map(|client| (client.cert, client.key)).unzip();
    place.make("engines", &json!({"name": name, "url": url, "ca": ca.pem(), "cert": cert, "key": key}));
    place.slipway.read(&format!("/engines/{name}"))
}

#[test]
#[ignore = "needs the playground"]
fn builds_over_tls_and_says_what_is_wrong_with_certificates() {
    let (ours, other) = (Authority::fresh(), Authority::fresh());
    let (_dockerd, url) = start(&ours, ours.identity(HOST));
    let place = Place::new(&slipway(), "tls");

    let good = add(&place, "good", &url, &ours, Some(ours.identity(HOST)));
    assert_eq!((&good["state"], &good["error"]), (&json!("reachable"), &Value::Null), "{good:#}");
    let wrong = |name: &str, ca: &Authority, client: Option<Identity>, expected: &str| {
        let shown = add(&place, name, &url, ca, client);
        assert_eq!(shown["state"], "unreachable", "{shown:#}");
        assert!(text(&shown["error"]).contains(expected), "{shown:#}");
    };
    wrong("foreign", &other, Some(ours.identity(HOST)), "its certificate is not from the authority in `ca`");
    wrong("nobody", &ours, None, "it wants a client certificate, `cert` and `key`");
    wrong("unknown", &ours, Some(other.identity(HOST)), "client certificate in `cert`");
    wrong("late", &ours, Some(ours.expired(HOST)), "client certificate in `cert`");

    let name = place.named("over-tls");
    place.make(
        "builds",
        &json!({"name": name, "registry": "local", "repository": place.repository("over-tls"),
            "engine": place.named("good"), "tag_rule": {"type": "sequence", "prefix": "1.0-"},
            "steps": [{"type": "image", "name": "image", "inline": "FROM scratch\nLABEL over=tls\n"}]}),
    );
    let started = format!("/builds/{name}/runs?expect=succeeded&timeout_ms=120000");
    let made = place.slipway.post(&started, &json!({})).is(200);
    let digest = digest_of(&place.repository("over-tls"), text(&made["tag"]));
    assert_eq!(digest.as_deref(), Some(text(&made["digest"])), "the registry has what was pushed");
}
