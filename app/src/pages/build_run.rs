//! One run of a build: what it made, of what, and who uses it.

use crate::{
    api::builds::build_run,
    api::read::read,
    components::{
        any::view,
        awaited::awaited,
        build::run_actions::RunActions,
        icon::icon,
        state::{self, bare_state},
        time::moment,
    },
    format,
    pages::{
        log::build_state,
        params::{name_param, param},
    },
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use types::build_run::{BuildRun as RunData, StepRun};

/// See the module.
#[component]
pub(crate) fn BuildRun() -> impl IntoView {
    let (build, number) = (name_param("build"), param::<u32>("number"));
    let page =
        read(move || (build.get(), number.get()), |(build, number)| async move { build_run(build?, number?).await });
    awaited(page, page_of)
}

fn page_of(run: RunData) -> AnyView {
    let (build, number) = (run.build.clone(), run.number);
    let shown = RwSignal::new(run.clone());
    let log = format!("/builds/{build}/runs/{number}/log");
    let why = run.failure.as_ref().map(|failure| {
        view! { <p class="field-error">{icon("failed")}<span>{failure.message.clone()}" "<code class="code">{failure.code.as_str()}</code></span></p> }
    });
    view! {
        <Title text=text::build_run_title(&build, number)/>
        <header class="page-head">
            <div class="row">
                <a class="crumb" href="/builds">{text::builds()}</a>
                <a class="crumb" href=format!("/builds/{build}/runs")>{build.to_string()}</a>
                <h1>"#"{number}</h1>
                {move || shown.with(build_state)}
            </div>
            <div class="row push">
                <a class="button" href=log.clone()>{icon("lines")}{text::open_log()}</a>
                <RunActions shown/>
            </div>
        </header>
        {why}
        <div class="run-about">
            <section class="panel card"><h2>{text::image()}</h2>{move || shown.with(facts)}</section>
            <section class="panel card">
                <h2>{text::steps()}</h2>
                <ol>{run.steps.into_iter().map(|step| step_line(step, &log)).collect_view()}</ol>
            </section>
        </div>
    }
}

fn facts(run: &RunData) -> AnyView {
    let fact =
        |name: &'static str, value: Option<AnyView>| value.map(|value| view! { <dt>{name}</dt><dd>{value}</dd> });
    let code = |value: &Option<String>| value.clone().map(|value| view! { <code>{value}</code> });
    let used: Vec<_> = run.used_by.clone();
    view! {
        <dl class="facts">
            {fact(text::image(), code(&run.image))}
            {fact(text::digest(), run.digest.as_ref().map(|digest| view! { <code class="digest">{digest.to_string()}</code> }))}
            {fact(text::size(), run.size_bytes.map(|bytes| format::size(bytes).into_any()))}
            {fact(text::commit(), code(&run.commit))}
            {fact(text::reference(), code(&run.reference))}
            {fact(text::requested(), Some(view! { {run.requested_by.clone()}", "{moment(run.created_at)} }))}
            {fact(text::duration(), run.duration_ms.map(|ms| format::duration(ms).into_any()))}
            {fact(text::engine(), Some(run.engine.to_string().into_any()))}
            {fact(text::repeats(), run.repeat_of.map(|of| {
                let words = if run.edited { text::edited_for_this_run() } else { text::as_it_was() };
                view! { <a href=format!("/builds/{}/runs/{of}", run.build)>"#"{of}</a>", "{words} }
            }))}
            {fact(text::flow(), (run.edited && run.repeat_of.is_none()).then(|| text::edited_for_this_run().into_any()))}
            {fact(text::reject_it(), run.rejected.then(|| text::rejected_means().into_any()))}
            {fact(text::note(), run.note.clone().map(IntoAny::into_any))}
            {fact(text::reason(), run.reason.clone().map(IntoAny::into_any))}
            {fact(text::used_by(), (!used.is_empty()).then(|| used.join(", ").into_any()))}
        </dl>
    }
}

fn step_line(step: StepRun, log: &str) -> AnyView {
    let href = step.first_line.map(|line| format!("{log}#L{line}"));
    view! {
        <li>
            <a class="row nav-link" href=href>
                {bare_state(state::of_step(step.status), text::step_status(step.status).to_owned())}
                <span class="clip">{step.name}</span>
                <span class="sub push">{step.duration_ms.map(format::duration)}</span>
            </a>
        </li>
    }
}
