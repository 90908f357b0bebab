//! Versions that containers ran.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "history")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub cluster_id: i64,
    pub namespace: String,
    pub kind: String,
    pub workload: String,
    pub container: String,
    pub image: Json,
    pub digest_set: Json,
    pub source: String,
    pub manager: Option<String>,
    pub run_id: Option<Uuid>,
    pub item: Option<i32>,
    pub proof: Option<Json>,
    pub from_at: i64,
    pub until_at: Option<i64>,
    /// Slipway found it in the cluster at first sight.
    pub found: bool,
}

impl ActiveModelBehavior for ActiveModel {}
