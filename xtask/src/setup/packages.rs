//! What Debian packages, found by a file of each: looking is a matter of
//! milliseconds where asking the package manager takes half a second.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{INSTEAD, Purpose};
use crate::{command, say};

/// A package, and the file that says it is there.
struct Package {
    name: &'static str,
    proof: Proof,
    tests_only: bool,
}

enum Proof {
    File(&'static str),
    /// Any program of that name will do, wherever it came from.
    Program(&'static str),
}

const fn file(name: &'static str, path: &'static str) -> Package {
    Package { name, proof: Proof::File(path), tests_only: false }
}

const fn program(name: &'static str, program: &'static str) -> Package {
    Package { name, proof: Proof::Program(program), tests_only: false }
}

const fn for_tests(package: Package) -> Package {
    Package { tests_only: true, ..package }
}

const PACKAGES: &[Package] = &[
    file("docker.io", "/usr/sbin/dockerd"),
    file("docker-registry", "/usr/bin/docker-registry"),
    file("etcd-server", "/usr/bin/etcd"),
    file("containerd", "/usr/bin/containerd"),
    file("runc", "/usr/sbin/runc"),
    file("containernetworking-plugins", "/usr/lib/cni/bridge"),
    // The other package of that name is not static, and runs in no empty image.
    file("busybox-static", "/usr/share/doc/busybox-static"),
    program("iptables", "iptables"),
    program("iproute2", "ip"),
    program("apache2-utils", "htpasswd"),
    file("openssh-server", "/usr/sbin/sshd"),
    program("git", "git"),
    program("kubernetes-client", "kubectl"),
    program("nodejs", "node"),
    program("npm", "npm"),
    for_tests(program("skopeo", "skopeo")),
    // A second engine.
    for_tests(program("podman", "podman")),
    // What transfers are tested with, beside the playground's own server of files.
    for_tests(file("vsftpd", "/usr/sbin/vsftpd")),
    for_tests(file("chromium", "/usr/bin/chromium")),
    for_tests(file("postgresql", "/usr/lib/postgresql/15/bin/postgres")),
];

pub(super) fn install(purpose: Purpose) -> Result<()> {
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|package| !package.tests_only || purpose == Purpose::Test)
        .filter(|package| !package.proof.holds())
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    fetch(&missing)
}

impl Proof {
    fn holds(&self) -> bool {
        match self {
            Proof::File(path) => Path::new(path).exists(),
            Proof::Program(name) => command::on_path(name).is_some(),
        }
    }
}

/// Installs packages by name; the lists are brought up to date only when the
/// ones at hand do not lead to the packages.
pub(super) fn fetch(names: &[&str]) -> Result<()> {
    let wanted = names.join(" ");
    if command::on_path("apt-get").is_none() {
        bail!("this is not Debian, and {wanted} are missing: install them by hand; {INSTEAD}");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("only root can install {wanted}: become root once for `cargo xtask setup`; {INSTEAD}");
    }
    let phase = say::phase(format_args!("installing {wanted}"), "under a minute");
    let _guard = NoServices::declare()?;
    if apt(&install_words(names)).is_err() {
        say::line("bringing the package lists up to date first");
        apt(&["update"])?;
        apt(&install_words(names)).with_context(|| format!("cannot install {wanted}; {INSTEAD}"))?;
    }
    phase.done();
    Ok(())
}

fn install_words<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["install", "--yes", "--no-install-recommends"];
    words.extend(names);
    words
}

fn apt(words: &[&str]) -> Result<()> {
    let mut apt = Command::new("apt-get");
    // Another installation may hold the lock; it ends some time.
    apt.args(["-qq", "-o", "DPkg::Lock::Timeout=600"]).args(words);
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    command::output(&mut apt).map(drop)
}

/// Debian starts the services of what it installs unless this file says no.
struct NoServices {
    ours: bool,
}

impl NoServices {
    const POLICY: &str = "/usr/sbin/policy-rc.d";

    fn declare() -> Result<Self> {
        if Path::new(Self::POLICY).exists() {
            return Ok(Self { ours: false });
        }
        fs::write(Self::POLICY, "#!/bin/sh\nexit 101\n")?;
        fs::set_permissions(Self::POLICY, Permissions::from_mode(0o755))?;
        Ok(Self { ours: true })
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.ours && fs::remove_file(Self::POLICY).is_err() {
            say::line(format_args!("{} could not be removed: services stay off", Self::POLICY));
        }
    }
}
