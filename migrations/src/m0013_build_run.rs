//! Build runs, each with its own copy of the flow.

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
            .table("build_run")
            .col(pk_uuid("id"))
            .col(big_integer("build_id"))
            .col(string("build_name"))
            .col(integer("number"))
            .col(string("kind"))
            .col(string("status"))
            .col(string_null("reason"))
            .col(string_null("tag"))
            .col(string("repository"))
            .col(string_null("digest"))
            .col(big_integer_null("size_bytes"))
            .col(json("platforms"))
            .col(string_null("commit"))
            .col(string_null("reference"))
            .col(json("params"))
            .col(json("flow"))
            .col(text_null("note"))
            .col(boolean("rejected"))
            .col(boolean("image_gone"))
            .col(string("requested_by"))
            .col(big_integer("engine_id"))
            .col(string("engine_name"))
            .col(big_integer("registry_id"))
            .col(json_null("failure"))
            .col(boolean("cancel_requested"))
            .col(integer("restarts"))
            .col(big_integer("created_at"))
            .col(big_integer_null("started_at"))
            .col(big_integer_null("ended_at"))
            .col(big_integer_null("duration_ms"))
            .to_owned();
        manager.create_table(table).await?;
        manager
            .create_index(Index::create().name("build_run_status").table("build_run").col("status").to_owned())
            .await?;
        let unique = Index::create()
            .name("build_run_number")
            .table("build_run")
            .col("build_id")
            .col("number")
            .unique()
            .to_owned();
        manager.create_index(unique).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("build_run").to_owned()).await
    }
}
