//! Builds with their flow.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "build")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    pub registry_id: i64,
    pub repository: String,
    pub engine_id: i64,
    pub tag_rule: Json,
    pub max_parallel: i32,
    pub time_limit_ms: i64,
    pub steps: Json,
    pub params: Json,
    pub log_retention: Option<Json>,
    pub last_number: i32,
    pub sequence: i64,
    pub revision: i64,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
