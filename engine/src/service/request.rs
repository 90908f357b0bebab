//! What callers hand in and get back beside the words of the wire.

use crate::Principal;
use std::time::Duration;
use types::{
    Name, TaskId, Time,
    run::{RunKind, RunStatus},
};
use uuid::Uuid;

/// A configurable thing with its revision, for `ETag` and `If-Match`.
#[derive(Clone, Debug)]
pub struct Revised<T> {
    pub value: T,
    pub revision: Revision,
}

/// Grows with each change of a configurable thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(pub i64);

/// `Idempotency-Key` with its scope.
#[derive(Clone, Debug)]
pub struct Idempotency {
    pub key: String,
    pub method: &'static str,
    pub path: String,
    /// SHA-256 of the parsed body, serialised again.
    pub body_hash: String,
}

/// What a call that starts something answers with.
#[derive(Clone, Debug)]
pub struct Started<T> {
    pub value: T,
    /// The call was a repeat: the object of the first, as it is now.
    pub replayed: bool,
}

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Value of the cookie.
    pub cookie: String,
    pub max_age: Duration,
    pub principal: Principal,
}

/// Where a page of a list begins and how long it is.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    pub limit: u64,
    pub cursor: Option<String>,
}

/// Which runs a list holds.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub map: Option<Name>,
    pub status: Option<RunStatus>,
    pub kind: Option<RunKind>,
    pub task: Option<TaskId>,
    pub by: Option<String>,
    pub since: Option<Time>,
    pub until: Option<Time>,
}

/// Which log is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogName {
    Build { build: Name, number: u32 },
    Item { run: Uuid, n: u32 },
}

/// A dependency and whether it works.
#[derive(Clone, Debug)]
pub struct Readiness {
    pub part: String,
    pub ready: bool,
    pub why: Option<String>,
}
