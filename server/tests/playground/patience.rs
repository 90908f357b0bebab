//! Waiting for what another program shows only when it is asked.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Often enough not to be what a test waits for, seldom enough not to be the load.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The first answer; none in time fails the test.
pub(crate) fn until<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "not within {} s: {what}", limit.as_secs());
        thread::sleep(ASK_EVERY);
    }
}
