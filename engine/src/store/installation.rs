//! What this installation is called where others may be too.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "installation")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub one: i32,
    pub id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
