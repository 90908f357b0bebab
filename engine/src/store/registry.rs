//! Registries; the password is sealed.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "registry")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub url: String,
    pub pull_hosts: Json,
    pub username: Option<String>,
    pub sealed_password: Option<Vec<u8>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub ca: Option<String>,
    pub push_repositories: Json,
    pub revision: i64,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
