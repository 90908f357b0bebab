//! Durations of the last runs as bars.

use crate::{components::any::view, format, text};
use leptos::prelude::*;
use types::build::BuildDuration;

/// Bars at most.
const BARS: usize = 12;
/// Height of the longest.
const HIGH: u64 = 18;

/// See the module; nothing where no run has ended.
pub(crate) fn spark(durations: &[BuildDuration]) -> AnyView {
    let newest = &durations[durations.len().saturating_sub(BARS)..];
    let Some(longest) = newest.iter().map(|run| run.duration_ms).max() else { return ().into_any() };
    let bars = newest.iter().enumerate().map(|(n, run)| {
        let height = (run.duration_ms * HIGH / longest.max(1)).max(2);
        view! { <rect x=n * 6 y=20 - height width="4" height=height rx="1" data-state=(!run.succeeded).then_some("bad")></rect> }
    });
    let label = text::durations(newest.len(), &format::duration(longest));
    view! { <svg class="spark" viewBox="0 0 70 20" role="img" aria-label=label>{bars.collect_view()}</svg> }
}
