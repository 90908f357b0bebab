//! What an item needs to go back, and what it may pass over.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column per statement.
        for column in columns() {
            manager.alter_table(Table::alter().table("run_item").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table("run_item").drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![
        // The source as it is written when the item goes back, with all digests that stand for it.
        json_null("back_image").take(),
        json_null("back_digest_set").take(),
        big_integer_null("undo_generation").take(),
        big_integer_null("undo_applied_at").take(),
        // Which source is taken for granted when the turn comes.
        string("source_rule").default("ours").take(),
        // What the item does at a hold.
        string("hold_rule").default("explicit").take(),
        boolean("undo_on_deadline").default(false).take(),
    ]
}
