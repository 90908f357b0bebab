//! An engine over TCP with TLS: `dockerd --tlsverify`.

use crate::{ground::slipway, patience::until, place::Place, registry::digest_of, slipway::text};
use engine::testing::{Authority, Identity};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// It takes a second or two, more on a machine that does much else.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Where it listens, and whose certificates all of them are.
const HOST: &str = "127.0.0.1";

/// A dockerd that shares nothing with others of the machine but the program.
struct Dockerd {
    child: Child,
    folder: TempDir,
    address: String,
}

impl Dockerd {
    fn start(authority: &Authority, Identity { cert, key }: Identity) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let folder = TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for (name, pem) in [("ca", &authority.pem()), ("cert", &cert), ("key", &key)] {
            fs::write(at(name), pem).expect("a file");
        }
        let settings = json!({
            "hosts": [format!("tcp://{free}")],
            "tlsverify": true, "tlscacert": at("ca"), "tlscert": at("cert"), "tlskey": at("key"),
            "data-root": at("data"), "exec-root": at("run"), "pidfile": at("pid"), "deprecated-key-path": at("id"),
            "bridge": "none", "iptables": false, "ip-masq": false,
        });
        fs::write(at("daemon.json"), settings.to_string()).expect("a file");
        let log = File::create(at("log")).expect("a log");
        // What it mounts is seen by nobody else and goes with it.
        let child = Command::new("unshare")
            .args(["--mount", "/usr/sbin/dockerd", "--config-file"])
            .arg(at("daemon.json"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("dockerd starts");
        let mut dockerd = Self { child, folder, address: free.to_string() };
        until(READY_WITHIN, "dockerd listens", || {
            let ended = dockerd.child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "dockerd ended with {ended:?}");
            TcpStream::connect(&dockerd.address).ok()
        });
        dockerd
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        // Asked to end, it ends its containerd too.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        asked.and_then(|_| self.child.wait()).map(drop).unwrap_or_else(|why| eprintln!("{why}"));
        if std::thread::panicking() {
            let said = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("dockerd said:\n{said}");
        }
    }
}

/// Adds an engine at this address; how it is shown.
fn add(place: &Place, name: &str, dockerd: &Dockerd, ca: &Authority, client: Option<Identity>) -> Value {
    let name = place.named(name);
    let (cert, key) = client.map(|client| (client.cert, client.key)).unzip();
    let url = format!("tcp://{}", dockerd.address);
    place.make("engines", &json!({"name": name, "url": url, "ca": ca.pem(), "cert": cert, "key": key}));
    place.slipway.read(&format!("/engines/{name}"))
}

#[test]
#[ignore = "needs the playground"]
fn builds_over_tls_and_says_what_is_wrong_with_certificates() {
    let (ours, other) = (Authority::fresh(), Authority::fresh());
    let dockerd = Dockerd::start(&ours, ours.identity(HOST));
    let place = Place::new(&slipway(), "tls");

    let good = add(&place, "good", &dockerd, &ours, Some(ours.identity(HOST)));
    assert_eq!((&good["state"], &good["error"]), (&json!("reachable"), &Value::Null), "{good:#}");
    let wrong = |name: &str, ca: &Authority, client: Option<Identity>, expected: &str| {
        let shown = add(&place, name, &dockerd, ca, client);
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
