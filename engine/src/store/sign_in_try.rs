//! Tries to sign in, counted by account and address.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_try")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub who: String,
    pub tries: i32,
    pub since: i64,
}

impl ActiveModelBehavior for ActiveModel {}
