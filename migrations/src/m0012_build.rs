//! Builds with their flow.

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
            .table("build")
            .col(big_pk_auto("id"))
            .col(string_uniq("name"))
            .col(text_null("description"))
            .col(big_integer("registry_id"))
            .col(string("repository"))
            .col(big_integer("engine_id"))
            .col(json("tag_rule"))
            .col(integer("max_parallel"))
            .col(big_integer("time_limit_ms"))
            .col(json("steps"))
            .col(integer("last_number"))
            .col(big_integer("sequence"))
            .col(big_integer("revision"))
            .col(big_integer("created_at"))
            .to_owned();
        manager.create_table(table).await?;
        manager
            .create_index(Index::create().name("build_engine_id").table("build").col("engine_id").to_owned())
            .await?;
        // One repository belongs to one build: it decides which image is a built one.
        let unique =
            Index::create().name("build_image").table("build").col("registry_id").col("repository").unique().to_owned();
        manager.create_index(unique).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("build").to_owned()).await
    }
}
