//! The call of a URL by a step: what it sends, where it may go, and what it takes from the answer.
//!
//! Every hop asks the egress policy, and connects to the address that was checked. What the caller sends along
//! (headers, body) goes to the origin it was meant for and never on to another. Answers are read within limits; values
//! are taken out of them by JSON pointers.

mod answer;
mod call;
mod error;
mod extract;
mod request;

pub use answer::{Answer, Hop};
pub use call::{CallLimits, call};
pub use error::CallError;
pub use request::{Call, PlainCall};

#[cfg(test)]
mod tests;
