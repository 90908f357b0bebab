//! The failure card: cause, evidence, what now, and actions beside it.

use super::icon::icon;
use crate::components::any::view;
use crate::text;
use leptos::prelude::*;
use types::run::{Evidence, Failure};

/// What failed, and why.
pub(crate) struct Cause {
    pub(crate) of: String,
    pub(crate) failure: Failure,
    pub(crate) when: Option<AnyView>,
}

/// See the module.
pub(crate) fn failure(cause: Cause, actions: Option<AnyView>) -> AnyView {
    let Cause { of, failure: Failure { code, message, evidence, advice, at_deadline: _ }, when } = cause;
    view! {
        <section class="failure" aria-label=text::why_it_failed(&of)>
            <div class="row wrap failure-cause">
                {icon("failed")}
                <h3>{text::cause(code)}</h3>
                <span>{message}</span>
                <code class="code">{code.as_str()}</code>
                {when}
            </div>
            {evidence_list(evidence)}
            {advice.map(|advice| view! { <p>{advice}</p> })}
            {actions.map(|actions| view! { <div class="failure-actions">{actions}</div> })}
        </section>
    }
}

/// What was seen, line by line; nothing where nothing was.
pub(crate) fn evidence_list(evidence: Vec<Evidence>) -> AnyView {
    if evidence.is_empty() {
        return ().into_any();
    }
    let lines = evidence.into_iter().flat_map(|seen| {
        let who = match seen.name.is_empty() {
            true => seen.kind,
            false => format!("{} {}", seen.kind, seen.name),
        };
        let lines: Vec<String> = seen.text.lines().map(str::to_owned).collect();
        lines.into_iter().map(
            move |line| view! { <li><span class="clip" title=who.clone()>{who.clone()}</span><code>{line}</code></li> },
        )
    });
    view! { <ul class="failure-evidence">{lines.collect_view()}</ul> }
}
