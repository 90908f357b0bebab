//! What changes while a page is open: one hook per stream.

pub(crate) mod keep;
pub(crate) mod log_feed;
pub(crate) mod map_feed;
pub(crate) mod map_frame;
pub(crate) mod run_feed;
mod socket;

pub(crate) use socket::wait;
use types::Time;

/// Whether a stream is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Liveness {
    /// Not yet opened for the first time.
    #[default]
    Connecting,
    Live,
    /// Lost, and tried again.
    Stale {
        since: Time,
    },
    /// Nothing follows: what was followed has ended.
    Over,
}
