//! What is said of a stored plan: whose it is, and whether the same would happen now.

use super::{plan_lines::contents, plan_sheet::Sheet};
use crate::components::any::view;
use crate::{
    components::{
        icon::icon,
        state::{self, state},
        time::{ago, moment},
    },
    text,
};
use leptos::prelude::*;
use types::plan::{Plan, StoredPlan};

/// Above the plan as it is now.
pub(crate) fn stored_when(sheet: Sheet, stored: StoredPlan) -> AnyView {
    let StoredPlan { by, at, until, plan, refused, stale, .. } = stored;
    let hash = plan.plan_hash.clone();
    // The plan of the page is asked anew while the page stands; until it is there the server's word holds.
    let differs = crate::reactive::memo(move || {
        sheet.plan.with(|now| match now {
            Some(Ok(now)) => now.plan_hash != hash,
            Some(Err(_)) | None => stale,
        })
    });
    let holds = move || match differs.get() {
        true => state(state::WARN, text::another_thing_would_happen()),
        false => state(state::OK, text::as_it_was_stored()),
    };
    let then = move || differs.get().then(|| as_it_was(plan.clone()));
    view! {
        <div class="panel stored-plan">
            <p class="row wrap">
                <span role="status">{holds}</span>
                <span class="sub">{text::stored_by(&by)}" "{ago(at)}" · "{text::kept_until()}" "{moment(until)}</span>
            </p>
            {refused.map(|why| view! { <p class="row wrap">{icon("warn")}{why}</p> })}
            {then}
        </div>
    }
    .into_any()
}

fn as_it_was(plan: Plan) -> AnyView {
    view! { <details><summary>{text::what_was_stored()}</summary>{contents(None, plan)}</details> }.into_any()
}
