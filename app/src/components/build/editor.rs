//! The editor of a build: its flow on the left, the rest on the right, saving below.

use super::{
    conflict::{self, Ways},
    facts::Facts,
    flow::Flow,
    form::{BuildForm, Held, not_sent, placed},
    save_bar::SaveBar,
};
use crate::{
    api::{
        Answer,
        builds::{EditedBuild, create_build, replace_build, start_build_run},
        connections::AllConnections,
    },
    components::{
        any::view,
        field::Refusal,
        leaving::Leaving,
        over::{Part, over},
    },
    reactive::{effect, memo},
    text,
};
use leptos::{
    ev::{self, SubmitEvent},
    prelude::*,
    task::spawn_local,
};
use leptos_router::hooks::use_navigate;
use std::sync::Arc;
use types::{ErrorCode, Name, build::Build, build_run::NewBuildRun};

/// The pages of one build.
pub(crate) fn tabs(name: &str, here: &'static str) -> AnyView {
    let tab = |page: &'static str, word: &'static str| {
        view! { <a href=format!("/builds/{name}/{page}") aria-current=(page == here).then_some("page")>{word}</a> }
    };
    view! { <nav class="tabs" aria-label=text::build_named(name)>{tab("edit", text::edit())}{tab("runs", text::runs())}</nav> }
}

/// What is opened: the build as it was read, and what stands in the form instead of it.
#[derive(Clone, Default)]
struct Begun {
    edited: Option<EditedBuild>,
    instead: Option<Build>,
}

/// Edits a build as it was read, or one that is not there yet. Whoever takes what others saved begins with that; whoever
/// takes a text over goes on with that.
#[component]
pub(crate) fn Editor(edited: Option<EditedBuild>, found: AllConnections) -> impl IntoView {
    let begun = RwSignal::new(Begun { edited, instead: None });
    let take_theirs = Callback::new(move |theirs| begun.set(Begun { edited: Some(theirs), instead: None }));
    move || {
        let Begun { edited, instead } = begun.get();
        let read = match &edited {
            Some(edited) => BuildForm::of(edited.clone()),
            None => BuildForm::new(&found),
        };
        let start = untrack(|| read.read());
        let form = match instead {
            Some(build) => BuildForm::instead(&build, edited.clone()),
            None => read,
        };
        let take = Callback::new(move |build| begun.set(Begun { edited: form.stored(), instead: Some(build) }));
        view! { <Opened form start found=found.clone() take_theirs take/> }
    }
}

#[component]
fn Opened(
    form: BuildForm,
    /// What is stored, or an untouched new build.
    start: Held,
    found: AllConnections,
    take_theirs: Callback<EditedBuild>,
    take: Callback<Build>,
) -> impl IntoView {
    let refusal: Refusal = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let over = over();
    let navigate = StoredValue::new(use_navigate());
    let start = RwSignal::new(start);
    let changed = memo(move || start.with(|start| form.read() != *start));
    let leaving = Leaving::new(changed);
    // Saving again, over what others saved, is asked for from within what saving has opened.
    let again = StoredValue::new(None::<Callback<bool>>);
    let save = Callback::new(move |then_run: bool| {
        if busy.get_untracked() {
            return;
        }
        let (build, wrong) = untrack(|| form.read());
        if !wrong.is_empty() {
            refusal.set(Some(not_sent(wrong)));
            return;
        }
        let keys = form.keys();
        busy.set(true);
        spawn_local(async move {
            match store(form, start, build, then_run).await {
                Ok(address) => {
                    leaving.let_go();
                    // Nobody is taken away from where they have gone meanwhile.
                    navigate.try_with_value(|navigate| navigate(&address, Default::default()));
                }
                Err(error) => {
                    if error.code == ErrorCode::ChangedMeanwhile
                        && let Some(name) = form.stored().and_then(|it| Name::parse(&it.build.name).ok())
                    {
                        let save_mine = Callback::new(move |()| {
                            if let Some(save) = again.get_value() {
                                save.run(then_run);
                            }
                        });
                        let ways = Ways { save_mine, take_theirs };
                        over.open(Part::Own(Arc::new(move || conflict::dialog(name.clone(), form, ways))));
                    }
                    refusal.try_set(Some(placed(error, &keys)));
                }
            }
            busy.try_set(false);
        });
    });
    again.set_value(Some(save));
    effect(move || {
        let keys = window_event_listener(ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key()) && event.key() == "s" && !over.is_open() {
                event.prevent_default();
                save.run(false);
            }
        });
        on_cleanup(move || keys.remove());
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save.run(false);
    };
    view! {
        <form class="flow-page" aria-label=text::build_column() on:submit=submit>
            <Flow form refusal take/>
            <Facts form found refusal/>
            <SaveBar form refusal changed busy on_save=save/>
        </form>
    }
}

/// Stores the build; says where to go then. What was typed has been saved, even where no run starts.
async fn store(form: BuildForm, start: RwSignal<Held>, build: Build, then_run: bool) -> Answer<String> {
    let held = (build.clone(), Vec::new());
    let known = form.stored().and_then(|it| Some((Name::parse(&it.build.name).ok()?, it.revision)));
    let stored = match known {
        Some((name, revision)) => replace_build(name, EditedBuild { build, revision }).await?,
        None => create_build(build).await?,
    };
    let name = Name::parse(&stored.build.name);
    form.goes_on_from(stored);
    start.try_set(held);
    match name {
        Ok(name) if then_run => {
            let run = start_build_run(name.clone(), NewBuildRun::default()).await?;
            Ok(format!("/builds/{name}/runs/{}/log", run.number))
        }
        Ok(_) | Err(_) => Ok("/builds".to_owned()),
    }
}
