//! Settings: from flags, the environment and a TOML file, in that order, read once at the start.
//!
//! Every value is text until `Settings::read` parses it, so that one sentence says of a wrong one
//! which setting it is and where it came from.

mod address;
mod settings;
mod sources;
mod table;
mod units;

pub use address::PublicUrl;
pub use settings::{LogFormat, Settings};
pub use sources::{Origin, Value, Values};
pub use table::{SETTINGS, Setting, SettingFlags};
pub use units::{parse_duration, parse_size};

/// What is wrong with a setting: one line that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {message}")]
pub struct SettingError {
    pub setting: String,
    pub message: String,
}

impl SettingError {
    pub(crate) fn new(setting: impl Into<String>, message: impl Into<String>) -> Self {
        Self { setting: setting.into(), message: message.into() }
    }
}

#[cfg(test)]
mod tests;
