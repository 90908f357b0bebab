//! What containers have now is asked with every read of a page.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let open = Index::create()
            .name("history_open")
            .table("history")
            .col("cluster_id")
            .col("namespace")
            .col("until_at")
            .col("source")
            .to_owned();
        manager.create_index(open).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("history_open").table("history").to_owned()).await
    }
}
