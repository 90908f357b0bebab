//! The editor of a build: its flow on the left, the rest on the right, saving below.

use super::{
    form::{BuildForm, StepForm},
    step::StepEditor,
};
use crate::{
    api::{
        Answer,
        builds::{EditedBuild, create_build, replace_build, start_build_run},
        connections::AllConnections,
    },
    components::{
        any::view,
        field::{About, ChoiceField, Refusal, TextField, form_error, invalid_count},
        icon::icon,
        state::{self, state},
    },
    text,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use types::{Name, build::Build, build_run::NewBuildRun};

/// The pages of one build.
pub(crate) fn tabs(name: &str, here: &'static str) -> AnyView {
    let tab = |page: &'static str, word: &'static str| {
        view! { <a href=format!("/builds/{name}/{page}") aria-current=(page == here).then_some("page")>{word}</a> }
    };
    view! { <nav class="tabs" aria-label=text::build_named(name)>{tab("edit", text::edit())}{tab("runs", text::runs())}</nav> }
}

/// See the module.
#[component]
pub(crate) fn Editor(form: BuildForm, found: AllConnections) -> impl IntoView {
    let refusal: Refusal = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new(use_navigate());
    let go = move |to: String| navigate.with_value(|navigate| navigate(&to, Default::default()));
    let save = move |then_run: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match save(form, then_run).await {
                Ok(address) => go(address),
                Err(error) => refusal.set(Some(error)),
            }
            busy.set(false);
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save(false);
    };
    let step = move |step: StepForm| view! { <StepEditor form step refusal/> };
    view! {
        <form class="flow-page" aria-label=text::build_column() on:submit=submit>
            <section aria-labelledby="flow-title">
                <div class="row flow-title">
                    <h2 id="flow-title">{text::flow()}</h2>
                    <span class="sub wide-only">{text::steps_run_in_order()}</span>
                    <span class="row push">
                        <button class="button" type="button" on:click=move |_| form.add(StepForm::git)>{icon("plus")}{text::code_repository()}</button>
                        <button class="button" type="button" on:click=move |_| form.add(StepForm::image)>{icon("plus")}{text::create_image()}</button>
                    </span>
                </div>
                <ol class="flow"><For each=move || form.steps.get() key=|step| step.key children=step/></ol>
            </section>
            <Facts form found refusal/>
            <div class="row wrap save-bar">
                {form_error(refusal)}
                {move || (invalid_count(refusal) > 0).then(|| state(state::BAD, text::fields_need_a_change(invalid_count(refusal))))}
                <span class="row push">
                    <button class="button" type="button" on:click=move |_| save(true)>{text::save_and_run()}</button>
                    <button class="button button-primary" type="submit" aria-disabled=move || busy.get().then_some("true")>{text::save()}</button>
                </span>
            </div>
        </form>
    }
}

/// Stores the build; says where to go then.
async fn save(form: BuildForm, then_run: bool) -> Answer<String> {
    let build = form.build();
    let stored: Build = match form.stored.get_value() {
        None => create_build(build).await?,
        Some((name, revision)) => match Name::parse(&name) {
            Ok(name) => replace_build(name, EditedBuild { build, revision }).await?,
            Err(_) => create_build(build).await?,
        },
    };
    match Name::parse(&stored.name) {
        Ok(name) if then_run => {
            let run = start_build_run(name.clone(), NewBuildRun::default()).await?;
            Ok(format!("/builds/{name}/runs/{}/log", run.number))
        }
        _ => Ok("/builds".to_owned()),
    }
}

/// Name, image, tag rule, engine.
#[component]
fn Facts(form: BuildForm, found: AllConnections, refusal: Refusal) -> impl IntoView {
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
    view! {
        <section class="panel card" aria-label=text::about_the_build()>
            <TextField about=About::code(text::name(), "name").hint(text::name_hint()) value=form.name refusal/>
            <TextField about=About::text(text::description(), "description") value=form.description refusal/>
            <ChoiceField about=About::text(text::registry(), "registry") value=form.registry refusal choices=registries/>
            <TextField about=About { placeholder: "shop/api", ..About::code(text::repository(), "repository") } value=form.repository refusal/>
            <ChoiceField about=About::text(text::tag_rule(), "tag_rule") value=form.rule refusal choices=rules/>
            {move || (!typed()).then(|| view! { <TextField about=About::code(text::prefix(), "tag_rule.prefix") value=form.prefix refusal/> })}
            <ChoiceField about=About::text(text::build_engine(), "engine") value=form.engine refusal choices=engines/>
            <TextField about=About::text(text::time_limit_min(), "time_limit_ms") value=form.time_limit_min refusal/>
        </section>
    }
}
