//! Plans that were stored for links: what was asked for, and what it would have done then.

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
            .table("plan")
            .col(pk_uuid("id"))
            .col(big_integer("map_id"))
            .col(string("by"))
            .col(big_integer("at"))
            .col(json("request"))
            .col(json("plan"))
            .to_owned();
        manager.create_table(table).await?;
        manager.create_index(Index::create().name("plan_map_id").table("plan").col("map_id").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("plan").to_owned()).await
    }
}
