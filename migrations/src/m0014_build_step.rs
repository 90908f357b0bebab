//! Steps of build runs.

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
            .table("build_step")
            .col(uuid("build_run_id"))
            .col(integer("index"))
            .col(string("name"))
            .col(string("kind"))
            .col(string("status"))
            .col(big_integer_null("started_at"))
            .col(big_integer_null("duration_ms"))
            .col(big_integer_null("first_line"))
            .col(big_integer_null("last_line"))
            .col(json_null("failure"))
            .primary_key(Index::create().col("build_run_id").col("index"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("build_step").to_owned()).await
    }
}
