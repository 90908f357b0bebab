//! Marks on tasks: `latest` and automation respect them. They belong to the workload, not to a map.

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
            .table("hold")
            .col(big_integer("cluster_id"))
            .col(string("namespace"))
            .col(string("kind"))
            .col(string("workload"))
            .col(string("container"))
            .col(text("reason"))
            .col(string("by"))
            .col(uuid_null("user_id"))
            .col(big_integer("at"))
            .col(big_integer_null("until"))
            // The rollback or undo that set it.
            .col(uuid_null("run_id"))
            .primary_key(
                Index::create().col("cluster_id").col("namespace").col("kind").col("workload").col("container"),
            )
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("hold").to_owned()).await
    }
}
