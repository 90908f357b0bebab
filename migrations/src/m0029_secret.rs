//! Values that steps of builds use and nobody reads back: of one build, or of all.

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
            .table("secret")
            .col(pk_uuid("id"))
            // Null: of all builds.
            .col(big_integer_null("build_id"))
            .col(string("name"))
            .col(binary("sealed_value"))
            .col(string("by"))
            .col(big_integer("at"))
            .to_owned();
        manager.create_table(table).await?;
        let of_a_build =
            Index::create().name("secret_of_build").table("secret").col("build_id").col("name").unique().to_owned();
        manager.create_index(of_a_build).await?;
        // Nulls are no two alike, so names for all builds need an index of their own.
        let of_all = Index::create()
            .name("secret_of_all")
            .table("secret")
            .col("name")
            .unique()
            .and_where(Expr::col("build_id").is_null())
            .to_owned();
        manager.create_index(of_all).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("secret").to_owned()).await
    }
}
