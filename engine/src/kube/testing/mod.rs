//! Small builders for tables, and a scripted API server, which tests of the crates above use too.

mod answers;
pub(crate) mod api;
#[cfg(test)]
mod built;
pub(crate) mod controller;
#[cfg(test)]
pub(crate) mod shop;

#[cfg(test)]
pub(crate) use built::*;
