//! The wording that the causes share.

use super::Seen;
use crate::kube::pod::EventView;
use types::{run::Evidence, task::Role};

/// As in `Container api`, `Init container migrate`, `Sidecar proxy`.
pub(super) fn container(seen: Seen<'_>) -> String {
    let role = match seen.container.role {
        Role::Main => "Container",
        Role::Init => "Init container",
        Role::Sidecar => "Sidecar",
    };
    format!("{role} {}", seen.container.name)
}

pub(super) fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        3 => "three times".to_owned(),
        more => format!("{more} times"),
    }
}

/// A length of time as people say it.
pub(super) fn span(milliseconds: u64) -> String {
    match milliseconds / 1_000 {
        seconds @ ..120 => format!("{} s", seconds.max(1)),
        seconds => format!("{} min", seconds / 60),
    }
}

pub(super) fn pod(name: &str, text: impl Into<String>) -> Evidence {
    Evidence { kind: "pod".to_owned(), name: name.to_owned(), text: text.into() }
}

pub(super) fn event(event: &EventView) -> Evidence {
    let often = if event.count > 1 { format!(" ({})", times(event.count)) } else { String::new() };
    Evidence { kind: "event".to_owned(), name: event.reason.clone(), text: format!("{}{often}", event.message) }
}

/// The newest of some events.
pub(super) fn newest<'a>(events: impl Iterator<Item = &'a EventView>) -> Option<&'a EventView> {
    events.max_by_key(|event| event.last_at)
}

/// With a full stop, whatever the end was.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
