//! Things that come by themselves, each with the moment of its arrival: a thread reads them and
//! looks at the clock before anything else, so that nothing of ours is part of what is measured.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};

use super::interrupt;

/// How often a wait looks whether it was interrupted.
const LOOK: Duration = Duration::from_millis(200);

pub(super) struct Arrival<T> {
    pub(super) at: Instant,
    /// The clock that all processes of the machine share.
    pub(super) clock: SystemTime,
    pub(super) what: T,
}

pub(super) struct Feed<T> {
    arrivals: Receiver<Arrival<T>>,
}

impl<T: Send + 'static> Feed<T> {
    /// The thread ends with its source, or with whoever reads the feed.
    pub(super) fn of(source: impl Iterator<Item = T> + Send + 'static) -> Self {
        let (sender, arrivals) = channel();
        thread::spawn(move || {
            for what in source {
                let arrival = Arrival { at: Instant::now(), clock: SystemTime::now(), what };
                if sender.send(arrival).is_err() {
                    return;
                }
            }
        });
        Self { arrivals }
    }

    /// Reads on until `wanted` finds what it looks for.
    pub(super) fn until<R>(
        &self,
        what: &str,
        patience: Duration,
        mut wanted: impl FnMut(&Arrival<T>) -> Option<R>,
    ) -> Result<R> {
        let end = Instant::now() + patience;
        loop {
            interrupt::check()?;
            match self.arrivals.recv_timeout(LOOK) {
                Ok(arrival) => {
                    if let Some(found) = wanted(&arrival) {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() > end => {
                    bail!("waited {} s in vain for {what}", patience.as_secs());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => bail!("the stream ended before {what}"),
            }
        }
    }
}
