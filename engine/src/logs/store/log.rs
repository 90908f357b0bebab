//! Rows of logs.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// For humans: `builds/web/runs/41`.
    pub owner: Option<String>,
    /// Grows with each writer; a commit with an older one changes nothing.
    pub fence: i64,
    /// A writer has it. Found by the next writer: the one before lost its end.
    pub held: bool,
    pub lines: i64,
    /// Length of the text, line ends included.
    pub bytes: i64,
    pub complete: bool,
    /// Recompressed for good.
    pub packed: bool,
    /// What it was closed with.
    pub status: Option<String>,
    pub created_at: i64,
    pub ended_at: Option<i64>,
    pub first_at: Option<i64>,
    pub last_at: Option<i64>,
    /// To be deleted; no reader sees it any more.
    pub deleted_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
