//! A step that is tried: where it runs, and its log while it does.

use crate::{
    api::{
        builds::{build_run, cancel_build_run, try_step},
        logs::{LogOf, log_window},
    },
    components::{
        any::view,
        dialog::Dialog,
        field::{About, CheckField, Refusal},
        icon::icon,
        log::{Lines, Opened, Viewer},
        over::over,
    },
    pages::log::build_state,
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    ApiError, Name,
    build::Step,
    build_run::{BuildRun, TryStep},
    log::LogWindow,
};

/// Lines that come with the log.
const FIRST: u32 = 250;

/// See the module. The step is as it stands in the form, saved or not.
pub(super) fn dialog(build: Name, step: Step, has_source: bool) -> AnyView {
    let over = over();
    let with_source = RwSignal::new(has_source && !matches!(step, Step::Git(_)));
    let refusal: Refusal = RwSignal::new(None);
    let shown = RwSignal::new(None::<(BuildRun, LogWindow)>);
    let busy = RwSignal::new(false);
    let name = step.name().to_owned();
    let of_run = build.clone();
    let start = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.set(None);
        let (build, step) = (build.clone(), step.clone());
        let with_source = with_source.get_untracked();
        spawn_local(async move {
            let new = TryStep { step, with_source, reference: None, params: Default::default() };
            let opened = async {
                let run = try_step(build.clone(), new).await?;
                let log = LogOf::BuildRun { build, number: run.number };
                Ok::<_, ApiError>((run, log_window(log, 1, FIRST).await?))
            };
            match opened.await {
                Ok(opened) => drop(shown.try_set(Some(opened))),
                Err(error) => drop(refusal.try_set(Some(error))),
            }
            busy.try_set(false);
        });
    };
    let body = move || match shown.get() {
        Some((run, window)) => view! { <Tried run window/> },
        None => view! {
            <p class="sub">{text::try_means()}</p>
            {has_source.then(|| view! {
                <CheckField
                    about=About::text(text::try_with_source(), "with_source").hint(text::try_with_source_means())
                    value=with_source
                    refusal
                />
            })}
            {move || refusal.get().map(wrong)}
        },
    };
    let word = move || if shown.with(Option::is_some) { text::try_again() } else { text::try_it() };
    view! {
        <Dialog title=text::try_title(&of_run, &name)>
            <div class="panel dialog-body try-body">{body}</div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=move |_| over.close()>{text::close()}</button>
                    <button class="button button-primary" type="button" aria-disabled=move || busy.get().then_some("true") on:click=start>
                        {icon("play")}{word}
                    </button>
                </span>
            </footer>
        </Dialog>
    }
}

/// What refused it; its fields stand in the form below.
fn wrong(error: ApiError) -> AnyView {
    let field = |field: types::FieldError| {
        let path = field.path.strip_prefix("step.").unwrap_or(&field.path).to_owned();
        view! { <li>{text::field_words(&path)}" "{field.message}</li> }
    };
    view! {
        <div class="field-error" role="alert">
            {icon("failed")}
            <div>{error.detail}<ul role="list">{error.fields.into_iter().map(field).collect_view()}</ul></div>
        </div>
    }
}

#[component]
fn Tried(run: BuildRun, window: LogWindow) -> impl IntoView {
    let (build, number) = (run.build.clone(), run.number);
    let log = LogOf::BuildRun { build: build.clone(), number };
    let opened = Opened { log, first: window, steps: run.steps.clone(), started_at: run.started_at };
    let viewer = Viewer::new(opened);
    let shown = RwSignal::new(run);
    let of_live = build.clone();
    viewer.live(move || {
        let build = of_live.clone();
        spawn_local(async move {
            if let Ok(run) = build_run(build, number).await {
                viewer.steps.try_set(run.steps.clone());
                shown.try_set(run);
            }
        });
    });
    let of_cancel = build.clone();
    let cancel = move |_| {
        let build = of_cancel.clone();
        spawn_local(async move {
            if let Ok(run) = cancel_build_run(build, number).await {
                shown.try_set(run);
            }
        });
    };
    let why = move || shown.with(|run| run.failure.as_ref().map(|failure| failure.message.clone()));
    view! {
        <p class="row wrap">
            {move || shown.with(build_state)}
            <span class="sub">{why}</span>
            <span class="row push">
                {move || (!shown.with(|run| run.status.is_final())).then(|| view! {
                    <button class="button" type="button" on:click=cancel.clone()>{icon("stopped")}{text::cancel()}</button>
                })}
                <a class="button button-plain" rel="external" target="_blank" href=format!("/builds/{build}/runs/{number}/log")>
                    {icon("lines")}{text::open_log()}
                </a>
            </span>
        </p>
        <div class="try-log"><Lines viewer label=text::log_of(&build, number)/></div>
    }
}
