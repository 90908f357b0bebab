//! Podman as a build engine: the same API, with another builder behind it.

use crate::{
    ground::{setting, shop, slipway},
    patience::until,
    place::Place,
    registry::digest_of,
    slipway::{list, text},
};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// It takes a second, more on a machine that does much else.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Its mounts, and the addresses that the network plugin has given away, are seen by nobody else.
const ENCLOSED: &str = r#"
set -e
mount --make-rprivate /
mkdir -p /var/lib/cni
mount --bind "$1" /var/lib/cni
shift
exec "$@"
"#;

/// A Podman that shares nothing with one that the machine may have but the program.
struct Podman {
    child: Child,
    folder: TempDir,
}

impl Podman {
    fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let here = folder.path().display();
        for name in ["addresses", "networks"] {
            fs::create_dir(at(name)).expect("a folder");
        }
        // Without a bridge and rules of the firewall: what it makes ends with the container.
        let network = json!({"cniVersion": "0.4.0", "name": "steps", "plugins": [
            {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.231.7.0/24"}]]}}]});
        fs::write(at("networks/steps.conflist"), network.to_string()).expect("a file");
        // Its own limits are higher than what a machine without CAP_SYS_RESOURCE may set.
        let settings = format!(
            "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=16384:16384\"]\n\
            [engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\nruntime = \"runc\"\n\
            static_dir = \"{here}/static\"\ntmp_dir = \"{here}/tmp\"\n\
            [network]\ndefault_network = \"steps\"\nnetwork_config_dir = \"{here}/networks\"\n\
            cni_plugin_dirs = [\"/usr/lib/cni\"]\n"
        );
        fs::write(at("containers.conf"), settings).expect("a file");
        // Unlike Docker, it wants TLS of a registry on the loopback too.
        let registries = format!("[[registry]]\nlocation = \"{}\"\ninsecure = true\n", setting("REGISTRY"));
        fs::write(at("registries.conf"), registries).expect("a file");
        let log = fs::File::create(at("log")).expect("a log");
        let child = Command::new("unshare")
            .args(["--mount", "sh", "-c", ENCLOSED, "enclosed"])
            .arg(at("addresses"))
            .arg("podman")
            .args(["--root", &format!("{here}/store"), "--runroot", &format!("{here}/run")])
            .args(["system", "service", "--time=0", &format!("unix://{here}/engine.sock")])
            .env("CONTAINERS_CONF", at("containers.conf"))
            .env("CONTAINERS_REGISTRIES_CONF", at("registries.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("podman starts");
        let mut podman = Self { child, folder };
        until(READY_WITHIN, "Podman listens", || {
            let ended = podman.child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "Podman ended with {ended:?}");
            UnixStream::connect(podman.socket()).ok()
        });
        podman
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).unwrap_or_else(|why| eprintln!("{why}"));
        if std::thread::panicking() {
            let said = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("Podman said:\n{said}");
        }
    }
}

/// A build whose script makes a file that its image needs; where its runs are started.
fn build(place: &Place, engine: &str) -> String {
    let (name, store) = (place.named("podman"), shop("store:1.0.0"));
    let git = format!("file://{}/api.git", setting("SLIPWAY_GIT_FILE_ROOT"));
    let inline = format!("FROM {store}\nCOPY . /srv\nRUN [\"/bin/busybox\", \"cat\", \"/srv/made\"]\n");
    let body = json!({"name": name, "registry": "local", "repository": place.repository("podman"), "engine": engine,
    "tag_rule": {"type": "sequence", "prefix": "1.0-"},
    "steps": [
        {"type": "git", "name": "source", "url": git, "folder": "api"},
        {"type": "script", "name": "script", "image": store, "working_folder": "api",
         "script": "echo one; echo two >&2; echo made by podman > made"},
        {"type": "image", "name": "image", "context": "api", "inline": inline},
    ]});
    place.make("builds", &body);
    format!("/builds/{name}/runs")
}

fn lines(place: &Place, log: &str) -> Vec<Value> {
    list(&place.slipway.read(&format!("{log}?limit=5000"))["lines"]).to_vec()
}

#[test]
#[ignore = "needs the playground"]
fn builds_on_podman_as_on_docker() {
    let podman = Podman::start();
    let place = Place::new(&slipway(), "podman");
    let engine = place.named("podman");
    place.make("engines", &json!({"name": engine, "type": "docker", "url": podman.url()}));
    let known = place.slipway.read(&format!("/engines/{engine}"));
    assert_eq!((&known["state"], &known["error"]), (&json!("reachable"), &Value::Null), "{known:#}");

    let runs = build(&place, &engine);
    let made = place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=300000"), &json!({})).is(200);
    let digest = digest_of(&place.repository("podman"), text(&made["tag"]));
    assert_eq!(digest.as_deref(), Some(text(&made["digest"])), "the registry has what was pushed");
    let lines = lines(&place, &format!("{runs}/{}/log", made["number"]));
    let said = |step: u64, stream: &str| -> Vec<&str> {
        let of_step = |line: &&Value| line["step"] == step && line["stream"] == stream;
        lines.iter().filter(of_step).map(|line| text(&line["text"])).collect()
    };
    assert_eq!((said(1, "stdout"), said(1, "stderr")), (vec!["one"], vec!["two"]));
    assert!(said(2, "stdout").contains(&"made by podman"), "{lines:#?}");

    let pruned = place.slipway.post(&format!("/engines/{engine}/prune"), &json!({})).is(200);
    assert_eq!((&pruned["images_left"], &pruned["build_cache_freed_bytes"]), (&json!(false), &json!(0)), "{pruned}");
    assert!(digest_of(&place.repository("podman"), text(&made["tag"])).is_some(), "the registry keeps its image");
}
