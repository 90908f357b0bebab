//! What this installation is called in build engines, which others may use too.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, uuid},
};
use uuid::Uuid;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("installation")
            // There is one row.
            .col(integer("one").primary_key())
            .col(uuid("id"))
            .to_owned();
        manager.create_table(table).await?;
        let row = Query::insert()
            .into_table("installation")
            .columns(["one", "id"])
            .values_panic([1.into(), Uuid::new_v4().into()])
            .to_owned();
        manager.execute(row).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("installation").to_owned()).await
    }
}
