//! Runs.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("run")
            .col(pk_uuid("id"))
            .col(big_integer("map_id"))
            .col(string("map_name"))
            .col(string("kind"))
            .col(string("trigger"))
            .col(uuid_null("of"))
            .col(string("status"))
            .col(string("requested_by"))
            .col(uuid_null("user_id"))
            .col(text_null("note"))
            .col(string("on_failure"))
            .col(string("plan_hash"))
            .col(boolean("cancel_requested"))
            .col(boolean("undo_triggered"))
            .col(uuid_null("retried_by"))
            .col(uuid_null("undone_by"))
            .col(string_null("reverted_by"))
            .col(big_integer("version"))
            .col(big_integer("created_at"))
            .col(big_integer_null("started_at"))
            .col(big_integer_null("ended_at"))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(Index::create().name("run_status").table("run").col("status").to_owned()).await?;
        manager.create_index(Index::create().name("run_map_name").table("run").col("map_name").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("run").to_owned()).await
    }
}
