//! A view of what the server answers: the frame stands at once, an error stands in its place.

use super::{
    any::{Awaited, transition, view},
    problem::Problem,
};
use crate::api::read::Read;
use leptos::prelude::*;
use std::sync::Arc;

/// Draws what a resource answers; while it is asked again, what was known stays.
pub(crate) fn awaited<T>(resource: Read<T>, draw: impl Fn(T) -> AnyView + Send + Sync + 'static) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let draw = Arc::new(draw);
    let draw_now = move || -> Awaited {
        let draw = draw.clone();
        Box::pin(async move {
            match resource.await {
                Ok(value) => draw(value),
                Err(error) => view! { <Problem error/> },
            }
        })
    };
    transition(Box::new(draw_now), grey_lines)
}

/// Grey lines of about the final size; the style sheet shows them after 300 ms.
fn grey_lines() -> AnyView {
    view! { <div class="grey-lines" aria-hidden="true"><i></i><i></i><i></i><i></i></div> }
}
