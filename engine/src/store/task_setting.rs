//! What a task does otherwise than its map says; null: as the map.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_setting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub map_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub task: String,
    pub written_form: Option<String>,
    pub deadline_ms: Option<i64>,
    pub undo_on_deadline: Option<bool>,
}

impl ActiveModelBehavior for ActiveModel {}
