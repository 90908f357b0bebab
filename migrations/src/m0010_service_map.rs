//! Service maps.

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
            .table("service_map")
            .col(big_pk_auto("id"))
            .col(string_uniq("name"))
            .col(big_integer("cluster_id"))
            .col(string("namespace"))
            .col(string_null("selector"))
            .col(string_null("group"))
            .col(string_null("color"))
            .col(string("written_form"))
            .col(big_integer_null("deadline_ms"))
            .col(boolean("undo_on_deadline"))
            .col(big_integer("revision"))
            .col(big_integer("created_at"))
            .to_owned();
        manager.create_table(table).await?;
        manager
            .create_index(
                Index::create().name("service_map_cluster_id").table("service_map").col("cluster_id").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("service_map").to_owned()).await
    }
}
