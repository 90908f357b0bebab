//! The lines of logs, in compressed chunks.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("log_chunk")
            .col(uuid("log_id"))
            .col(big_integer("first_n"))
            .col(big_integer("last_n"))
            .col(big_integer("offset"))
            .col(big_integer("first_at"))
            .col(big_integer("last_at"))
            .col(big_integer("checksum"))
            .col(small_integer("codec"))
            // Last, so that SQLite reads the index columns without the pages of the data.
            .col(blob("data"))
            .primary_key(Index::create().col("log_id").col("first_n"))
            .foreign_key(
                ForeignKey::create().from("log_chunk", "log_id").to("log", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await?;
        for by in ["offset", "last_at"] {
            let index =
                Index::create().name(format!("log_chunk_{by}")).table("log_chunk").col("log_id").col(by).to_owned();
            manager.create_index(index).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            // The data is compressed already: PostgreSQL would only lose time on a second try.
            let external = "ALTER TABLE log_chunk ALTER COLUMN data SET STORAGE EXTERNAL";
            manager.get_connection().execute_unprepared(external).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("log_chunk").to_owned()).await
    }
}
