//! Local accounts.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: String,
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    pub email: Option<String>,
    pub roles: Json,
    pub disabled: bool,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
