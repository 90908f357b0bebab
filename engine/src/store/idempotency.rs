//! Answers to repeated calls: what the first call of a key started.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: String,
    pub body_hash: String,
    pub object: String,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
