//! Views without their types: what the crate's own `view!` makes.
//!
//! Each type of view costs every reader of the pipeline page about half a kilobyte, and `view!` of
//! leptos makes many: each element in a wrapper and without one, what may be missing and lists of
//! each of them. Here all of them are one type.

use leptos::{prelude::*, tachys::view::any_view::AnyView};
use std::any::Any;

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

/// See the module. It is imported by name where views are made.
macro_rules! erased_view {
    ($($view:tt)*) => { $crate::components::any::erase(leptos::view! { $($view)* }) };
}
pub(crate) use erased_view as view;
