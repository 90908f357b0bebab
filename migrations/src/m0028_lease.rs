//! Who works on a run or a build run, and until when it is theirs without another word.

use sea_orm_migration::{prelude::*, schema::*};

const TABLES: [&str; 2] = ["run", "build_run"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            // SQLite takes one column per statement.
            for column in columns() {
                manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
            }
            // What a process holds is asked for every few seconds.
            let held = Index::create().name(index(table)).table(table).col("holder").to_owned();
            manager.create_index(held).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.drop_index(Index::drop().name(index(table)).table(table).to_owned()).await?;
            for column in columns() {
                let name = column.get_column_name();
                manager.alter_table(Table::alter().table(table).drop_column(name).to_owned()).await?;
            }
        }
        Ok(())
    }
}

fn index(table: &str) -> String {
    format!("{table}_holder")
}

fn columns() -> Vec<ColumnDef> {
    vec![
        uuid_null("holder").take(),
        // Each claim raises it.
        big_integer("fence").default(0).take(),
        big_integer_null("leased_until").take(),
    ]
}
