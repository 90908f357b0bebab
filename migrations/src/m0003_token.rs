//! API tokens; the secret itself is not kept, only its hash.

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
            .table("token")
            .col(pk_uuid("id"))
            .col(string("name"))
            .col(string("prefix"))
            .col(string_uniq("hash"))
            .col(uuid("user_id"))
            .col(json("scopes"))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .col(big_integer_null("used_at"))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(Index::create().name("token_user_id").table("token").col("user_id").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("token").to_owned()).await
    }
}
