//! The way to the database.

use crate::Error;
use migrations::{Migrate as _, Migrator};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::time::Duration;

/// Connections at once: readers beside the one writer that SQLite allows.
const CONNECTIONS_MAX: u32 = 8;

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// Opens the database and brings its tables up to date.
///
/// SQLite runs in WAL mode with `synchronous=NORMAL`: a kill loses nothing that was committed, a
/// loss of power may lose the last moment.
pub(crate) async fn connect(url: &str) -> Result<DatabaseConnection, Error> {
    let db = open(url).await?;
    Migrator::up(&db, None).await?;
    Ok(db)
}

/// Names of the migrations that have not run yet.
pub(crate) async fn pending(url: &str) -> Result<Vec<String>, Error> {
    let db = open(url).await?;
    let pending = Migrator::get_pending_migrations(&db).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}

async fn open(url: &str) -> Result<DatabaseConnection, Error> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(CONNECTIONS_MAX).min_connections(1).sqlx_logging(false);
    // A connection to a file does not break while it lies idle, and asking it first would double the cost of a read.
    options.test_before_acquire(!url.starts_with("sqlite:"));
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
    });
    Ok(Database::connect(options).await?)
}

/// Begins a transaction that writes.
///
/// On SQLite it takes the write lock at once: a transaction that reads first and writes then would
/// fail with "database is locked" under load, whatever the time-out.
pub(crate) async fn write_tx(db: &DatabaseConnection) -> Result<DatabaseTransaction, Error> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Ok(db.begin_with_options(options).await?)
}
