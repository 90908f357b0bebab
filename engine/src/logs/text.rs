//! The raw text of a log, chunk by chunk.

use super::{FollowEvent, Follower, LogError, Logs, lines::Lines, plain::Plain, read::raw_text, store::From};
use bytes::Bytes;
use futures::{Stream, stream};
use std::ops::Range;
use uuid::Uuid;

/// Which text of a log is wanted.
#[derive(Clone, Debug, Default)]
pub struct TextRequest {
    /// Bytes of the text as it would be whole; all if there is none.
    pub range: Option<Range<u64>>,
    /// Without escape sequences.
    pub plain: bool,
    /// Goes on until the log has ended.
    pub follow: bool,
}

impl Logs {
    /// The text: each line and LF, lines that go on joined. It ends with what is stored when it gets there, or with
    /// the log; who has promised a length asks for that range.
    pub fn text(&self, id: Uuid, request: TextRequest) -> impl Stream<Item = Result<Bytes, LogError>> + Send + use<> {
        let TextRequest { range, plain, follow } = request;
        let range = range.unwrap_or(0..u64::MAX);
        let state = Text {
            logs: self.clone(),
            id,
            source: Source::Start { follow },
            plain: plain.then(Plain::default),
            skip: range.start,
            left: range.end.saturating_sub(range.start),
        };
        stream::try_unfold(state, |mut state| async move {
            let bytes = state.next().await?;
            Ok(bytes.map(|bytes| (bytes, state)))
        })
    }

    /// Length of the text so far, for `Range`; of the text with its escape sequences.
    pub async fn text_len(&self, id: Uuid) -> Result<u64, LogError> {
        Ok(self.store().row(id).await?.bytes as u64)
    }
}

struct Text {
    logs: Logs,
    id: Uuid,
    source: Source,
    plain: Option<Plain>,
    /// Bytes that the reader does not want before those that it wants.
    skip: u64,
    left: u64,
}

enum Source {
    Start {
        follow: bool,
    },
    /// Reads what is stored from this line on.
    Stored {
        next: u64,
    },
    Followed(Box<Follower>),
}

impl Text {
    /// The next piece that is not empty.
    async fn next(&mut self) -> Result<Option<Bytes>, LogError> {
        while self.left > 0 {
            let Some(text) = self.read().await? else { return Ok(None) };
            let text = match &mut self.plain {
                Some(plain) => {
                    let mut seen = String::with_capacity(text.len());
                    plain.strip(&text, &mut seen);
                    seen
                }
                None => text,
            };
            let mut bytes = Bytes::from(text);
            let skipped = self.skip.min(bytes.len() as u64);
            drop(bytes.split_to(skipped as usize));
            self.skip -= skipped;
            bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= bytes.len() as u64;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    async fn read(&mut self) -> Result<Option<String>, LogError> {
        loop {
            match &mut self.source {
                Source::Start { follow: true } => {
                    self.source = Source::Followed(Box::new(self.logs.follow(self.id, 0).await?));
                }
                Source::Start { follow: false } => return self.first_chunk().await,
                Source::Stored { next } => {
                    let from = From::Line(*next);
                    let chunk = self.logs.store().chunks(self.id, from, u64::MAX, 1).await?.pop();
                    // Past the end the chunk of the last line is found again.
                    let Some(chunk) = chunk.filter(|chunk| chunk.lines.last() >= *next) else {
                        self.logs.store().row(self.id).await?;
                        return Ok(None);
                    };
                    let lines = chunk.lines.between(*next, chunk.lines.last());
                    *next = lines.next();
                    return Ok(Some(raw_text(&lines)));
                }
                Source::Followed(follower) => match follower.next().await? {
                    Some(FollowEvent::Lines(batch)) => return Ok(Some(raw_text(batch.columns()))),
                    Some(FollowEvent::Lagged { .. }) => {}
                    Some(FollowEvent::End { .. }) | None => return Ok(None),
                },
            }
        }
    }

    /// Reads the chunk in which the range begins. The length of plain text is not known before, so that is read from
    /// the first line on.
    async fn first_chunk(&mut self) -> Result<Option<String>, LogError> {
        self.logs.store().row(self.id).await?;
        let from = From::Byte(if self.plain.is_some() { 0 } else { self.skip });
        let chunk = self.logs.store().chunks(self.id, from, u64::MAX, 1).await?.pop();
        let (next, offset, lines) =
            chunk.map_or((1, 0, Lines::starting_at(1)), |chunk| (chunk.lines.next(), chunk.offset, chunk.lines));
        self.source = Source::Stored { next };
        self.skip -= offset;
        Ok(Some(raw_text(&lines)))
    }
}
