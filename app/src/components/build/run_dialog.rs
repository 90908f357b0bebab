//! Starting a run of a build, or repeating one: what it is given is asked first.

use super::run_params::RunParams;
use crate::{
    api::builds::start_build_run,
    components::{
        any::view,
        dialog::Dialog,
        field::{Refusal, form_error},
        icon::icon,
        over::over,
        run::undo::note_field,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use types::{
    ApiError, Name,
    build_run::{BuildRun, NewBuildRun},
    version::BuildParams,
};

/// What the dialog begins with.
#[derive(Clone, Default)]
pub(crate) struct Begun {
    /// The run that is repeated.
    pub(crate) again: Option<BuildRun>,
    /// Why a start without questions was refused.
    pub(crate) refused: Option<ApiError>,
}

/// See the module.
pub(crate) fn dialog(name: Name, Begun { again, refused }: Begun) -> AnyView {
    let refusal: Refusal = RwSignal::new(refused);
    let (busy, note, over) = (RwSignal::new(false), RwSignal::new(String::new()), over());
    let repeat_of = again.as_ref().map(|run| run.number);
    let params = again.map(|run| BuildParams { reference: run.commit.or(run.reference), ..run.params });
    // A tag belongs to one run: the server gives it again where it is free.
    let fields = RunParams::of(BuildParams { tag: None, ..params.unwrap_or_default() }, refusal);
    let title = repeat_of.map_or_else(|| text::run_build(&name), |number| text::repeat_run(&name, number));
    let navigate = StoredValue::new(use_navigate());
    let of_fields = name.clone();
    let start = move |_| {
        let Some(params) = fields.read().filter(|_| !busy.get_untracked()) else { return };
        let BuildParams { reference, tag, build_args, no_cache, params } = params;
        let why = note.get_untracked().trim().to_owned();
        let note = (!why.is_empty()).then_some(why);
        let new =
            NewBuildRun { tag, reference, build_args, no_cache, params, note, repeat_of, ..NewBuildRun::default() };
        busy.set(true);
        let name = name.clone();
        spawn_local(async move {
            match start_build_run(name.clone(), new).await {
                Ok(run) => {
                    over.close();
                    let log = format!("/builds/{name}/runs/{}/log", run.number);
                    navigate.try_with_value(|navigate| navigate(&log, Default::default()));
                }
                Err(error) => drop(refusal.try_set(Some(error))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <Dialog title=title>
            <div class="panel dialog-body">
                {repeat_of.map(|_| view! { <p class="sub">{text::repeat_means()}</p> })}
                {fields.fields(of_fields)}
                {note_field(note)}
                {form_error(refusal)}
            </div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=move |_| over.close()>{text::cancel()}</button>
                    <button class="button button-primary" type="button" aria-disabled=move || busy.get().then_some("true") on:click=start>
                        {icon("play")}{text::run_now()}
                    </button>
                </span>
            </footer>
        </Dialog>
    }
}
