//! Logs of build runs and of items, for whoever may read what they belong to.

use super::{LogName, Result};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    logs::{LogError, TextRequest},
    store::run_item,
};
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use sea_orm::EntityTrait;
use types::{event::LogStatus, log::LogWindow};
use uuid::Uuid;

/// Most lines of a window.
const WINDOW_MAX: u32 = 5000;

/// Raw text of a log.
pub struct LogText {
    /// Bytes in all, as of now.
    pub total_bytes: u64,
    pub complete: bool,
    pub stream: BoxStream<'static, std::result::Result<Bytes, Error>>,
}

impl Engine {
    /// A window of lines; negative `from` counts from the end.
    pub async fn log_window(&self, who: &Principal, name: &LogName, from: i64, limit: u32) -> Result<LogWindow> {
        if !(1..=WINDOW_MAX).contains(&limit) {
            return Err(Error::field("limit", format!("must be 1 to {WINDOW_MAX}")));
        }
        let (log, _) = self.log_id(who, name).await?;
        self.logs.window(log, from, u64::from(limit)).await.map_err(log_error)
    }

    /// Raw text: the bytes from `range.0` to before `range.1`, or all; `plain` without escape sequences.
    pub async fn log_text(
        &self,
        who: &Principal,
        name: &LogName,
        range: Option<(u64, u64)>,
        plain: bool,
        follow: bool,
    ) -> Result<LogText> {
        let (log, _) = self.log_id(who, name).await?;
        let info = self.logs.info(log).await.map_err(log_error)?;
        let request = TextRequest { range: range.map(|(begin, end)| begin..end), plain, follow };
        let stream = self.logs.text(log, request).map(|piece| piece.map_err(log_error)).boxed();
        Ok(LogText { total_bytes: info.bytes, complete: info.complete, stream })
    }

    /// The log's id, and the id of what it belongs to: a build run or a run.
    pub(crate) async fn log_id(&self, who: &Principal, name: &LogName) -> Result<(Uuid, Uuid)> {
        match name {
            LogName::Build { build, number } => {
                let row = self.build_run_row(who, Verb::Read, build, *number).await?;
                Ok((row.id, row.id))
            }
            LogName::Item { run, n } => {
                self.run_row(who, Verb::Read, *run).await?;
                let n = i32::try_from(*n).unwrap_or(-1);
                let row = run_item::Entity::find_by_id((*run, n)).one(&self.db).await?;
                let row = row.ok_or_else(|| Error::NotFound(format!("item {n} of run {run}")))?;
                Ok((row.log_id, *run))
            }
        }
    }

    /// The state that goes with a log.
    pub(crate) async fn log_status(&self, who: &Principal, name: &LogName) -> Result<LogStatus> {
        match name {
            LogName::Build { build, number } => {
                let run = self.build_run(who, build, *number).await?;
                Ok(LogStatus { status: run.status.as_str().to_owned(), steps: run.steps })
            }
            LogName::Item { run, n } => {
                let run = self.run(who, *run).await?;
                let item = run.items.iter().find(|item| item.n == *n);
                let status = item.map(|item| item.status.as_str().to_owned()).unwrap_or_default();
                Ok(LogStatus { status, steps: Vec::new() })
            }
        }
    }
}

pub(crate) fn log_error(error: LogError) -> Error {
    match error {
        LogError::NotFound(id) => Error::NotFound(format!("log {id}")),
        LogError::Fenced(_)
        | LogError::TooLarge { .. }
        | LogError::Closed(_)
        | LogError::Corrupt { .. }
        | LogError::Compressor
        | LogError::Store(_) => Error::Internal(error.to_string()),
    }
}
