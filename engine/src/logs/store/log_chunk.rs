//! Rows of chunks.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_chunk")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub log_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub first_n: i64,
    pub last_n: i64,
    /// Bytes of the log's text before the first line.
    pub offset: i64,
    pub first_at: i64,
    pub last_at: i64,
    pub checksum: i64,
    pub codec: i16,
    pub data: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
