//! Service maps.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "service_map")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub cluster_id: i64,
    pub namespace: String,
    pub selector: Option<String>,
    pub group: Option<String>,
    pub color: Option<String>,
    pub written_form: String,
    pub deadline_ms: Option<i64>,
    pub undo_on_deadline: bool,
    pub revision: i64,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
