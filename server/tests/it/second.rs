//! A second Slipway on the data folder of another.

use std::{process::Stdio, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout, Command},
};

const PATIENCE: Duration = Duration::from_secs(30);

struct Serving {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Its log.
    log: Lines<BufReader<ChildStderr>>,
    url: String,
}

impl Serving {
    fn start(folder: &TempDir) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let mut child = Command::new(env!("CARGO_BIN_EXE_slipway"))
            .arg("serve")
            .env("SLIPWAY_LISTEN", free.to_string())
            .env("SLIPWAY_DATA_DIR", folder.path())
            .env_remove("SLIPWAY_URL")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program");
        let lines = BufReader::new(child.stdout.take().expect("output")).lines();
        let log = BufReader::new(child.stderr.take().expect("errors")).lines();
        Self { child, lines, log, url: format!("http://{free}") }
    }

    async fn answers(&self, path: &'static str) -> u16 {
        let url = format!("{}{path}", self.url);
        let asked = tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            agent.get(&url).call().expect("an answer").status().as_u16()
        });
        asked.await.expect("it was asked")
    }
}

/// Reads on until a line says this.
async fn reads<R: AsyncRead + Unpin>(lines: &mut Lines<BufReader<R>>, words: &str) {
    let reading = async {
        while let Some(line) = lines.next_line().await.expect("lines") {
            if line.contains(words) {
                return;
            }
        }
        panic!("it ended without {words}");
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("it says so in time");
}

#[tokio::test]
async fn it_says_so_and_waits_and_then_takes_over() {
    let folder = TempDir::new().expect("a folder");
    let mut first = Serving::start(&folder);
    reads(&mut first.lines, "listens on").await;
    let mut second = Serving::start(&folder);
    let number = first.child.id().expect("it runs");
    reads(&mut second.log, &format!("another Slipway (process {number})")).await;
    assert_eq!((second.answers("/healthz").await, second.answers("/readyz").await), (200, 503));
    assert_eq!(first.answers("/readyz").await, 200);
    first.child.kill().await.expect("it can be killed");
    reads(&mut second.lines, "listens on").await;
    assert_eq!(second.answers("/readyz").await, 200);
}
