//! Times in which maps take no runs.

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
            .table("freeze")
            .col(pk_uuid("id"))
            // Names of maps; null: all of them.
            .col(json_null("maps"))
            .col(big_integer("from_at"))
            .col(big_integer_null("until_at"))
            .col(text("reason"))
            .col(string("by"))
            .col(big_integer("at"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("freeze").to_owned()).await
    }
}
