//! Moments: an age that goes on, and the exact time for those who hover.

use crate::{clock::clock, components::any::view, text};
use leptos::prelude::*;
use types::Time;

/// `6 min`
pub(crate) fn age(at: Time) -> AnyView {
    moving(at, Box::new(move || clock().age(at)))
}

/// `6 min ago`, `now`
pub(crate) fn ago(at: Time) -> AnyView {
    moving(at, Box::new(move || text::ago(&clock().age(at))))
}

/// `14:02`, with the day where it is another one.
pub(crate) fn moment(at: Time) -> AnyView {
    moving(at, Box::new(move || clock().moment(at)))
}

fn moving(at: Time, words: Box<dyn Fn() -> String + Send>) -> AnyView {
    let clock = clock();
    view! { <time datetime=at.to_string() title=move || clock.exact(at)>{move || words()}</time> }
}
