//! The store of logs, measured: `cargo bench -p engine --bench logs`.
//!
//! Prints what it took; the targets stand beside it. One seeded log of a million lines, as a build prints them.

#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails has nothing better to say")]

use engine::logs::{FollowEvent, LogSettings, LogWriter, Logs, Masker};
use flate2::{Compression, write::GzEncoder};
use migrations::{Migrate as _, Migrator};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::{
    fmt::Write as _,
    io::Write as _,
    time::{Duration, Instant},
};
use types::log::LogStream;
use uuid::Uuid;

const LINES: usize = 1_000_000;
const SEED: u64 = 41;
/// As an engine hands it over.
const PIECE: usize = 32 * 1024;
const WINDOWS: usize = 500;
const TRICKLED: usize = 1_000;
const FOLLOWERS: usize = 1_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let text = build_log(LINES);
    println!("{} lines, {:.1} MB, gzip -6 {:.3} of it", LINES, text.len() as f64 / 1e6, gzip(&text));
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let db = connect(&format!("sqlite://{}/bench.db", directory.path().display())).await;
        let logs = Logs::new(db.clone(), LogSettings::default());
        let id = throughput(&logs, &db, &text).await;
        windows(&logs, id).await;
        latency(&logs, 1).await;
        latency(&logs, FOLLOWERS).await;
    });
}

async fn throughput(logs: &Logs, db: &DatabaseConnection, text: &str) -> Uuid {
    let secrets = ["hunter22-of-the-registry", "ghp_0123456789abcdefghijklmnopqrstuvwxyz", "a b/c=d&e"];
    let mut id = Uuid::nil();
    for (what, masker) in [("with secrets", Masker::new(secrets)), ("without", Masker::default())] {
        let base = used(db).await;
        let writer;
        (id, writer) = open(logs, masker).await;
        let start = Instant::now();
        for piece in text.as_bytes().chunks(PIECE) {
            writer.append(0, LogStream::Stdout, None, piece).await.unwrap();
        }
        writer.flush().await.unwrap();
        let stored = start.elapsed();
        let running = (used(db).await - base) / text.len() as f64;
        writer.close("succeeded").await.unwrap();
        let start = Instant::now();
        logs.tidy().await.unwrap();
        let packed = (used(db).await - base) / text.len() as f64;
        println!("appended to stored, {what}: {:.2} s (at most 2.0)", stored.as_secs_f64());
        println!(
            "size: {running:.3} while running (at most 0.28), {packed:.3} after (at most 0.235), packed in {:.1} s",
            start.elapsed().as_secs_f64()
        );
    }
    id
}

async fn windows(logs: &Logs, id: Uuid) {
    let mut dice = StdRng::seed_from_u64(SEED);
    let mut times = Vec::new();
    for _ in 0..WINDOWS {
        let from = dice.random_range(1..LINES as i64);
        let start = Instant::now();
        logs.window(id, from, 200).await.unwrap();
        times.push(start.elapsed());
    }
    println!("window of 200 lines anywhere: {} (p99 at most 20 ms)", quantiles(times));
}

/// A line every 5 ms; how long until each follower has it.
async fn latency(logs: &Logs, followers: usize) {
    let (id, writer) = open(logs, Masker::default()).await;
    let began = Instant::now();
    let readers: Vec<_> = (0..followers)
        .map(|_| {
            let logs = logs.clone();
            tokio::spawn(async move {
                let mut follower = logs.follow(id, 0).await.unwrap();
                let mut times = Vec::new();
                while let Some(event) = follower.next().await.unwrap() {
                    if let FollowEvent::Lines(batch) = event {
                        let now = began.elapsed();
                        std::hint::black_box(batch.frame());
                        let sent = |text: &str| Duration::from_micros(text.parse().unwrap());
                        times.extend(batch.lines().iter().map(|line| now.saturating_sub(sent(&line.text))));
                    }
                }
                times
            })
        })
        .collect();
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..TRICKLED {
        tick.tick().await;
        let line = format!("{}\n", began.elapsed().as_micros());
        writer.append(0, LogStream::Stdout, None, line.as_bytes()).await.unwrap();
    }
    writer.close("succeeded").await.unwrap();
    let mut times = Vec::new();
    for reader in readers {
        times.extend(reader.await.unwrap());
    }
    println!("appended to a follower, {followers} of them: {} (p50 at most 10 ms, p99 50)", quantiles(times));
}

async fn open(logs: &Logs, masker: Masker) -> (Uuid, LogWriter) {
    let id = Uuid::now_v7();
    logs.create(id, None).await.unwrap();
    let writer = logs.open_writer(id, masker).await.unwrap();
    (id, writer)
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(8).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal)
    });
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    db
}

/// Bytes of the pages in use.
async fn used(db: &DatabaseConnection) -> f64 {
    let mut pages = Vec::new();
    for pragma in ["page_count", "freelist_count", "page_size"] {
        let row = db
            .query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), format!("PRAGMA {pragma}")))
            .await;
        pages.push(row.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap());
    }
    ((pages[0] - pages[1]) * pages[2]) as f64
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("p50 {:.1?}, p99 {:.1?}", at(0.5), at(0.99))
}

fn gzip(text: &str) -> f64 {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap().len() as f64 / text.len() as f64
}

/// Compilers, package managers, tests and requests, about 93 bytes a line.
fn build_log(lines: usize) -> String {
    let mut dice = StdRng::seed_from_u64(SEED);
    let names: Vec<String> = (0..800).map(|_| name(&mut dice)).collect();
    let mut text = String::with_capacity(lines * 95);
    for n in 0..lines {
        let [a, b, c] = std::array::from_fn(|_| names.choose(&mut dice).unwrap());
        let (x, y): (u32, u64) = (dice.random(), dice.random());
        let written = match dice.random_range(0..6) {
            0 => writeln!(
                text,
                "#{} {}.{:03} Get:{} http://deb.example.org/debian bookworm/main amd64 {a} amd64 {}.{}-{} [{} kB]",
                n / 5000,
                n / 400,
                n % 1000,
                n % 97,
                x % 9,
                x % 31,
                x % 5,
                y % 9000
            ),
            1 => writeln!(
                text,
                "\u{1b}[32m   Compiling\u{1b}[0m {a}-{b} v{}.{}.{} (/workspace/crates/{c}/{a}-{b})",
                x % 4,
                x % 23,
                y % 19
            ),
            2 => writeln!(
                text,
                "2026-11-25T02:{:02}:{:02}.{:06}Z  INFO {a}::{b}: request finished path=/api/{c}/{} status=200 took={}us",
                n / 60000 % 60,
                n / 1000 % 60,
                y % 1_000_000,
                x % 5000,
                y % 80_000
            ),
            3 => writeln!(
                text,
                "test {a}::{b}::tests::{c}_{}_returns_{b} ... \u{1b}[32mok\u{1b}[0m ({}.{:03}s)",
                x % 50,
                x % 2,
                y % 1000
            ),
            4 => writeln!(
                text,
                "Step {}/{} : COPY --from=build /out/{a}/{b}.so /usr/lib/{c}/lib{a}.so.{} --> {:012x}",
                n % 40,
                40,
                x % 7,
                y & 0xffff_ffff_ffff
            ),
            _ => writeln!(
                text,
                "npm http fetch GET 200 https://registry.npmjs.example/{a}-{b}/-/{c}-{}.{}.{}.tgz {}ms (cache miss)",
                x % 9,
                y % 40,
                y % 17,
                x % 900
            ),
        };
        written.unwrap();
    }
    text
}

fn name(dice: &mut StdRng) -> String {
    let syllables =
        ["ser", "to", "kio", "run", "lib", "net", "core", "map", "hy", "per", "log", "ing", "util", "a", "re", "st"];
    (0..dice.random_range(2..5)).map(|_| *syllables.choose(dice).unwrap()).collect()
}
