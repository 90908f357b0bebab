//! Views without their types: what the crate's own `view!` makes.
//!
//! Each type of view costs every reader of the pipeline page about half a kilobyte, and `view!` of
//! leptos makes many: each element in a wrapper and without one, what may be missing and lists of
//! each of them. Here all of them are one type.

use leptos::{
    prelude::*,
    tachys::{reactive_graph::SharedReactiveFunction, view::any_view::AnyView},
};
use std::{
    any::Any,
    pin::Pin,
    sync::{Arc, Mutex},
};

/// See the module. It is imported by name where views are made.
macro_rules! erased_view {
    ($($view:tt)*) => { $crate::components::any::erase(leptos::view! { $($view)* }) };
}
pub(crate) use erased_view as view;

/// The view without wrapper and type; one that has no type stays as it is.
pub(crate) fn erase<T>(view: View<T>) -> AnyView
where
    T: RenderHtml + Send + 'static,
{
    let mut view = Some(view.into_inner());
    let erased = (&mut view as &mut dyn Any).downcast_mut::<Option<AnyView>>().and_then(Option::take);
    match (erased, view) {
        (Some(erased), _) => erased,
        (None, Some(view)) => view.into_any(),
        (None, None) => ().into_any(),
    }
}

/// What is drawn again whenever something that it reads changes.
pub(crate) fn live<V>(draw: impl FnMut() -> V + Send + 'static) -> AnyView
where
    V: RenderHtml + 'static,
    V::State: 'static,
{
    let draw: SharedReactiveFunction<V> = Arc::new(Mutex::new(draw));
    draw.into_any()
}

/// One of a list: what tells it from the others, and how it is drawn.
pub(crate) struct One {
    pub(crate) key: String,
    pub(crate) draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// A list that keeps what stays in it.
pub(crate) fn each(list: Box<dyn Fn() -> Vec<One> + Send + Sync>) -> AnyView {
    view! { <For each=list key=|one: &One| one.key.clone() children=|one: One| (one.draw)()/> }
}

/// A view on its way.
pub(crate) type Awaited = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// Waits for a view; while it is asked again, what was known stays.
pub(crate) fn transition(draw: Box<dyn Fn() -> Awaited + Send + Sync>, fallback: fn() -> AnyView) -> AnyView {
    view! { <Transition fallback=fallback>{move || Suspend::new(draw())}</Transition> }
}
