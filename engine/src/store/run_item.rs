//! Items of runs.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i32,
    pub cluster_id: i64,
    pub namespace: String,
    pub kind: String,
    pub workload: String,
    pub container: String,
    pub wave: i32,
    pub status: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    pub changed: bool,
    pub version: Json,
    pub from_image: Option<Json>,
    pub to_image: Option<Json>,
    pub digest_set: Option<Json>,
    pub build_run_id: Option<Uuid>,
    pub uid: Option<String>,
    pub generation: Option<i64>,
    pub ready: Option<i32>,
    pub replicas: Option<i32>,
    pub proof: Option<Json>,
    pub phases: Json,
    pub waiting_for: Option<Json>,
    pub trouble: Option<Json>,
    pub failure: Option<Json>,
    pub deadline_ms: i64,
    pub applied_at: Option<i64>,
    /// The pods are restarted and the image stays.
    pub restart: bool,
    pub log_id: Uuid,
    /// The newest item of its task.
    pub latest: bool,
}

impl ActiveModelBehavior for ActiveModel {}
