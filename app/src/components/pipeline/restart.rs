//! Restart: the pods are made anew on the image they have.

use crate::components::any::view;
use crate::{
    api::press::Press,
    components::{blocked::refusal, dialog::Dialog, icon::icon, over::over, run::undo::note_field},
    pages::pipeline::{
        board::{Board, Card},
        choose::Start,
    },
    text,
};
use leptos::prelude::*;
use types::{
    Version,
    run::{NewItem, NewRun},
    task::Role,
    version::True,
};

/// See the module.
pub(crate) fn dialog(board: Board, card: Card) -> AnyView {
    let name = card.head.with_untracked(|head| head.name.clone());
    let start = Start { board, press: Press::new(), error: RwSignal::new(None) };
    let (note, over) = (RwSignal::new(String::new()), over());
    let restart = move |_| {
        let rows = card.rows.get_untracked();
        let main = rows.iter().find(|row| row.task.with_untracked(|task| task.role == Role::Main));
        let Some(row) = main.or(rows.first()) else { return };
        let version = Version::Restart(True);
        let item =
            NewItem { task: Some(row.id()), repository: None, version, wave: None, deadline_ms: None, seen: None };
        let note = note.get_untracked().trim().to_owned();
        let new = NewRun { items: Some(vec![item]), note: (!note.is_empty()).then_some(note), ..NewRun::default() };
        start.run(new, move || over.close());
    };
    view! {
        <Dialog title=text::restart_title(&name)>
            <div class="panel dialog-body">
                <p>{text::restart_means()}</p>
                {note_field(note)}
                {move || refusal(start.error.get())}
            </div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=move |_| over.close()>{text::leave_as_it_is()}</button>
                    <button class="button button-primary" type="button" aria-disabled=move || start.press.is_busy().then_some("true") on:click=restart>
                        {icon("retry")}{text::restart_title(&name)}
                    </button>
                </span>
            </footer>
        </Dialog>
    }
    .into_any()
}
