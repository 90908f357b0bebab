//! A PostgreSQL of the tests' own.
//!
//! One server per test process, started by the first test that asks, on a socket in a directory of its own, as a user
//! that is not root; one database per test. A shell stands between: when its standard input closes, since the process
//! has ended in whatever way, it stops the server and removes the directory.

use std::{
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

/// Where Debian keeps the programs that are not on the path.
const DEBIAN: &str = "/usr/lib/postgresql/15/bin";

/// The users under which the server may run where the tests run as root; it refuses to be root.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// How long the server may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);
const START_POLL: Duration = Duration::from_millis(50);

/// What the shell does: `$1` the programs, `$2` the directory.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=200 >"$2/server.log" 2>&1 </dev/null &
cat >/dev/null
kill -QUIT $!
wait
rm -rf "$2"
"#;

struct Server {
    directory: PathBuf,
    user: String,
    /// Held for its standard input.
    _keeper: Child,
}

/// Makes an empty database and returns its URL.
///
/// # Panics
/// If there is no PostgreSQL to start: a test without its counterpart proves nothing.
pub async fn database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::const_new(());
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let _one = STARTING.lock().await;
    if SERVER.get().is_none() {
        let server = start();
        ready(&server).await;
        assert!(SERVER.set(server).is_ok(), "started under a lock");
    }
    let server = SERVER.get().expect("started above");
    let created = sql(server, &format!("CREATE DATABASE {name}"));
    assert!(created, "the database {name} could not be made");
    url(server, &name)
}

fn start() -> Server {
    let programs = if Path::new(DEBIAN).is_dir() { PathBuf::from(DEBIAN) } else { on_path() };
    let directory = tempfile::Builder::new().prefix("slipway-postgres-").tempdir().expect("a directory").keep();
    let owner = owner_other_than_root(&directory);
    let user = owner.as_ref().map_or("slipway", |owner| owner.name.as_str()).to_owned();
    let run = |program: &Path| {
        let mut command = Command::new(program);
        if let Some(owner) = &owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        command.current_dir(&directory);
        command
    };
    let made = run(&programs.join("initdb"))
        .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username", &user, "--pgdata"])
        .arg(directory.join("data"))
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let keeper = run(Path::new("/bin/sh"))
        .args(["-c", KEEPER, "keeper"])
        .args([&programs, &directory])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A terminal's interrupt is for the tests; the keeper follows when they are gone.
        .process_group(0)
        .spawn()
        .expect("a shell runs");
    Server { directory, user, _keeper: keeper }
}

async fn ready(server: &Server) {
    let until = tokio::time::Instant::now() + START;
    while !sql(server, "SELECT 1") {
        assert!(tokio::time::Instant::now() < until, "PostgreSQL does not start, see {}", server.directory.display());
        tokio::time::sleep(START_POLL).await;
    }
}

fn sql(server: &Server, statement: &str) -> bool {
    let output = Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, &url(server, "postgres")])
        .output()
        .expect("psql runs");
    output.status.success()
}

fn url(server: &Server, database: &str) -> String {
    format!("postgres://{}@localhost/{database}?host={}", server.user, server.directory.display())
}

fn on_path() -> PathBuf {
    let found = std::env::var_os("PATH")
        .and_then(|path| std::env::split_paths(&path).find(|folder| folder.join("postgres").exists()));
    found.expect("PostgreSQL is installed")
}

struct Owner {
    name: String,
    uid: u32,
    gid: u32,
}

/// Gives the directory to a user that may run the server; `None` if the tests are not root.
fn owner_other_than_root(directory: &Path) -> Option<Owner> {
    use std::os::unix::fs::MetadataExt;
    let made_by = directory.metadata().expect("the directory is there").uid();
    if made_by != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("users");
    let find = |name: &&str| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Owner { name: (*name).to_owned(), uid, gid })
    };
    let owner = USERS.iter().find_map(find).expect("a user that is not root");
    chown(directory, Some(owner.uid), Some(owner.gid)).expect("root may give it away");
    Some(owner)
}
