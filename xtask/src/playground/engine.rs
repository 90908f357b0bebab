//! The container engine: a dockerd that shares nothing with one that the
//! machine may have but the program.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use super::part::Part;
use super::probe::Probe;
use super::{Playground, network};

const DOCKERD: &str = "/usr/sbin/dockerd";
/// Debian's, by its path: a machine may have another, of another age, before it.
const DOCKER: &str = "/usr/bin/docker";

pub(crate) fn part(playground: &Playground) -> Part {
    let config = playground.place.data("engine/daemon.json");
    Part {
        name: "engine",
        address: host(playground),
        ports: Vec::new(),
        program: PathBuf::from(DOCKERD),
        // Without this it would read the settings of the machine's own.
        arguments: vec![format!("--config-file={}", config.display())],
        files: vec![(config, settings(playground))],
        // Both ids may still be those of processes that nobody has collected.
        leftovers: vec![pid_file(playground), playground.place.run("docker/containerd/containerd.pid")],
        probe: Probe::HttpOverSocket { socket: socket(playground), path: "/_ping", status: 200 },
    }
}

fn settings(playground: &Playground) -> String {
    let place = &playground.place;
    let network = playground.state.network;
    let settings = json!({
        "hosts": [host(playground)],
        "data-root": place.data("engine/data"),
        "exec-root": place.run("docker"),
        "pidfile": pid_file(playground),
        "deprecated-key-path": place.data("engine/key.json"),
        "bridge": network::engine_bridge(place),
        "default-address-pools": [{"base": format!("10.{network}.64.0/18"), "size": 24}],
        "iptables": false,
        "ip-masq": false,
        "cgroup-parent": format!("{}/engine", playground.cgroup),
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "shutdown-timeout": 3,
        "builder": {"gc": {"enabled": true, "defaultKeepStorage": "4GB"}},
    });
    format!("{settings:#}\n")
}

fn pid_file(playground: &Playground) -> PathBuf {
    playground.place.run("docker.pid")
}

fn socket(playground: &Playground) -> PathBuf {
    playground.place.run("docker.sock")
}

pub(crate) fn host(playground: &Playground) -> String {
    format!("unix://{}", socket(playground).display())
}

/// A client of this engine that knows nothing of the user's settings.
pub(crate) fn docker(playground: &Playground) -> Command {
    let mut docker = Command::new(DOCKER);
    docker
        .arg("--config")
        .arg(playground.place.data("engine/client"))
        .arg("--host")
        .arg(host(playground))
        .env_remove("DOCKER_CONTEXT")
        .env("DOCKER_BUILDKIT", "1");
    docker
}
