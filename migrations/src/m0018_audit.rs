//! Who did what, from what to what; no route deletes it.

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
            .table("audit")
            .col(pk_uuid("id"))
            .col(big_integer("at"))
            .col(string("by"))
            .col(string("via"))
            .col(string("action"))
            .col(string("thing"))
            .col(json_null("from_value"))
            .col(json_null("to_value"))
            .col(string_null("address"))
            .col(boolean("refused"))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(Index::create().name("audit_thing").table("audit").col("thing").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("audit").to_owned()).await
    }
}
