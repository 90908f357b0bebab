//! A dockerd of the test's own, which shares nothing with others of the machine but the program.

use crate::patience::until;
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// It takes a second or two, more on a machine that does much else.
const READY_WITHIN: Duration = Duration::from_secs(60);

pub(crate) struct Dockerd {
    child: Child,
    folder: TempDir,
    address: String,
}

impl Dockerd {
    /// Started with these settings and all its files in a folder, which goes with it.
    pub(crate) fn start(folder: TempDir, address: &str, mut settings: Value) -> Self {
        let at = |name: &str| folder.path().join(name);
        let own = json!({
            "hosts": [address], "data-root": at("data"), "exec-root": at("run"), "pidfile": at("pid"),
            "deprecated-key-path": at("id"), "bridge": "none", "iptables": false, "ip-masq": false,
        });
        let settings = settings.as_object_mut().expect("settings by name");
        settings.extend(own.as_object().expect("settings by name").clone());
        fs::write(at("daemon.json"), Value::from(settings.clone()).to_string()).expect("a file");
        let child = spawn(&folder);
        let mut dockerd = Self { child, folder, address: address.to_owned() };
        dockerd.wait();
        dockerd
    }

    /// Asked to end, it ends what it runs, and its containerd; then it is started on what it has.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.child = spawn(&self.folder);
        self.wait();
    }

    fn wait(&mut self) {
        until(READY_WITHIN, "dockerd listens", || {
            let ended = self.child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "dockerd ended with {ended:?}");
            let said = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            said.contains(&format!("API listen on {}", self.address.split_once("//")?.1)).then_some(())
        });
    }

    fn stop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        asked.and_then(|_| self.child.wait()).map(drop).unwrap_or_else(|why| eprintln!("{why}"));
    }
}

/// What it mounts is seen by nobody else and goes with it.
fn spawn(folder: &TempDir) -> Child {
    let log = File::create(folder.path().join("log")).expect("a log");
    Command::new("unshare")
        .args(["--mount", "/usr/sbin/dockerd", "--config-file"])
        .arg(folder.path().join("daemon.json"))
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("dockerd starts")
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            let said = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("dockerd said:\n{said}");
        }
    }
}
