//! Values that steps of builds use; sealed.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "secret")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Null: of all builds.
    pub build_id: Option<i64>,
    pub name: String,
    pub sealed_value: Vec<u8>,
    pub by: String,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
