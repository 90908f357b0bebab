//! Marks on tasks: who, why, until when.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "hold")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub cluster_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub namespace: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub workload: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub container: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub by: String,
    pub user_id: Option<Uuid>,
    pub at: i64,
    pub until: Option<i64>,
    /// The rollback or undo that set it.
    pub run_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
