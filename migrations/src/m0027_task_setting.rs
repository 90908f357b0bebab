//! What a task does otherwise than its map says.

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
            .table("task_setting")
            .col(big_integer("map_id"))
            .col(string("task"))
            .col(string_null("written_form"))
            .col(big_integer_null("deadline_ms"))
            .col(boolean_null("undo_on_deadline"))
            .primary_key(Index::create().col("map_id").col("task"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("task_setting").to_owned()).await
    }
}
