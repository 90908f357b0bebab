//! The store as its users see it, on both databases.

mod follow;
mod kill;
mod read;
mod write;

use super::{LogSettings, LogWriter, Logs, Masker};
use migrations::{Migrate as _, Migrator};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;
use types::log::{LogLine, LogStream};
use uuid::Uuid;

/// Which database.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Sqlite,
    Postgres,
}

/// Logs in a database of the test's own.
struct Store {
    logs: Logs,
    db: DatabaseConnection,
    _directory: TempDir,
}

impl Store {
    async fn new(kind: Kind) -> Self {
        Self::with(kind, LogSettings::default()).await
    }

    async fn with(kind: Kind, settings: LogSettings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}/test.db", directory.path().display()),
            Kind::Postgres => crate::testing::postgres::database().await,
        };
        let mut options = ConnectOptions::new(url);
        options.max_connections(8).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
        });
        let db = Database::connect(options).await.expect("a database");
        Migrator::up(&db, None).await.expect("tables");
        Self { logs: Logs::new(db.clone(), settings), db, _directory: directory }
    }

    /// A new log and its writer.
    async fn log(&self) -> (Uuid, LogWriter) {
        let id = Uuid::now_v7();
        self.logs.create(id, Some("builds/web/runs/1")).await.expect("a log");
        let writer = self.logs.open_writer(id, Masker::default()).await.expect("a writer");
        (id, writer)
    }

    /// Another process that sees the same database.
    fn other_process(&self) -> Logs {
        let poll_interval = std::time::Duration::from_millis(5);
        Logs::new(self.db.clone(), LogSettings { poll_interval, ..LogSettings::default() })
    }

    async fn texts(&self, id: Uuid) -> Vec<String> {
        texts(&self.logs.lines_between(id, 1, u64::MAX - 1).await.expect("lines"))
    }
}

async fn out(writer: &LogWriter, text: &str) {
    writer.append(0, LogStream::Stdout, None, text.as_bytes()).await.expect("it is taken");
}

fn texts(lines: &[LogLine]) -> Vec<String> {
    lines.iter().map(|line| line.text.clone()).collect()
}

fn dice(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Lines as a build prints them.
fn build_output(lines: usize, seed: u64) -> String {
    let mut dice = dice(seed);
    let mut text = String::new();
    for n in 0..lines {
        let hash: u32 = dice.random();
        text +=
            &format!("#{} [{}/9] compiling module {:08x} of crate-{}\n", n / 50, n % 9, hash, dice.random_range(0..40));
    }
    text
}
