//! The control plane: etcd, the API server, the controllers, the scheduler.

use std::path::PathBuf;

use super::{NODE, admin_kubeconfig, certificates, kubectl_words};
use crate::playground::Playground;
use crate::playground::part::Part;
use crate::playground::probe::Probe;

const ETCD: &str = "/usr/bin/etcd";

pub(crate) fn etcd(playground: &Playground) -> Part {
    let ports = &playground.state.ports;
    let clients = format!("http://127.0.0.1:{}", ports.etcd);
    let peers = format!("http://127.0.0.1:{}", ports.etcd_peers);
    Part {
        name: "etcd",
        address: format!("127.0.0.1:{}", ports.etcd),
        ports: vec![ports.etcd, ports.etcd_peers],
        program: PathBuf::from(ETCD),
        arguments: vec![
            format!("--data-dir={}", playground.place.data("kubernetes/etcd").display()),
            format!("--listen-client-urls={clients}"),
            format!("--advertise-client-urls={clients}"),
            format!("--listen-peer-urls={peers}"),
            format!("--initial-advertise-peer-urls={peers}"),
            format!("--initial-cluster=default={peers}"),
            "--logger=zap".to_owned(),
            "--log-level=warn".to_owned(),
        ],
        files: Vec::new(),
        leftovers: Vec::new(),
        probe: Probe::Http { port: ports.etcd, path: "/health", status: 200 },
    }
}

pub(crate) fn apiserver(playground: &Playground) -> Part {
    let ports = &playground.state.ports;
    let certificate = |name: &str| certificates::folder(&playground.place).join(name).display().to_string();
    let probe = kubectl_words(playground, &["get", "--raw", "/readyz"]);
    component(
        playground,
        "apiserver",
        "kube-apiserver",
        vec![
            format!("--etcd-servers=http://127.0.0.1:{}", ports.etcd),
            format!("--secure-port={}", ports.apiserver),
            "--bind-address=127.0.0.1".to_owned(),
            "--advertise-address=127.0.0.1".to_owned(),
            format!("--tls-cert-file={}", certificate("apiserver.crt")),
            format!("--tls-private-key-file={}", certificate("apiserver.key")),
            format!("--client-ca-file={}", certificate("ca.crt")),
            format!("--kubelet-client-certificate={}", certificate("admin.crt")),
            format!("--kubelet-client-key={}", certificate("admin.key")),
            format!("--service-account-key-file={}", certificate("service-accounts.pub")),
            format!("--service-account-signing-key-file={}", certificate("service-accounts.key")),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--allow-privileged=true".to_owned(),
            // The address is a loopback one, which no endpoint may have.
            "--endpoint-reconciler-type=none".to_owned(),
            "--kubelet-preferred-address-types=Hostname".to_owned(),
            // Lists as streams need an etcd that tells how far a watch has come: Debian's does not, and whoever asks
            // for them is refused only after a while.
            "--feature-gates=WatchList=false".to_owned(),
        ],
    )
    .at(ports.apiserver, Probe::Prints { program: probe, text: "ok" })
}

/// Both act as the administrator: who may do what is not what is played here.
pub(crate) fn controllers(playground: &Playground) -> Part {
    let certificate = |name: &str| certificates::folder(&playground.place).join(name).display().to_string();
    component(
        playground,
        "controllers",
        "kube-controller-manager",
        vec![
            format!("--kubeconfig={}", admin_kubeconfig(playground).display()),
            format!("--service-account-private-key-file={}", certificate("service-accounts.key")),
            format!("--root-ca-file={}", certificate("ca.crt")),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
        ],
    )
}

pub(crate) fn scheduler(playground: &Playground) -> Part {
    component(
        playground,
        "scheduler",
        "kube-scheduler",
        vec![
            format!("--kubeconfig={}", admin_kubeconfig(playground).display()),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
        ],
    )
}

pub(super) fn component(playground: &Playground, name: &'static str, component: &str, flags: Vec<String>) -> Part {
    let mut arguments = vec![component.to_owned()];
    arguments.extend(flags);
    Part {
        name,
        address: NODE.to_owned(),
        ports: Vec::new(),
        program: playground.components.clone(),
        arguments,
        files: Vec::new(),
        leftovers: Vec::new(),
        probe: Probe::Alive,
    }
}

impl Part {
    fn at(mut self, port: u16, probe: Probe) -> Self {
        self.address = format!("https://127.0.0.1:{port}");
        self.ports = vec![port];
        self.probe = probe;
        self
    }
}
