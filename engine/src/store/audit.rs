//! Who did what, from what to what; no route deletes it.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    pub by: String,
    pub via: String,
    pub action: String,
    pub thing: String,
    pub from_value: Option<Json>,
    pub to_value: Option<Json>,
    pub address: Option<String>,
    pub refused: bool,
}

impl ActiveModelBehavior for ActiveModel {}
