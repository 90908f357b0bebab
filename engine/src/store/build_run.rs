//! Build runs, each with its own copy of the flow.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "build_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub build_id: i64,
    pub build_name: String,
    pub number: i32,
    pub kind: String,
    pub repeat_of: Option<i32>,
    pub edited: bool,
    pub status: String,
    pub reason: Option<String>,
    pub tag: Option<String>,
    pub repository: String,
    pub digest: Option<String>,
    pub size_bytes: Option<i64>,
    pub platforms: Json,
    pub facts: Option<Json>,
    pub commit: Option<String>,
    pub reference: Option<String>,
    pub params: Json,
    pub flow: Json,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    pub rejected: bool,
    pub image_gone: bool,
    pub requested_by: String,
    pub engine_id: i64,
    pub engine_name: String,
    pub registry_id: i64,
    pub failure: Option<Json>,
    pub cancel_requested: bool,
    pub restarts: i32,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub duration_ms: Option<i64>,
    /// The process that works on it.
    pub holder: Option<Uuid>,
    /// Raised by each claim: whoever writes with an older one writes nothing.
    pub fence: i64,
    pub leased_until: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
