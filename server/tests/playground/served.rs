//! A Slipway of the test's own, with a database of its own, which may be killed at any moment.

use crate::{
    ground::setting,
    patience::until,
    slipway::{Slipway, list, text},
};
use serde_json::json;
use std::{
    fs::{self, File},
    io::Write,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// It takes a second or two, more on a machine that does much else.
const READY_WITHIN: Duration = Duration::from_secs(30);

const USER: &str = "mina";

pub(crate) struct Served {
    pub(crate) slipway: Slipway,
    data: TempDir,
    listen: String,
    settings: &'static [(&'static str, &'static str)],
    child: Option<Child>,
}

impl Served {
    /// Started, and told of the playground's cluster, registry and engine.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Started with settings of the environment.
    pub(crate) fn start_with(settings: &'static [(&'static str, &'static str)]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let data = TempDir::new().expect("a folder");
        let url = format!("http://{free}");
        let mut served = Self { slipway: Slipway::at(&url, ""), data, listen: free.to_string(), settings, child: None };
        served.add_user();
        served.slipway.token = served.make_token();
        served.start_again();
        served.connect();
        served
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SLIPWAY_")) {
            command.env_remove(name);
        }
        command.args(words).envs([
            ("SLIPWAY_LISTEN", self.listen.as_str()),
            ("SLIPWAY_URL", &self.slipway.url),
            ("SLIPWAY_GIT_FILE_ROOT", &setting("SLIPWAY_GIT_FILE_ROOT")),
            // What a test calls is on this machine.
            ("SLIPWAY_EGRESS_ALLOW", "127.0.0.1"),
        ]);
        command.env("SLIPWAY_DATA_DIR", self.data.path()).envs(self.settings.iter().copied());
        command
    }

    fn add_user(&self) {
        let mut add = self.command(&["user", "add", USER, "--role", "admin", "--password-stdin"]);
        let mut child = add.stdin(Stdio::piped()).spawn().expect("Slipway starts");
        let mut input = child.stdin.take().expect("the input was asked for");
        writeln!(input, "correct horse battery").expect("it reads");
        drop(input);
        assert!(child.wait().expect("it ends").success(), "no user was made");
    }

    fn make_token(&self) -> String {
        let printed = crate::ground::output(&mut self.command(&["token", "create", "test", "--user", USER]));
        printed.trim().to_owned()
    }

    fn connect(&self) {
        let found = self.slipway.read("/clusters/discovered");
        let context = text(&list(&found["items"])[0]["context"]).to_owned();
        let registry = setting("REGISTRY");
        let post = |path: &str, body| self.slipway.post(path, &body).is(201);
        post("/clusters", json!({"name": "local", "discovered": context}));
        post("/registries", json!({"name": "local", "url": format!("http://{registry}")}));
        post("/engines", json!({"name": "local", "type": "docker", "url": setting("DOCKER_HOST")}));
    }

    /// Starts it on the data that it has, and waits until it is ready.
    pub(crate) fn start_again(&mut self) {
        let log = File::options().create(true).append(true).open(self.log()).expect("a log");
        let mut serve = self.command(&["serve"]);
        serve.stdout(log.try_clone().expect("a log")).stderr(log);
        let mut child = serve.spawn().expect("Slipway starts");
        until(READY_WITHIN, "Slipway is ready", || {
            let ended = child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "Slipway ended with {ended:?}");
            let answer = self.slipway.agent.get(format!("{}/readyz", self.slipway.url)).call();
            answer.is_ok_and(|answer| answer.status() == 200).then_some(())
        });
        self.child = Some(child);
    }

    /// `kill -9`: it has no time for anything.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }

    /// Folders of build runs that are there, which is only while they run.
    pub(crate) fn work_folders(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.data.path().join("work")) else { return Vec::new() };
        entries.flatten().map(|entry| entry.path()).collect()
    }

    fn log(&self) -> PathBuf {
        self.data.path().join("slipway.log")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().and_then(|()| child.wait()).map(drop).unwrap_or_else(|why| eprintln!("{why}"));
        }
        if std::thread::panicking() {
            let said = fs::read_to_string(self.log()).unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(40).collect();
            eprintln!("its log ends with:");
            last.iter().rev().for_each(|line| eprintln!("  {line}"));
        }
    }
}
