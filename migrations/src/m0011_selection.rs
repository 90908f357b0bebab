//! The versions chosen for tasks and not yet run.

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
            .table("selection")
            .col(big_integer("map_id"))
            .col(string("task"))
            .col(json("version"))
            .col(string("by"))
            .col(big_integer("at"))
            .primary_key(Index::create().col("map_id").col("task"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("selection").to_owned()).await
    }
}
