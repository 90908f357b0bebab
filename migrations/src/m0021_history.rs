//! Every version that a container ran, by whomever it was set.

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
            .table("history")
            .col(pk_uuid("id"))
            .col(big_integer("cluster_id"))
            .col(string("namespace"))
            .col(string("kind"))
            .col(string("workload"))
            .col(string("container"))
            .col(json("image"))
            .col(json("digest_set"))
            .col(string("source"))
            .col(string_null("manager"))
            .col(uuid_null("run_id"))
            .col(integer_null("item"))
            .col(json_null("proof"))
            .col(big_integer("from_at"))
            .col(big_integer_null("until_at"))
            .col(boolean("found"))
            .to_owned();
        manager.create_table(table).await?;
        let task = Index::create()
            .name("history_task")
            .table("history")
            .col("cluster_id")
            .col("namespace")
            .col("kind")
            .col("workload")
            .col("container")
            .to_owned();
        manager.create_index(task).await?;
        manager.create_index(Index::create().name("history_run_id").table("history").col("run_id").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("history").to_owned()).await
    }
}
