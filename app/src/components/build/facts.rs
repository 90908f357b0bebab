//! What a build is beside its flow: name, image, tag rule, engine, limits, parameters.

use super::{
    fields::{RowsAbout, RowsField},
    form::BuildForm,
};
use crate::{
    api::connections::AllConnections,
    components::{
        any::view,
        field::{About, ChoiceField, LinesField, Refusal, TextField},
    },
    text,
};
use leptos::prelude::*;

/// See the module.
#[component]
pub(super) fn Facts(form: BuildForm, found: AllConnections, refusal: Refusal) -> impl IntoView {
    let registries: Vec<_> = found.registries.iter().map(|it| (it.name.to_string(), it.name.to_string())).collect();
    let engines: Vec<_> = found.engines.iter().map(|it| (it.name.to_string(), it.name.to_string())).collect();
    let rules: Vec<(String, String)> = [
        ("sequence", text::prefix_and_number()),
        ("datetime", text::prefix_and_time()),
        ("git", text::prefix_and_commit()),
        ("typed", text::typed_at_each_run()),
    ]
    .map(|(rule, words)| (rule.to_owned(), words.to_owned()))
    .into();
    let typed = move || form.rule.get() == "typed";
    let params = RowsAbout {
        hint: Some(text::params_hint()),
        value: text::default_value(),
        more: Some(text::description()),
        flag: Some(text::each_run_must_give_it()),
        ..RowsAbout::new(text::params(), "params", text::add_parameter())
    };
    view! {
        <section class="panel card" aria-label=text::about_the_build()>
            <TextField about=About::code(text::name(), "name").hint(text::name_hint()) value=form.name refusal/>
            <LinesField about=About::text(text::description(), "description") lines=2 value=form.description refusal/>
            <ChoiceField about=About::text(text::registry(), "registry") value=form.registry refusal choices=registries/>
            <TextField about=About { placeholder: "shop/api", ..About::code(text::repository(), "repository") } value=form.repository refusal/>
            <ChoiceField about=About::text(text::tag_rule(), "tag_rule") value=form.rule refusal choices=rules/>
            {move || (!typed()).then(|| view! { <TextField about=About::code(text::prefix(), "tag_rule.prefix") value=form.prefix refusal/> })}
            <ChoiceField about=About::text(text::build_engine(), "engine") value=form.engine refusal choices=engines/>
            <TextField about=About::code(text::time_limit(), "time_limit_ms").hint(text::time_limit_hint()) value=form.time_limit refusal/>
            <TextField about=About::text(text::max_parallel(), "max_parallel").hint(text::max_parallel_hint()) value=form.max_parallel refusal/>
            <RowsField about=params rows=form.params refusal/>
        </section>
    }
}
