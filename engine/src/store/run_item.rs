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
    /// The source as it is written when the item goes back; none: it cannot go back.
    pub back_image: Option<Json>,
    pub back_digest_set: Option<Json>,
    /// Generation and moment of the patch that went back.
    pub undo_generation: Option<i64>,
    pub undo_applied_at: Option<i64>,
    /// Which source is taken for granted (`state::source::Rule`).
    pub source_rule: String,
    /// What the item does at a hold (`state::hold::Rule`).
    pub hold_rule: String,
    pub undo_on_deadline: bool,
}

impl ActiveModelBehavior for ActiveModel {}
