//! Logs: one row each; their lines are in `log_chunk`.

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
            .table("log")
            .col(uuid("id").primary_key())
            .col(string_null("owner"))
            .col(big_integer("fence"))
            .col(boolean("held"))
            .col(big_integer("lines"))
            .col(big_integer("bytes"))
            .col(boolean("complete"))
            .col(boolean("packed"))
            .col(string_null("status"))
            .col(big_integer("created_at"))
            .col(big_integer_null("ended_at"))
            .col(big_integer_null("first_at"))
            .col(big_integer_null("last_at"))
            .col(big_integer_null("deleted_at"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("log").to_owned()).await
    }
}
