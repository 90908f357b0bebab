//! Sessions of browsers; the cookie itself is not kept, only its hash.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub user_id: Uuid,
    pub created_at: i64,
    pub seen_at: i64,
    pub ends_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
