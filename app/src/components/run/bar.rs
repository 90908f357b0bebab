//! The phases of an item as a bar on the run's axis, and in words.

use crate::{clock::clock, components::any::view, format, text};
use leptos::prelude::*;
use types::{
    Time,
    run::{Item, ItemStatus, Phase, PhaseName},
};

/// Units of the drawing's width.
const WIDTH: u64 = 1_000;
/// A phase of a few milliseconds is seen all the same.
const THINNEST: u64 = 6;

/// A stretch of the bar, in units of the drawing.
struct Stretch {
    x: u64,
    width: u64,
    tone: &'static str,
}

/// See the module. `third` is the length of a third of the axis.
pub(crate) fn bar(item: &Item, start: Time, third: u64) -> AnyView {
    let stretches = item.phases.iter().map(|phase| draw(stretch(phase, item.status, start, third)));
    let words = phase_words(item);
    let (left, right) = (WIDTH / 3, WIDTH * 2 / 3);
    view! {
        <svg class="bar" viewBox=format!("0 0 {WIDTH} 10") preserveAspectRatio="none" role="img" aria-label=words.clone()>
            <path d=format!("M{left} 0v10M{right} 0v10")></path>
            {stretches.collect_view()}
        </svg>
        <div class="sub clip" title=words.clone()>{words.clone()}</div>
    }
}

fn stretch(phase: &Phase, status: ItemStatus, start: Time, third: u64) -> Stretch {
    let unit = |ms: u64| (ms * WIDTH / (third * 3)).min(WIDTH);
    let begin = phase.at.since_ms(start);
    let lasts = phase.duration_ms.unwrap_or_else(|| clock().elapsed_ms(phase.at));
    let x = unit(begin).min(WIDTH - THINNEST);
    let width = unit(lasts).max(THINNEST).min(WIDTH - x);
    Stretch { x, width, tone: tone(phase, status) }
}

fn tone(phase: &Phase, status: ItemStatus) -> &'static str {
    match (phase.phase, phase.duration_ms, status) {
        (PhaseName::Queued, _, _) => "wait",
        (PhaseName::Building, Some(_), _) => "build",
        (_, None, _) => "busy",
        (_, Some(_), ItemStatus::Failed) => "bad",
        (_, Some(_), ItemStatus::Succeeded) => "ok",
        (_, Some(_), _) => "past",
    }
}

fn draw(stretch: Stretch) -> AnyView {
    let Stretch { x, width, tone } = stretch;
    let (y, height) = if tone == "wait" { (4, 2) } else { (0, 10) };
    view! { <rect x=x y=y width=width height=height data-state=tone></rect> }
}

/// `waits for wave 1, apply 0.4 s, roll 38 s`
fn phase_words(item: &Item) -> String {
    let mut words: Vec<String> = item.waiting_for.iter().map(|wait| text::waits_for(wait.kind).to_owned()).collect();
    words.extend(item.phases.iter().map(|phase| {
        let lasts = match phase.duration_ms {
            Some(ms) => format::duration(ms),
            None => clock().elapsed(phase.at),
        };
        format!("{} {lasts}", text::phase_short(phase.phase))
    }));
    words.join(", ")
}
