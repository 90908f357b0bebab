//! Build engines; the key is sealed.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "build_engine")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub url: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub ca: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub cert: Option<String>,
    pub sealed_key: Option<Vec<u8>>,
    pub parallel_builds: Option<i32>,
    pub prune: Option<Json>,
    pub pruned_at: Option<i64>,
    pub revision: i64,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
