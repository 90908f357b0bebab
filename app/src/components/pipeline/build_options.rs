//! Build & Deployment in full: of which reference, as which tag, with which arguments.

use crate::components::any::view;
use crate::{
    api::press::Press,
    components::{
        blocked::refusal, build::run_params::RunParams, dialog::Dialog, icon::icon, over::over, run::undo::note_field,
    },
    pages::pipeline::{
        board::{Board, Row},
        choose::{Start, choose},
    },
    text,
};
use leptos::prelude::*;
use types::{
    Name, Version,
    run::{NewItem, NewRun},
    version::BuildParams,
};

/// See the module.
pub(crate) fn dialog(board: Board, row: Row) -> AnyView {
    let build = row.task.with_untracked(|task| task.build.as_ref().map(|build| build.name.clone()));
    let title = build.as_ref().map(Name::to_string).unwrap_or_default();
    let params = match untrack(move || row.version()) {
        Some(Version::Build(params)) => params,
        Some(_) | None => BuildParams::default(),
    };
    let (fields, note) = (RunParams::of(params, RwSignal::new(None)), RwSignal::new(String::new()));
    let start = Start { board, press: Press::new(), error: RwSignal::new(None) };
    let over = over();
    let keep = move |_| {
        if let Some(params) = fields.read() {
            choose(board, row, Version::Build(params));
            over.close();
        }
    };
    let run = move |_| {
        let Some(params) = fields.read() else { return };
        let why = note.get_untracked().trim().to_owned();
        let version = Version::Build(params);
        let item =
            NewItem { task: Some(row.id()), repository: None, version, wave: None, deadline_ms: None, seen: None };
        let new = NewRun { items: Some(vec![item]), note: (!why.is_empty()).then_some(why), ..NewRun::default() };
        start.run(new, move || over.close());
    };
    view! {
        <Dialog title=text::build_options_title(&title)>
            <div class="panel dialog-body">
                {build.map(|build| fields.fields(build))}
                {note_field(note)}
                {move || refusal(start.error.get())}
            </div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=keep>{icon("check")}{text::keep_for_run()}</button>
                    <button class="button button-primary" type="button" aria-disabled=move || start.press.is_busy().then_some("true") on:click=run>
                        {icon("play")}{text::build_and_deploy_now()}
                    </button>
                </span>
            </footer>
        </Dialog>
    }
    .into_any()
}
