//! The database, one table per file; every migration is valid for SQLite and PostgreSQL.
//!
//! Times are milliseconds since the epoch in `BIGINT`: both databases store and sort them alike.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

mod m0001_user;
mod m0002_session;
mod m0003_token;
mod m0004_link;
mod m0005_log;
mod m0006_log_chunk;
mod m0007_cluster;
mod m0008_registry;
mod m0009_build_engine;
mod m0010_service_map;
mod m0011_selection;
mod m0012_build;
mod m0013_build_run;
mod m0014_build_step;
mod m0015_run;
mod m0016_run_item;
mod m0017_idempotency;
mod m0018_audit;
mod m0019_sign_in_try;
mod m0020_hold;
mod m0021_history;
mod m0022_way_back;
mod m0023_plan;
mod m0024_freeze;
mod m0025_selection_seen;
mod m0026_history_open;
mod m0027_task_setting;
mod m0028_lease;
mod m0029_secret;
mod m0030_build_params;
mod m0031_step_outputs;
mod m0032_installation;
mod m0033_image_facts;
mod m0034_prune;
mod m0035_repeat;
mod m0036_registry_kind;

pub use sea_orm_migration::MigratorTrait as Migrate;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_user::Migration),
            Box::new(m0002_session::Migration),
            Box::new(m0003_token::Migration),
            Box::new(m0004_link::Migration),
            Box::new(m0005_log::Migration),
            Box::new(m0006_log_chunk::Migration),
            Box::new(m0007_cluster::Migration),
            Box::new(m0008_registry::Migration),
            Box::new(m0009_build_engine::Migration),
            Box::new(m0010_service_map::Migration),
            Box::new(m0011_selection::Migration),
            Box::new(m0012_build::Migration),
            Box::new(m0013_build_run::Migration),
            Box::new(m0014_build_step::Migration),
            Box::new(m0015_run::Migration),
            Box::new(m0016_run_item::Migration),
            Box::new(m0017_idempotency::Migration),
            Box::new(m0018_audit::Migration),
            Box::new(m0019_sign_in_try::Migration),
            Box::new(m0020_hold::Migration),
            Box::new(m0021_history::Migration),
            Box::new(m0022_way_back::Migration),
            Box::new(m0023_plan::Migration),
            Box::new(m0024_freeze::Migration),
            Box::new(m0025_selection_seen::Migration),
            Box::new(m0026_history_open::Migration),
            Box::new(m0027_task_setting::Migration),
            Box::new(m0028_lease::Migration),
            Box::new(m0029_secret::Migration),
            Box::new(m0030_build_params::Migration),
            Box::new(m0031_step_outputs::Migration),
            Box::new(m0032_installation::Migration),
            Box::new(m0033_image_facts::Migration),
            Box::new(m0034_prune::Migration),
            Box::new(m0035_repeat::Migration),
            Box::new(m0036_registry_kind::Migration),
        ]
    }
}
