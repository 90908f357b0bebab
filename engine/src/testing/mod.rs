//! What tests of this crate and of those above need: real counterparts that come and go with the test process.

pub mod postgres;
