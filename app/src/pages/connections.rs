//! What Slipway is connected to: as a page, and as the first steps while there is no map.

use crate::{
    api::connections::connections,
    api::read::read,
    components::{
        any::view,
        awaited::awaited,
        connections::{forms::AddByHand, found::Found, known::Known},
    },
    pages::map_form::MapForm,
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Clusters, registries and build engines.
#[component]
pub(crate) fn Connections() -> impl IntoView {
    let all = read(|| (), |()| connections());
    let again = Callback::new(move |()| all.refetch());
    view! {
        <Title text=text::connections()/>
        <header class="page-head"><h1>{text::connections()}</h1></header>
        <div class="form-page">
            {awaited(all, move |all| view! { <Known all=all.clone()/><Found all on_added=again/> })}
            <AddByHand on_added=again/>
        </div>
    }
}

/// Three steps to the first rollout; nothing is touched before it is added.
#[component]
pub(crate) fn FirstSteps() -> impl IntoView {
    let all = read(|| (), |()| connections());
    let again = Callback::new(move |()| all.refetch());
    let by_hand = RwSignal::new(false);
    view! {
        <div class="start">
            <div><h1>{text::three_steps()}</h1><p class="sub">{text::nothing_was_changed()}</p></div>
            {awaited(all, move |all| {
                let ready = !all.clusters.is_empty();
                let clusters = all.clusters.clone();
                view! {
                    <section aria-labelledby="step-1">
                        {step_title(1, text::add_what_was_found(), "", !ready)}
                        <Known all=all.clone()/>
                        <Found all on_added=again/>
                    </section>
                    {move || by_hand.get().then(|| view! { <AddByHand on_added=again/> })}
                    <div class="row">
                        <button class="button" type="button" aria-expanded=move || by_hand.get().to_string() on:click=move |_| by_hand.update(|on| *on = !*on)>
                            {crate::components::icon::icon("plus")}{text::add_by_hand()}
                        </button>
                    </div>
                    <section aria-labelledby="step-2">
                        {step_title(2, text::make_a_service_map(), text::make_a_map_means(), ready)}
                        {ready.then(|| view! { <MapForm clusters/> })}
                    </section>
                    <section aria-labelledby="step-3">{step_title(3, text::choose_and_run(), text::choose_and_run_means(), false)}</section>
                }
            })}
        </div>
    }
}

fn step_title(n: u8, title: &'static str, means: &'static str, current: bool) -> AnyView {
    view! {
        <h2 class="row wrap" id=format!("step-{n}") aria-current=current.then_some("step")>
            <span class="start-number">{n}</span>{title}" "<span class="sub">{means}</span>
        </h2>
    }
}
