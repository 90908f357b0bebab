//! Frames of a log: history after a number, then live, then the end.

use super::super::{LogName, Result};
use crate::{
    Engine, Error, Principal,
    bus::Change,
    logs::{FollowEvent, Follower},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use types::event::{Lagged, LogEnd, LogFrame, LogStatus};
use uuid::Uuid;

/// Follows one log.
pub struct LogFeed {
    engine: Engine,
    who: Principal,
    name: LogName,
    /// The build run, or the run, whose state goes with the log.
    subject: Uuid,
    follower: Follower,
    bus: Receiver<Change>,
    /// The state is to be told before the next line.
    tell_status: bool,
    last_status: Option<LogStatus>,
    ended: bool,
}

impl Engine {
    /// Frames of a log after line `after`.
    pub async fn follow_log(&self, who: &Principal, name: &LogName, after: u64) -> Result<LogFeed> {
        let (log, subject) = self.log_id(who, name).await?;
        let bus = self.bus.listen();
        let follower = self.logs.follow(log, after).await.map_err(super::super::logs::log_error)?;
        Ok(LogFeed {
            engine: self.clone(),
            who: who.clone(),
            name: name.clone(),
            subject,
            follower,
            bus,
            tell_status: true,
            last_status: None,
            ended: false,
        })
    }
}

impl LogFeed {
    /// The next frame. `None`: nothing follows, or Slipway stops.
    pub async fn next(&mut self) -> Option<LogFrame> {
        loop {
            if self.ended {
                return None;
            }
            if self.tell_status {
                self.tell_status = false;
                if let Some(frame) = self.status_frame().await {
                    return Some(frame);
                }
            }
            let stop = self.engine.stop.clone();
            let event = tokio::select! {
                event = self.follower.next() => event,
                change = self.bus.recv() => {
                    self.tell_status = self.concerns(change);
                    continue;
                }
                () = stop.cancelled() => return None,
            };
            match event {
                Ok(Some(FollowEvent::Lines(batch))) => return Some(LogFrame::Lines(batch.lines().to_vec())),
                Ok(Some(FollowEvent::Lagged { after })) => return Some(LogFrame::Lagged(Lagged { after })),
                Ok(Some(FollowEvent::End { last, status })) => return Some(self.end(last, status).await),
                Ok(None) => return None,
                Err(why) => {
                    tracing::warn!(%why, "a log could not be followed");
                    return None;
                }
            }
        }
    }

    async fn status_frame(&mut self) -> Option<LogFrame> {
        let status = match self.engine.log_status(&self.who, &self.name).await {
            Ok(status) => status,
            Err(Error::NotFound(_)) => return None,
            Err(why) => {
                tracing::warn!(%why, "the state of a log's run could not be read");
                return None;
            }
        };
        if self.last_status.as_ref() == Some(&status) {
            return None;
        }
        self.last_status = Some(status.clone());
        Some(LogFrame::Status(status))
    }

    /// The end goes after the state that goes with it.
    async fn end(&mut self, last: u64, closed_with: Option<String>) -> LogFrame {
        if let Some(frame) = self.status_frame().await {
            // The follower says its end again to whoever asks: the state is told first.
            self.follower.seek(last);
            return frame;
        }
        self.ended = true;
        let known = self.last_status.as_ref().map(|status| status.status.clone());
        LogFrame::End(LogEnd { status: closed_with.or(known).unwrap_or_default(), last })
    }

    fn concerns(&self, change: std::result::Result<Change, RecvError>) -> bool {
        match change {
            Ok(Change::Run { id, .. } | Change::BuildRun { id, .. }) => id == self.subject,
            Ok(Change::Map { .. } | Change::Hold | Change::Settings) | Err(RecvError::Closed) => false,
            Err(RecvError::Lagged(_)) => true,
        }
    }
}
