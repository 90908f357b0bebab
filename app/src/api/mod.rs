//! What the pages ask of the server: thin doors to the engine.
//!
//! Every one of them is a public address; the engine decides who may.

mod ask;
pub(crate) mod builds;
pub(crate) mod connections;
pub(crate) mod history;
pub(crate) mod logs;
pub(crate) mod maps;
pub(crate) mod press;
pub(crate) mod read;
pub(crate) mod reader;
pub(crate) mod runs;
pub(crate) mod session;

use ask::{Ask, Tell};

#[cfg(feature = "ssr")]
use crate::ssr::{CANDIDATES, PAGE, SUGGESTIONS, answer, engine, pressed, principal};

/// What the pages get.
pub(crate) type Answer<T> = Result<T, types::ApiError>;
