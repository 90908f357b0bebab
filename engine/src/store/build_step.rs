//! Steps of build runs.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "build_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub build_run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub index: i32,
    pub name: String,
    pub kind: String,
    pub status: String,
    pub started_at: Option<i64>,
    pub duration_ms: Option<i64>,
    pub first_line: Option<i64>,
    pub last_line: Option<i64>,
    pub failure: Option<Json>,
    pub outputs: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}
