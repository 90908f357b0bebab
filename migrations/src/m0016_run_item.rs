//! Items of runs.

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
            .table("run_item")
            .col(uuid("run_id"))
            .col(integer("n"))
            .col(big_integer("cluster_id"))
            .col(string("namespace"))
            .col(string("kind"))
            .col(string("workload"))
            .col(string("container"))
            .col(integer("wave"))
            .col(string("status"))
            .col(text_null("reason"))
            .col(boolean("changed"))
            .col(json("version"))
            .col(json_null("from_image"))
            .col(json_null("to_image"))
            .col(json_null("digest_set"))
            .col(uuid_null("build_run_id"))
            .col(string_null("uid"))
            .col(big_integer_null("generation"))
            .col(integer_null("ready"))
            .col(integer_null("replicas"))
            .col(json_null("proof"))
            .col(json("phases"))
            .col(json_null("waiting_for"))
            .col(json_null("trouble"))
            .col(json_null("failure"))
            .col(big_integer("deadline_ms"))
            .col(big_integer_null("applied_at"))
            .col(boolean("restart"))
            .col(uuid("log_id"))
            // The newest item of its task: what the page shows without a look at the whole history.
            .col(boolean("latest"))
            .primary_key(Index::create().col("run_id").col("n"))
            .to_owned();
        manager.create_table(table).await?;
        manager
            .create_index(Index::create().name("run_item_status").table("run_item").col("status").to_owned())
            .await?;
        manager
            .create_index(
                Index::create().name("run_item_build_run_id").table("run_item").col("build_run_id").to_owned(),
            )
            .await?;
        let task = Index::create()
            .name("run_item_task")
            .table("run_item")
            .col("cluster_id")
            .col("namespace")
            .col("kind")
            .col("workload")
            .to_owned();
        manager.create_index(task).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("run_item").to_owned()).await
    }
}
