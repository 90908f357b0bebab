//! Why something was refused as a whole: the reason, and each task that stands in the way.

use super::problem::error_line;
use crate::components::any::view;
use leptos::prelude::*;
use types::{ApiError, run::BlockedItem};

/// See the module; nothing where nothing was refused.
pub(crate) fn refusal(error: Option<ApiError>) -> AnyView {
    let Some(error) = error else { return ().into_any() };
    let items = error.more.get("items").cloned().map(serde_json::from_value::<Vec<BlockedItem>>);
    let lines = items.and_then(Result::ok).unwrap_or_default().into_iter().flat_map(|item| {
        let name = format!("{} / {}", item.task.workload, item.task.container);
        item.blocked_by.into_iter().map(move |wall| {
            view! {
                <li><span class="strong clip">{name.clone()}</span><span>{wall.message}</span><code class="code">{wall.code.as_str()}</code></li>
            }
        })
    });
    let lines = lines.collect_view();
    view! { {error_line(Some(error))}<ul class="refused">{lines}</ul> }.into_any()
}
