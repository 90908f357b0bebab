//! The one task that writes a log: takes what was appended, makes lines, commits, publishes.

use super::{
    LogWriter,
    inbox::{Delivery, Inbox, Item},
};
use crate::logs::{
    LogError, Logs, Masker,
    assemble::{Assembler, Sink},
    chunk::{Encoder, LEVEL_LIVE},
    hub::Hub,
    lines::{Lines, Mark},
    store::{Commit, Committed, End, log},
    tail::Tail,
};
use backon::{ExponentialBuilder, Retryable};
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, time::Instant};
use types::log::LogStream;

/// Under load groups are committed at most this often: a group costs the store about as much as a thousand lines.
const INTERVAL_LOADED: Duration = Duration::from_millis(20);

/// Without load a reader sees a line nearly at once, and a store is not kept busy by a line per millisecond.
const INTERVAL_QUIET: Duration = Duration::from_millis(4);

/// More lines a second than this are a load.
const LOADED_LINES_PER_S: f64 = 500.0;

/// A group is committed when it has so much text or so many lines, whatever else is waiting: it bounds memory.
const GROUP_TEXT_MAX: usize = 512 * 1024;
const GROUP_LINES_MAX: usize = 8 * 1024;

/// Pieces in which output is looked through, so that a group is not much larger than its bound.
const FEED: usize = 16 * 1024;

/// Pauses between tries of a commit.
const RETRY_MIN: Duration = Duration::from_millis(20);
const RETRY_MAX: Duration = Duration::from_secs(2);

/// What a writer starts from.
pub(in crate::logs) struct Start {
    pub(in crate::logs) row: log::Model,
    pub(in crate::logs) masker: Masker,
}

/// The task of one writer.
pub(in crate::logs) struct Task {
    logs: Logs,
    inbox: Arc<Inbox>,
    seat: Seat,
    row: log::Model,
    assembler: Assembler,
    group: Group,
    tail: Tail,
    encoder: Encoder,
    not_before: Instant,
    committed_at: Instant,
}

/// The writer's place at the hub; given up when the task ends in whatever way, so that nobody waits for it in vain.
struct Seat {
    hub: Arc<Hub>,
    inbox: Arc<Inbox>,
    fence: i64,
}

/// Lines that are not committed yet.
struct Group {
    lines: Lines,
    /// Bytes that the log may still take.
    room: u64,
    limit: u64,
    full: bool,
}

/// Whether the task goes on.
enum Next {
    Go,
    Leave,
}

impl Task {
    /// Starts the task of a log that was taken.
    pub(in crate::logs) fn spawn(logs: &Logs, start: Start) -> Result<LogWriter, LogError> {
        let Start { row, masker } = start;
        let limit = logs.settings().bytes_max;
        let next = row.lines as u64 + 1;
        let hub = logs.hub(row.id);
        hub.enter(row.fence, row.lines as u64);
        let inbox = Arc::new(Inbox::new(row.id, limit));
        let now = Instant::now();
        let task = Self {
            logs: logs.clone(),
            inbox: Arc::clone(&inbox),
            seat: Seat { hub, inbox: Arc::clone(&inbox), fence: row.fence },
            assembler: Assembler::new(masker),
            group: Group {
                lines: Lines::starting_at(next),
                room: limit.saturating_sub(row.bytes as u64),
                limit,
                full: false,
            },
            tail: Tail::starting_at(next),
            encoder: Encoder::new(LEVEL_LIVE).map_err(|_| LogError::Compressor)?,
            not_before: now,
            committed_at: now,
            row,
        };
        tokio::spawn(task.run());
        Ok(LogWriter::new(inbox))
    }

    async fn run(mut self) {
        let mut delivery = Delivery::default();
        loop {
            delivery = self.inbox.take(delivery, self.not_before).await;
            match self.work(&mut delivery).await {
                Ok(Next::Go) => {}
                Ok(Next::Leave) => return,
                Err(error) => return tracing::warn!(log = %self.row.id, %error, "the log has lost its writer"),
            }
        }
    }

    /// Does what a delivery asks for, in its order.
    async fn work(&mut self, delivery: &mut Delivery) -> Result<Next, LogError> {
        let Delivery { bytes, items, abandoned, .. } = delivery;
        let mut rest = bytes.as_slice();
        for item in items.drain(..) {
            match item {
                Item::Output { step, stream, at, len } => {
                    let (output, after) = rest.split_at(len);
                    rest = after;
                    self.output(step, stream, at, output).await?;
                }
                Item::Flush(reply) => {
                    self.assembler.finish(&mut self.group);
                    self.commit(None).await?;
                    self.answer(reply);
                }
                Item::Close { status, reply } => {
                    let at = crate::now().as_millis();
                    return self.leave(End::Closed { status, at }, reply).await;
                }
                Item::Release(reply) => return self.leave(End::Released, reply).await,
            }
        }
        if *abandoned {
            // Nobody is left who could append or ask.
            self.assembler.finish(&mut self.group);
            self.commit(None).await?;
            return Ok(Next::Leave);
        }
        self.commit(None).await?;
        Ok(Next::Go)
    }

    async fn output(&mut self, step: u32, stream: LogStream, at: i64, bytes: &[u8]) -> Result<(), LogError> {
        for piece in bytes.chunks(FEED) {
            if self.group.full {
                return Ok(());
            }
            self.assembler.feed(step, stream, at, piece, &mut self.group);
            if self.group.full {
                self.inbox.set_too_large();
            }
            if self.group.lines.text().len() >= GROUP_TEXT_MAX || self.group.lines.len() >= GROUP_LINES_MAX {
                self.commit(None).await?;
            }
        }
        Ok(())
    }

    async fn leave(&mut self, end: End, reply: oneshot::Sender<u64>) -> Result<Next, LogError> {
        self.assembler.finish(&mut self.group);
        self.commit(Some(end.clone())).await?;
        if let End::Closed { status, .. } = end {
            self.seat.hub.close(status);
            self.logs.pack_later(self.row.id);
        }
        self.inbox.shut(LogError::Closed(self.row.id));
        self.answer(reply);
        Ok(Next::Leave)
    }

    fn answer(&self, reply: oneshot::Sender<u64>) {
        if reply.send(self.row.lines as u64).is_err() {
            tracing::debug!(log = %self.row.id, "whoever asked has gone");
        }
    }

    /// Stores the group, then shows it.
    async fn commit(&mut self, end: Option<End>) -> Result<(), LogError> {
        let next = self.group.lines.next();
        let group = std::mem::replace(&mut self.group.lines, Lines::starting_at(next));
        if group.is_empty() && end.is_none() {
            return Ok(());
        }
        let started = Instant::now();
        let commit = self.prepare(&group, end).await?;
        if let Err(error) = self.store(&commit).await {
            // Before the questions that wait are dropped, so that those who asked find out why.
            self.inbox.shut(error.clone());
            return Err(error);
        }
        self.row.lines = commit.lines as i64;
        self.row.bytes = commit.bytes as i64;
        self.row.first_at = commit.first_at;
        self.row.last_at = commit.last_at;
        if !group.is_empty() {
            self.seat.hub.publish(&group);
        }
        let elapsed = started.duration_since(self.committed_at).max(INTERVAL_QUIET);
        let loaded = group.len() as f64 > LOADED_LINES_PER_S * elapsed.as_secs_f64();
        self.not_before = started + if loaded { INTERVAL_LOADED } else { INTERVAL_QUIET };
        self.committed_at = started;
        Ok(())
    }

    async fn prepare(&mut self, group: &Lines, end: Option<End>) -> Result<Commit, LogError> {
        let log::Model { id, fence, lines, bytes, first_at, last_at, .. } = self.row;
        let bytes = bytes as u64 + group.raw_len();
        let mut commit = Commit {
            log: id,
            fence,
            lines_before: lines as u64,
            lines: lines as u64 + group.len() as u64,
            bytes,
            first_at: first_at.or_else(|| group.marks().first().map(|mark| mark.at)),
            last_at: group.marks().last().map(|mark| mark.at).or(last_at),
            replace_from: group.next(),
            chunks: Vec::new(),
            end,
        };
        if group.is_empty() {
            return Ok(commit);
        }
        let rewrite = self.tail.add(group);
        commit.replace_from = rewrite.from;
        let mut offset = bytes - rewrite.chunks.iter().map(Lines::raw_len).sum::<u64>();
        for lines in rewrite.chunks {
            let chunk = self.encoder.encode(id, &lines).map_err(|_| LogError::Compressor)?;
            commit.chunks.push((offset, chunk));
            offset += lines.raw_len();
            // A chunk takes about a millisecond; others may run in between.
            tokio::task::yield_now().await;
        }
        Ok(commit)
    }

    /// Tries until the store takes it or patience ends.
    async fn store(&self, commit: &Commit) -> Result<(), LogError> {
        let patience = ExponentialBuilder::default()
            .with_min_delay(RETRY_MIN)
            .with_max_delay(RETRY_MAX)
            .with_total_delay(Some(self.logs.settings().store_patience))
            .without_max_times();
        let committed = (|| self.logs.store().commit(commit))
            .retry(patience)
            .notify(|error, pause| tracing::warn!(log = %self.row.id, %error, ?pause, "a commit of lines failed"))
            .await?;
        match committed {
            Committed::Done => Ok(()),
            Committed::Fenced => Err(LogError::Fenced(self.row.id)),
            Committed::Gone => Err(LogError::NotFound(self.row.id)),
        }
    }
}

impl Sink for Group {
    fn line(&mut self, mark: Mark, text: &str) {
        if self.full {
            return;
        }
        let length = mark.raw_len(text);
        if length > self.room {
            self.full = true;
            let text = format!("The log has reached its limit of {} bytes: what comes after is not kept.", self.limit);
            self.lines.push(Mark { stream: LogStream::System, cont: false, ..mark }, &text);
            return;
        }
        self.room -= length;
        self.lines.push(mark, text);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.inbox.shut(LogError::Closed(self.inbox.log));
        self.hub.leave(self.fence);
    }
}
