//! WebSockets: the log of a build run or item, and what changes in a map.
//!
//! A feed of the engine goes out as frames, one at a time: the next one is taken only when the
//! client has taken the last, so a client that never reads costs the buffer of its connection and
//! is told by the engine, with `lagged` or `resync`, what it missed.
//! Refusals after the upgrade are close codes, since browsers show nothing else to a page.

mod close;
mod conversation;
mod frames;
mod routes;
mod seats;
mod subject;
mod upgrade;

pub(crate) use routes::routes;
pub(crate) use seats::Seats;
pub(crate) use subject::may_read_log;
