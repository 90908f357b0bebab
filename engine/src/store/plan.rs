//! Plans that were stored for links.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub map_id: i64,
    pub by: String,
    pub at: i64,
    pub request: Json,
    pub plan: Json,
}

impl ActiveModelBehavior for ActiveModel {}
