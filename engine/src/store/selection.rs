//! The versions chosen for tasks and not yet run.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "selection")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub map_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub task: String,
    pub version: Json,
    pub by: String,
    pub at: i64,
    /// What its tag stood for when it was chosen.
    pub seen: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
