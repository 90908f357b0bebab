//! One-time links: set-up of the first administrator, signing in.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub purpose: String,
    pub user_id: Option<Uuid>,
    pub ends_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
