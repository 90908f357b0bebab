//! Icons: symbols of one sprite that every page shares.

use crate::boot::boot;
use crate::components::any::view;
use leptos::prelude::*;

/// An icon of 16 px; `name` is the symbol without its `i-`.
pub(crate) fn icon(name: &'static str) -> AnyView {
    draw(name, "icon")
}

/// An icon of 14 px.
pub(crate) fn small_icon(name: &'static str) -> AnyView {
    draw(name, "icon icon-small")
}

fn draw(name: &'static str, class: &'static str) -> AnyView {
    let href = format!("{}#i-{name}", boot().icons);
    view! { <svg class=class aria-hidden="true"><use_ href=href></use_></svg> }
}
