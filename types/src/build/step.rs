//! A step of a flow, and what all steps have.

use super::{ContainerStep, GitStep, HttpStep, ImageStep, ScriptStep, TransferStep};
use serde::{Deserialize, Serialize};

/// Time limit of a step where none is said: one hour.
pub const STEP_TIME_LIMIT_MS: u64 = 3_600_000;

/// A step of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Step {
    Git(GitStep),
    Transfer(TransferStep),
    Http(HttpStep),
    Script(ScriptStep),
    Container(ContainerStep),
    Image(ImageStep),
}

/// The same of every type: all have a name, a switch and a time limit.
macro_rules! of_each {
    ($self:expr, $step:ident => $value:expr) => {
        match $self {
            Step::Git($step) => $value,
            Step::Transfer($step) => $value,
            Step::Http($step) => $value,
            Step::Script($step) => $value,
            Step::Container($step) => $value,
            Step::Image($step) => $value,
        }
    };
}

impl Step {
    pub fn name(&self) -> &str {
        of_each!(self, step => &step.name)
    }

    pub fn set_name(&mut self, name: String) {
        of_each!(self, step => step.name = name);
    }

    pub fn enabled(&self) -> bool {
        of_each!(self, step => step.enabled)
    }

    pub fn set_enabled(&mut self, enabled: bool) {
        of_each!(self, step => step.enabled = enabled);
    }

    pub fn time_limit_ms(&self) -> u64 {
        of_each!(self, step => step.time_limit_ms)
    }

    /// The word on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Step::Git(_) => "git",
            Step::Transfer(_) => "transfer",
            Step::Http(_) => "http",
            Step::Script(_) => "script",
            Step::Container(_) => "container",
            Step::Image(_) => "image",
        }
    }
}

pub(super) fn yes() -> bool {
    true
}

pub(super) fn step_time_limit() -> u64 {
    STEP_TIME_LIMIT_MS
}
