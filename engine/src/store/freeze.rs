//! Times in which maps take no runs.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "freeze")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Names of maps; null: all of them.
    pub maps: Option<Json>,
    pub from_at: i64,
    pub until_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub by: String,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
