//! A page that could not be shown: what is wrong, what to do, and the request's id.

use super::icon::icon;
use crate::components::any::view;
use crate::text;
use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Url};
use types::{ApiError, ErrorCode};

/// See the module.
#[component]
pub(crate) fn Problem(error: ApiError) -> impl IntoView {
    let ApiError { code, detail, request_id, .. } = error;
    let location = use_location();
    let sign_in = move || sign_in_address(&location.pathname.get(), &location.search.get());
    view! {
        <section class="start start-narrow problem" role="alert">
            <h1>{text::problem_title(code)}</h1>
            <p>{detail}</p>
            <p class="row wrap">
                {(code == ErrorCode::Unauthenticated)
                    .then(|| view! { <a class="button button-primary" rel="external" href=sign_in>{text::sign_in()}</a> })}
                <a class="button" href="/">{text::to_the_start()}</a>
            </p>
            <p class="row sub">
                <code class="code">{code.as_str()}</code>
                {request_id.map(|id| view! { <span>{text::request()}" "<code>{id}</code></span> })}
            </p>
        </section>
    }
}

/// Where one signs in to come back to this page.
pub(crate) fn sign_in_address(path: &str, search: &str) -> String {
    let query = search.trim_start_matches('?');
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/sign-in?to={}", Url::escape(&format!("{path}{mark}{query}")))
}

/// An error beside the thing it is about; nothing where there is none.
pub(crate) fn error_line(error: Option<ApiError>) -> AnyView {
    let Some(error) = error else { return ().into_any() };
    view! {
        <p class="field-error" role="alert">
            {icon("failed")}
            <span>{error.detail}" "<code class="code">{error.code.as_str()}</code></span>
        </p>
    }
}
