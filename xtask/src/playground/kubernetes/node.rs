//! The node: containerd, its network plugins and the kubelet.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::control::component;
use super::{NODE, certificates, kubectl_words, node_kubeconfig};
use crate::playground::part::Part;
use crate::playground::probe::Probe;
use crate::playground::{Playground, images, network};

const CONTAINERD: &str = "/usr/bin/containerd";
const PLUGINS: &str = "/usr/lib/cni";

pub(crate) fn containerd(playground: &Playground) -> Part {
    let config = playground.place.data("node/containerd.toml");
    let mut files = vec![(config.clone(), containerd_config(playground)), pod_network(playground)];
    files.extend([playground.state.registry(), playground.state.registry_auth()].map(|host| {
        let path = hosts(playground).join(&host).join("hosts.toml");
        (path, format!("server = \"http://{host}\"\n"))
    }));
    Part {
        name: "containerd",
        address: containerd_socket(playground).display().to_string(),
        ports: Vec::new(),
        program: PathBuf::from(CONTAINERD),
        arguments: vec!["--config".to_owned(), config.display().to_string()],
        files,
        leftovers: Vec::new(),
        probe: Probe::Socket(containerd_socket(playground)),
    }
}

fn containerd_socket(playground: &Playground) -> PathBuf {
    playground.place.run("containerd.sock")
}

fn hosts(playground: &Playground) -> PathBuf {
    playground.place.data("node/registries")
}

fn network_folder(playground: &Playground) -> PathBuf {
    playground.place.data("node/network")
}

/// Without `restrict_oom_score_adj` no sandbox starts on a machine that lacks
/// the right to lower a score below its own.
fn containerd_config(playground: &Playground) -> String {
    let place = &playground.place;
    let quoted = |path: &Path| format!("{:?}", path.display().to_string());
    format!(
        r#"version = 2
root = {root}
state = {state}
[grpc]
address = {socket}
[plugins."io.containerd.internal.v1.opt"]
path = {opt}
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "{snapshotter}"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{PLUGINS}"
conf_dir = {network}
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = {hosts}
"#,
        root = quoted(&place.data("node/containerd")),
        state = quoted(&place.run("containerd")),
        socket = quoted(&containerd_socket(playground)),
        opt = quoted(&place.data("node/opt")),
        pause = images::pause(&playground.state),
        snapshotter = playground.snapshotter(),
        network = quoted(&network_folder(playground)),
        hosts = quoted(&hosts(playground)),
    )
}

/// Masquerading is ours and not the plugin's, whose chains would stay behind.
fn pod_network(playground: &Playground) -> (PathBuf, String) {
    let config = json!({
        "cniVersion": "0.4.0",
        "name": format!("slipway-{}", playground.place.id()),
        "plugins": [{
            "type": "bridge",
            "bridge": network::pods_bridge(&playground.place),
            "isGateway": true,
            "ipMasq": false,
            "hairpinMode": true,
            "ipam": {
                "type": "host-local",
                "dataDir": playground.place.run("addresses"),
                "ranges": [[{"subnet": format!("10.{}.1.0/24", playground.state.network)}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }],
    });
    (network_folder(playground).join("10-pods.conflist"), format!("{config:#}\n"))
}

pub(crate) fn kubelet(playground: &Playground) -> Part {
    let place = &playground.place;
    let config = place.data("node/kubelet.json");
    let mut part = component(
        playground,
        "kubelet",
        "kubelet",
        vec![
            format!("--config={}", config.display()),
            format!("--kubeconfig={}", node_kubeconfig(playground).display()),
            // Ours there: the enclosure covers the machine's, and the name is short
            // enough for the sockets that the kubelet makes below it.
            "--root-dir=/var/lib/kubelet".to_owned(),
            format!("--cert-dir={}", place.data("node/kubelet-certificates").display()),
            // A name that resolves, so that the API server reaches it for logs and exec.
            format!("--hostname-override={NODE}"),
        ],
    );
    part.address = format!("127.0.0.1:{}", playground.state.ports.kubelet);
    part.ports = vec![playground.state.ports.kubelet, health_port(playground)];
    part.files = vec![(config, kubelet_config(playground))];
    // The node keeps the condition of the last time for a while, so it is not enough.
    let ready = "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";
    part.probe = Probe::All(vec![
        Probe::Http { port: health_port(playground), path: "/healthz", status: 200 },
        Probe::Prints { program: kubectl_words(playground, &["get", "node", NODE, "--output", ready]), text: "True" },
    ]);
    part
}

/// The API server passes nothing on to a loopback address, so it is asked directly.
fn health_port(playground: &Playground) -> u16 {
    playground.state.ports.kubelet + 1
}

fn kubelet_config(playground: &Playground) -> String {
    let place = &playground.place;
    let config = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": "127.0.0.1",
        "port": playground.state.ports.kubelet,
        "healthzPort": health_port(playground),
        "authentication": {
            "anonymous": {"enabled": false},
            "webhook": {"enabled": true},
            "x509": {"clientCAFile": certificates::folder(place).join("ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        // Another kubelet of the machine ends what it finds in a group of its own.
        "cgroupRoot": playground.cgroup,
        "containerRuntimeEndpoint": format!("unix://{}", containerd_socket(playground).display()),
        "podLogsDir": place.data("node/pod-logs"),
        "volumePluginDir": place.data("node/volume-plugins"),
        "failSwapOn": false,
        "oomScoreAdj": 0,
        "enforceNodeAllocatable": [],
        // The machine's disk may be as full as it likes: nothing is evicted or collected.
        "evictionHard": {},
        "imageGCHighThresholdPercent": 100,
        "localStorageCapacityIsolation": false,
        "serializeImagePulls": false,
    });
    format!("{config:#}\n")
}
