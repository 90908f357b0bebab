//! Effects and memos without the types of their closures.
//!
//! What leptos makes of an effect or a memo is compiled anew for each closure, half a kilobyte for
//! every reader of the pipeline page. Here it is compiled once for each type of value.

use leptos::prelude::*;

/// What is computed again when something that it reads changes.
pub(crate) fn memo<T>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    boxed_memo(Box::new(value))
}

#[inline(never)]
fn boxed_memo<T>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| value())
}

/// What the browser does now, and again when something that it reads changes.
pub(crate) fn effect(work: impl FnMut() + 'static) {
    boxed_effect(Box::new(work));
}

#[inline(never)]
fn boxed_effect(mut work: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| work());
}
