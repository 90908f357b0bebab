//! Windows of lines.

use super::{LogError, Logs, lines::Lines, store::From};
use types::log::{LogLine, LogWindow};
use uuid::Uuid;

/// Most text of a window: what a browser takes in one answer. A window of very long lines ends early.
const WINDOW_TEXT_MAX: usize = 4 * 1024 * 1024;

/// Chunks read at once: a window of usual lines needs one or two, one at the end of a running log some small ones.
const CHUNKS_AT_ONCE: u64 = 8;

impl Logs {
    /// Up to `limit` lines from number `from` on; a negative `from` counts from the end, -1 is the last line. May
    /// hold fewer where the lines are very long: `last` says where to go on.
    pub async fn window(&self, id: Uuid, from: i64, limit: u64) -> Result<LogWindow, LogError> {
        let row = self.store().row(id).await?;
        let total = row.lines as u64;
        let first = match u64::try_from(from) {
            Ok(first) => first.max(1),
            Err(_) => (total + 1).saturating_sub(from.unsigned_abs()).max(1),
        };
        let last = first.saturating_add(limit).saturating_sub(1).min(total);
        let lines = self.collect(id, first, last, WINDOW_TEXT_MAX).await?;
        let (first, last) = (lines.first().map(|line| line.n), lines.last().map(|line| line.n));
        Ok(LogWindow { lines, first, last, total, complete: row.complete })
    }

    /// The lines from `first` to `last`, both included, as far as they exist.
    pub async fn lines_between(&self, id: Uuid, first: u64, last: u64) -> Result<Vec<LogLine>, LogError> {
        let total = self.store().row(id).await?.lines as u64;
        self.collect(id, first.max(1), last.min(total), usize::MAX).await
    }

    async fn collect(&self, id: Uuid, first: u64, last: u64, text_max: usize) -> Result<Vec<LogLine>, LogError> {
        let (mut found, mut next, mut text) = (Vec::new(), first, 0);
        while next <= last && text < text_max {
            let chunks = self.store().chunks(id, From::Line(next), last, CHUNKS_AT_ONCE).await?;
            for chunk in chunks {
                let lines = chunk.lines.between(next, last);
                let lines = lines.slice(0..lines.fitting(0, text_max.saturating_sub(text)));
                if lines.is_empty() || lines.first() != next {
                    return Err(self.missing(id, next).await);
                }
                next = lines.next();
                text += lines.text().len();
                found.extend(lines.to_wire());
                if next <= chunk.lines.last() {
                    // The window ends here, or is full.
                    return Ok(found);
                }
            }
            if found.last().is_none_or(|line: &LogLine| line.n + 1 != next) {
                return Err(self.missing(id, next).await);
            }
        }
        Ok(found)
    }

    /// Why a line that was there is not: the log was deleted meanwhile, or it is damaged.
    pub(super) async fn missing(&self, id: Uuid, first: u64) -> LogError {
        match self.store().row(id).await {
            Ok(_) => LogError::Corrupt { log: id, first, why: "a chunk is missing" },
            Err(error) => error,
        }
    }
}

/// The text of lines as a reader of the whole log has it: lines that go on are joined.
pub(super) fn raw_text(lines: &Lines) -> String {
    if lines.marks().iter().all(|mark| !mark.cont) {
        return lines.text().to_owned();
    }
    let mut out = String::with_capacity(lines.text().len());
    for (_, mark, text) in lines.iter() {
        out.push_str(text);
        if !mark.cont {
            out.push('\n');
        }
    }
    out
}
