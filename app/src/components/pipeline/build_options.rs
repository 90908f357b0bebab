//! Build & Deployment in full: of which reference, as which tag, with which arguments.

use crate::components::any::view;
use crate::{
    api::press::Press,
    components::{
        blocked::refusal,
        dialog::Dialog,
        icon::icon,
        over::over,
        run::undo::{check, note_field},
    },
    pages::pipeline::{
        board::{Board, Row},
        choose::{Start, choose},
    },
    text,
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use types::{
    Version,
    run::{NewItem, NewRun},
    version::BuildParams,
};

/// What the fields hold.
#[derive(Clone, Copy)]
struct Fields {
    reference: RwSignal<String>,
    tag: RwSignal<String>,
    args: RwSignal<String>,
    no_cache: RwSignal<bool>,
    params: StoredValue<BTreeMap<String, String>>,
    note: RwSignal<String>,
    /// What is wrong with the arguments.
    wrong: RwSignal<Option<String>>,
}

impl Fields {
    fn of(params: BuildParams) -> Self {
        let args: Vec<String> = params.build_args.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self {
            reference: RwSignal::new(params.reference.unwrap_or_default()),
            tag: RwSignal::new(params.tag.unwrap_or_default()),
            args: RwSignal::new(args.join("\n")),
            no_cache: RwSignal::new(params.no_cache),
            params: StoredValue::new(params.params),
            note: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
        }
    }

    /// Nothing where a line of the arguments is not one.
    fn params(self) -> Option<BuildParams> {
        let given =
            |text: RwSignal<String>| Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty());
        match arguments(&self.args.get_untracked()) {
            Ok(build_args) => {
                self.wrong.set(None);
                let (reference, tag) = (given(self.reference), given(self.tag));
                let (no_cache, params) = (self.no_cache.get_untracked(), self.params.get_value());
                Some(BuildParams { reference, tag, build_args, no_cache, params })
            }
            Err(line) => {
                self.wrong.set(Some(text::argument_wrong(line)));
                None
            }
        }
    }
}

/// One `NAME=value` a line; the error is the number of the first line that is none.
fn arguments(text: &str) -> Result<BTreeMap<String, String>, usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(at, line): (usize, &str)| match line.trim().split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err(at + 1),
    };
    lines.map(read).collect()
}

/// See the module.
pub(crate) fn dialog(board: Board, row: Row) -> AnyView {
    let (build, typed) = row.task.with_untracked(|task| {
        let build = task.build.as_ref();
        (build.map(|build| build.name.to_string()).unwrap_or_default(), build.is_some_and(|build| build.tag_typed))
    });
    let fields = Fields::of(match untrack(move || row.version()) {
        Some(Version::Build(params)) => params,
        Some(_) | None => BuildParams::default(),
    });
    let start = Start { board, press: Press::new(), error: RwSignal::new(None) };
    let over = over();
    let keep = move |_| {
        if let Some(params) = fields.params() {
            choose(board, row, Version::Build(params));
            over.close();
        }
    };
    let run = move |_| {
        let Some(params) = fields.params() else { return };
        let note = fields.note.get_untracked().trim().to_owned();
        let version = Version::Build(params);
        let item =
            NewItem { task: Some(row.id()), repository: None, version, wave: None, deadline_ms: None, seen: None };
        let new = NewRun { items: Some(vec![item]), note: (!note.is_empty()).then_some(note), ..NewRun::default() };
        start.run(new, move || over.close());
    };
    view! {
        <Dialog title=text::build_options_title(&build)>
            <div class="panel dialog-body">
                {form(fields, typed)}
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

fn form(fields: Fields, typed: bool) -> AnyView {
    let line = |id: &'static str, label: &'static str, hint: &'static str, value: RwSignal<String>| {
        view! {
            <div class="field">
                <label r#for=id>{label}</label>
                <input
                    class="input input-code"
                    id=id
                    autocomplete="off"
                    spellcheck="false"
                    value=value.get_untracked()
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <p class="sub">{hint}</p>
            </div>
        }
    };
    view! {
        {line("build-reference", text::branch_tag_or_commit(), text::empty_as_the_build_says(), fields.reference)}
        {typed.then(|| line("build-tag", text::tag_of_the_new_image(), text::each_run_needs_a_tag(), fields.tag))}
        <div class="field">
            <label r#for="build-args">{text::build_args()}</label>
            <textarea
                class="input input-code"
                id="build-args"
                rows="3"
                spellcheck="false"
                aria-invalid=move || fields.wrong.get().is_some().then_some("true")
                prop:value=fields.args.get_untracked()
                on:input=move |event| fields.args.set(event_target_value(&event))
            ></textarea>
            {move || fields.wrong.get().map(|wrong| view! { <p class="field-error" role="alert">{icon("failed")}<span>{wrong}</span></p> })}
            <p class="sub">{text::build_args_hint()}</p>
        </div>
        {check(fields.no_cache, text::without_cache(), text::without_cache_means())}
        {note_field(fields.note)}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::arguments;
    use rstest::rstest;

    #[rstest]
    #[case("", Ok(0))]
    #[case("A=1\n\n B = x=y \n", Ok(2))]
    #[case("A=1\nB", Err(2))]
    #[case("=1", Err(1))]
    fn are_read_by_the_line(#[case] text: &str, #[case] read: Result<usize, usize>) {
        assert_eq!(arguments(text).map(|all| all.len()), read);
    }
}
