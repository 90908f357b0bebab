//! What differs between two versions of a build, in words.

use super::difference::{Difference, FieldDifference};
use crate::{
    components::{any::view, icon::icon},
    text,
};
use leptos::prelude::*;

/// See the module; `none` is said where nothing differs.
pub(crate) fn list(found: Vec<Difference>, none: &'static str) -> AnyView {
    if found.is_empty() {
        return view! { <p class="sub">{none}</p> };
    }
    view! { <ul class="differences" role="list">{found.into_iter().map(line).collect_view()}</ul> }
}

fn line(difference: Difference) -> AnyView {
    match difference {
        Difference::Added(name) => view! { <li>{text::step_was_added(&name)}</li> },
        Difference::Removed(name) => view! { <li>{text::step_was_removed(&name)}</li> },
        Difference::Order => view! { <li>{text::steps_in_another_order()}</li> },
        Difference::Field(FieldDifference { step, path, from, to }) => {
            let field = text::field_words(&path);
            let words = step.map(|step| text::field_of_step(&step, &field)).unwrap_or(field);
            view! { <li><span>{words}</span><span class="row">{side(from)}{icon("to")}{side(to)}</span></li> }
        }
    }
}

fn side(held: Option<String>) -> AnyView {
    match held {
        Some(held) => view! { <code class="clip" title=held.clone()>{held.clone()}</code> },
        None => view! { <span class="sub">{text::nothing_there()}</span> },
    }
}
