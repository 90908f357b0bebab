//! `slipway deploy`, the program itself, against the router on a port.

use crate::shop::{PATIENCE, Shop, digest, image};
use axum::Router;
use engine::testing::cluster::{FakeApi, image as image_of};
use std::{net::SocketAddr, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStderr, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

/// A way to the router that can be cut: connections break, and nobody listens until it is mended.
struct Wire {
    address: SocketAddr,
    router: SocketAddr,
    server: JoinHandle<()>,
    way: JoinHandle<()>,
}

impl Wire {
    async fn to(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let inside = listener.local_addr().expect("an address");
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.expect("a server") });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        Self { address, router: inside, server, way: tokio::spawn(carry(listener, inside)) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn cut(&self) {
        self.way.abort();
    }

    async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port");
        self.way = tokio::spawn(carry(listener, self.router));
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.way.abort();
        self.server.abort();
    }
}

/// Carries connections there and back; all break when it is aborted.
async fn carry(listener: TcpListener, to: SocketAddr) {
    let mut carried = tokio::task::JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.expect("a connection");
        carried.spawn(async move {
            let mut far = TcpStream::connect(to).await.expect("the router");
            // Whichever side goes first ends the other.
            tokio::io::copy_bidirectional(&mut near, &mut far).await.ok();
        });
    }
}

/// The program at work.
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it says to people.
    notes: Lines<BufReader<ChildStderr>>,
    said: Vec<String>,
}

impl Program {
    fn start(url: &str, token: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_slipway"))
            .arg("deploy")
            .args(["--map", "shop"])
            .args(arguments)
            .env("SLIPWAY_URL", url)
            .env("SLIPWAY_TOKEN", token)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program");
        let lines = BufReader::new(child.stdout.take().expect("output")).lines();
        let notes = BufReader::new(child.stderr.take().expect("errors")).lines();
        Self { child, lines, notes, said: Vec::new() }
    }

    /// Reads on until a line says this.
    async fn says(&mut self, words: &str) {
        let reading = async {
            while let Some(line) = self.lines.next_line().await.expect("lines") {
                let found = line.contains(words);
                self.said.push(line);
                if found {
                    return;
                }
            }
            panic!("it ended without {words}: {:#?}", self.said);
        };
        timeout(PATIENCE, reading).await.expect("it says so in time");
    }

    /// Reads on until it says this to people.
    async fn notes(&mut self, words: &str) {
        let reading = async {
            while let Some(line) = self.notes.next_line().await.expect("lines") {
                if line.contains(words) {
                    return;
                }
            }
            panic!("it ended without {words}");
        };
        timeout(PATIENCE, reading).await.expect("it says so in time");
    }

    /// Its exit status, what it printed, and what it said to people.
    async fn ends(mut self) -> (i32, String, String) {
        let reading = async {
            while let Some(line) = self.lines.next_line().await.expect("lines") {
                self.said.push(line);
            }
            let mut notes = Vec::new();
            while let Some(line) = self.notes.next_line().await.expect("lines") {
                notes.push(line);
            }
            let status = self.child.wait().await.expect("an end");
            (status.code().expect("a status"), notes.join("\n"))
        };
        let (status, errors) = timeout(PATIENCE, reading).await.expect("it ends in time");
        (status, self.said.join("\n"), errors)
    }
}

async fn deploy(shop: &Shop, arguments: &[&str]) -> (i32, String, String) {
    let wire = Wire::to(shop.app.router()).await;
    Program::start(&wire.url(), shop.app.token(), arguments).ends().await
}

fn web(letter: &str) -> String {
    format!("deployment/web/app=digest:{}", digest(letter))
}

fn runs(api: &FakeApi) -> String {
    image_of(api, "web")
}

#[tokio::test]
async fn what_succeeds_is_told_line_by_line_and_ends_with_0() {
    let shop = Shop::open().await;
    let (status, said, errors) = deploy(&shop, &[&web("b"), "--wait", "--note", "release 42"]).await;
    assert_eq!(status, 0, "{said}\n{errors}");
    assert!(said.contains("deployment/web/app") && said.contains("succeeded, proven: 1 of 1 pods"), "{said}");
    assert_eq!(runs(&shop.api), image("b"));
    let run = shop.app.get("/api/v1/runs").await.json()["items"][0].clone();
    assert_eq!((&run["note"], &run["trigger"]), (&"release 42".into(), &"token".into()));
    // Once more nothing is to be done, and that is a success too.
    let (status, said, _) = deploy(&shop, &[&web("b"), "--expect", "succeeded"]).await;
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("skipped (same_version)"), "{said}");
}

#[tokio::test]
async fn what_fails_ends_with_1_and_says_why() {
    let shop = Shop::open().await;
    let crash = "deployment/web/app=tag:crash";
    let (status, said, errors) = deploy(&shop, &[crash, "--wait", "--on-failure", "undo"]).await;
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("(crash_loop)") && errors.contains("undone"), "{said}\n{errors}");
    assert_eq!(runs(&shop.api), image("a"));
}

#[tokio::test]
async fn a_plan_says_what_would_happen_and_does_nothing() {
    let shop = Shop::open().await;
    let (status, said, _) = deploy(&shop, &[&web("b"), "--plan"]).await;
    assert_eq!(status, 0, "{said}");
    assert!(said.contains(&format!("{} -> {}", image("a"), image("b"))) && said.contains("1 of 1 would run"), "{said}");
    shop.app.post("/api/v1/freezes", &serde_json::json!({"reason": "the fair"})).await;
    let (status, said, _) = deploy(&shop, &[&web("b"), "--plan"]).await;
    assert_eq!(status, 1);
    assert!(said.contains("blocked (frozen)"), "{said}");
    let (status, _, errors) = deploy(&shop, &[&web("b"), "--wait"]).await;
    assert_eq!(status, 1);
    assert!(errors.contains("the fair") && errors.contains("(blocked)"), "{errors}");
    assert_eq!((shop.api.patches("web"), runs(&shop.api)), (0, image("a")));
}

#[tokio::test]
async fn wrong_use_ends_with_2() {
    let shop = Shop::open().await;
    let wire = Wire::to(shop.app.router()).await;
    for (token, arguments, words) in [
        (shop.app.token(), vec!["deployment/web/app=1.27"], "tag:TAG"),
        (shop.app.token(), vec!["deployment/web/app=latest"], "not_built"),
        (shop.app.token(), vec!["deployment/none/app=tag:1", "--map", "other"], "--map"),
        ("slw_wrong", vec!["deployment/web/app=tag:1"], "unauthenticated"),
    ] {
        let (status, said, errors) = Program::start(&wire.url(), token, &arguments).ends().await;
        assert_eq!(status, 2, "{said}\n{errors}");
        assert!(errors.contains(words), "{words}: {errors}");
    }
}

#[tokio::test]
async fn what_is_not_known_in_time_ends_with_3() {
    let shop = Shop::open().await;
    let stuck = ["deployment/web/app=tag:stuck", "--wait", "--timeout", "2s"];
    let (status, said, errors) = deploy(&shop, &stuck).await;
    assert_eq!(status, 3, "{said}\n{errors}");
    assert!(errors.contains("it goes on"), "{errors}");
    let nobody = "http://127.0.0.1:1";
    let arguments = ["deployment/web/app=tag:1", "--timeout", "2s"];
    let (status, _, errors) = Program::start(nobody, shop.app.token(), &arguments).ends().await;
    assert_eq!(status, 3);
    assert!(errors.contains("trying again"), "{errors}");
}

#[tokio::test]
async fn a_server_that_is_not_up_yet_is_waited_for() {
    let shop = Shop::open().await;
    let mut wire = Wire::to(shop.app.router()).await;
    wire.cut();
    let mut program = Program::start(&wire.url(), shop.app.token(), &[&web("b"), "--wait"]);
    program.notes("trying again").await;
    wire.mend().await;
    let (status, said, errors) = program.ends().await;
    assert_eq!(status, 0, "{said}\n{errors}");
    assert_eq!((shop.api.patches("web"), runs(&shop.api)), (1, image("b")));
}

#[tokio::test]
async fn a_cut_connection_and_a_restart_lose_nothing() {
    let shop = Shop::open().await;
    let mut wire = Wire::to(shop.app.router()).await;
    let arguments = ["deployment/web/app=tag:stuck", "--wait"];
    let mut program = Program::start(&wire.url(), shop.app.token(), &arguments);
    program.says("rolling").await;
    wire.cut();
    let id = shop.app.get("/api/v1/runs").await.json()["items"][0]["id"].as_str().expect("an id").to_owned();
    let canceled = shop.app.post(&format!("/api/v1/runs/{id}/cancel"), &serde_json::json!({"rollback": true})).await;
    assert_eq!(canceled.status, 202, "{}", canceled.text);
    wire.mend().await;
    let (status, said, errors) = program.ends().await;
    assert_eq!(status, 1, "{said}");
    assert!(errors.contains("undone") && said.contains("undone"), "it saw how the run ended: {said}\n{errors}");
}

#[tokio::test]
async fn the_same_key_starts_one_run() {
    let shop = Shop::open().await;
    let arguments = [&web("b"), "--wait", "--idempotency-key", "job-4711"];
    for _ in 0..2 {
        let (status, said, errors) = deploy(&shop, &arguments).await;
        assert_eq!(status, 0, "{said}\n{errors}");
    }
    let runs = shop.app.get("/api/v1/runs").await.json();
    assert_eq!(runs["items"].as_array().map(Vec::len), Some(1));
    let (status, _, errors) = deploy(&shop, &[&web("c"), "--idempotency-key", "job-4711"]).await;
    assert_eq!(status, 2);
    assert!(errors.contains("idempotency_mismatch"), "{errors}");
}
