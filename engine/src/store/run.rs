//! Runs.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub map_id: i64,
    pub map_name: String,
    pub kind: String,
    pub trigger: String,
    pub of: Option<Uuid>,
    pub status: String,
    pub requested_by: String,
    pub user_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    pub on_failure: String,
    pub plan_hash: String,
    pub cancel_requested: bool,
    pub undo_triggered: bool,
    pub retried_by: Option<Uuid>,
    pub undone_by: Option<Uuid>,
    pub reverted_by: Option<String>,
    pub version: i64,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// The process that works on it.
    pub holder: Option<Uuid>,
    /// Raised by each claim: whoever writes with an older one writes nothing.
    pub fence: i64,
    pub leased_until: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
