//! Recompression of logs that have ended: larger chunks, a higher level.
//!
//! Each new chunk replaces those that it holds in one transaction, so that a kill leaves a log that is packed so far,
//! and a reader finds either the old ones or the new one. `packed` is set at the end; until then `tidy` goes on.

use super::{LogError, Logs, chunk::Encoder, lines::Lines, store::From};
use uuid::Uuid;

/// Text of a packed chunk: large enough to compress well, small enough to be read within milliseconds.
const PACKED_TEXT: usize = 1024 * 1024;

/// Most lines of a packed chunk.
const PACKED_LINES: usize = 32 * 1024;

/// A level that takes its time: nobody waits for it.
const LEVEL_PACKED: i32 = 9;

impl Logs {
    /// Packs the log when there is time.
    pub(super) fn pack_later(&self, id: Uuid) {
        let logs = self.clone();
        tokio::spawn(async move {
            if let Err(error) = logs.pack(id).await {
                // It stays as it is, whole and readable; `tidy` tries again.
                tracing::warn!(log = %id, %error, "a log could not be recompressed");
            }
        });
    }

    /// Packs a log that has ended; does nothing to others.
    pub(super) async fn pack(&self, id: Uuid) -> Result<(), LogError> {
        let Ok(_one) = self.packing().acquire().await else { return Ok(()) };
        let row = self.store().row(id).await?;
        if row.packed || !row.complete {
            return Ok(());
        }
        let mut gathered = Lines::starting_at(1);
        let mut offset = 0;
        let mut replaced = 0;
        while gathered.next() <= row.lines as u64 {
            let next = gathered.next();
            let chunk = self.store().chunks(id, From::Line(next), u64::MAX, 1).await?.pop();
            let Some(chunk) = chunk.filter(|chunk| chunk.lines.first() == next) else {
                return Err(self.missing(id, next).await);
            };
            gathered.extend(&chunk.lines);
            replaced += 1;
            let last = gathered.last() == row.lines as u64;
            if last || gathered.text().len() >= PACKED_TEXT || gathered.len() >= PACKED_LINES {
                let lines = std::mem::replace(&mut gathered, Lines::starting_at(chunk.lines.next()));
                let length = lines.raw_len();
                if replaced > 1 || last {
                    let chunk = encode(id, lines).await?;
                    if !self.store().replace(id, row.fence, offset, &chunk).await? {
                        return Ok(());
                    }
                }
                offset += length;
                replaced = 0;
            }
        }
        self.store().set_packed(id, row.fence).await?;
        Ok(())
    }
}

/// Takes tens of milliseconds of a core, so not on a thread that serves others.
async fn encode(id: Uuid, lines: Lines) -> Result<super::chunk::Encoded, LogError> {
    let encoded = tokio::task::spawn_blocking(move || Encoder::new(LEVEL_PACKED)?.encode(id, &lines)).await;
    encoded.map_err(|_| LogError::Compressor)?.map_err(|_| LogError::Compressor)
}
