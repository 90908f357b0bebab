//! The way back beside a failure: to what ran before it, or to another version.

use super::{
    image_tag,
    roll_back::{Way, newest, of_version},
};
use crate::components::any::view;
use crate::reactive::memo;
use crate::{
    components::{
        held_press::HeldPress,
        icon::icon,
        over::{Part, Place, over},
        problem::error_line,
    },
    text,
};
use leptos::prelude::*;
use types::history::Candidate;

/// See the module.
pub(crate) fn way_back(place: Place, tag: Option<String>) -> AnyView {
    let way = Way::new(place.clone());
    let wanted = tag.clone();
    let found = memo(move || {
        let known = way.candidates.get()?.ok()?;
        // A version that is named is that one or none: it may run again by now.
        let at = match wanted.as_deref() {
            Some(tag) => of_version(&known, tag),
            None => newest(&known),
        }?;
        known.into_iter().nth(at)
    });
    let (before, named) = (tag.clone(), tag.clone());
    let words = Signal::derive(move || {
        let tag = found.with(|found| found.as_ref().map(|candidate| image_tag(&candidate.entry.image)));
        text::roll_back_to(&tag.or_else(|| before.clone()).unwrap_or_default())
    });
    let runnable = move |found: &Option<Candidate>| found.as_ref().is_some_and(|candidate| candidate.runnable);
    let off = Signal::derive(move || way.press.is_busy() || !found.with(runnable));
    let done = move |()| {
        if let Some(candidate) = found.get_untracked() {
            way.go(&candidate.entry, true, None, || {});
        }
    };
    let over = over();
    let others = move |_| over.open(Part::RollBack(place.clone(), tag.clone()));
    view! {
        <HeldPress words off done/>
        {move || why_not(way, found.get(), named.as_deref())}
        {move || error_line(way.error.get())}
        <button class="button" type="button" aria-haspopup="dialog" on:click=others>{icon("history")}{text::other_versions()}</button>
    }
    .into_any()
}

/// Why the version that ran before cannot come back.
fn why_not(way: Way, found: Option<Candidate>, named: Option<&str>) -> AnyView {
    let nothing = || match way.candidates.get() {
        None => None,
        Some(Err(error)) => Some(error.detail),
        Some(Ok(_)) => Some(named.map_or_else(|| text::nothing_to_go_back_to().to_owned(), text::no_way_back_to)),
    };
    let (words, code) = match found {
        Some(candidate) if candidate.runnable => return ().into_any(),
        Some(candidate) => match candidate.blocked_by.into_iter().next() {
            Some(wall) => (Some(wall.message), Some(wall.code.as_str())),
            None => (None, None),
        },
        None => (nothing(), None),
    };
    let code = code.map(|code| view! { <code class="code">{code}</code> });
    words.map(|words| view! { <p class="sub way-back-why">{words}" "{code}</p> }).into_any()
}
