//! The database, one table per file.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

mod m0005_log;
mod m0006_log_chunk;

pub use sea_orm_migration::MigratorTrait as Migrate;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0005_log::Migration), Box::new(m0006_log_chunk::Migration)]
    }
}
