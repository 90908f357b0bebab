//! What came back.

use bytes::Bytes;
use std::{collections::BTreeMap, time::Duration};

/// Bytes of an answer that an error repeats: enough for its message.
pub(super) const EXCERPT: usize = 1024;

/// A redirect that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    pub status: u16,
    /// Where it led, without user information and query.
    pub to: String,
}

/// An answer that is as it was expected.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    /// Redirects, in their order.
    pub hops: Vec<Hop>,
    pub duration: Duration,
    pub body: Bytes,
    /// What the pointers led to, by name.
    pub values: BTreeMap<String, String>,
}

impl Answer {
    /// For the log: the redirects, then how it ended. No body and no value: they may be secrets.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.hops.iter().map(|hop| format!("{}, redirected to {}", hop.status, hop.to)).collect();
        let (status, bytes, ms) = (self.status, self.body.len(), self.duration.as_millis());
        lines.push(format!("{status}, {bytes} bytes in {ms} ms, {} redirects", self.hops.len()));
        lines
    }
}

/// The beginning of an answer, as far as it is text.
pub(super) fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(EXCERPT)]).trim_end_matches('\u{FFFD}').to_owned()
}
