//! The palette: search, go and do, by keyboard.

mod find;
mod load;

use crate::components::any::view;
use crate::reactive::{effect, memo};
use crate::{
    api::{Answer, maps::start_run, press::Press},
    components::{
        dialog::{Dialog, Shape},
        icon::icon,
        leaving::may_leave,
        over::{Part, over},
        problem::error_line,
        theme,
    },
    text,
};
use find::{Entry, Section, found, marked};
use leptos::{ev::KeyboardEvent, prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use types::{
    ApiError, Name, TaskId, Version,
    run::{NewItem, NewRun},
};

/// What an entry does.
#[derive(Clone)]
pub(crate) enum Deed {
    Go(String),
    Open(Part),
    Run(Name, TaskId, Version),
    Theme(crate::boot::Theme),
}

/// What the palette knows.
#[derive(Clone, Copy)]
struct Palette {
    query: RwSignal<String>,
    all: RwSignal<Vec<Entry>>,
    at: RwSignal<usize>,
    error: RwSignal<Option<ApiError>>,
    press: Press,
}

/// See the module.
pub(crate) fn palette() -> AnyView {
    let here = use_location().pathname.get_untracked();
    let map = here.strip_prefix("/maps/").and_then(|rest| rest.split('/').next()).and_then(|map| Name::parse(map).ok());
    let palette = Palette {
        query: RwSignal::new(String::new()),
        all: RwSignal::new(load::fixed(map.as_ref())),
        at: RwSignal::new(0),
        error: RwSignal::new(None),
        press: Press::new(),
    };
    let wide = RwSignal::new(map.is_none());
    Effect::new({
        let map = map.clone();
        move |_| load::load(palette.all, map.clone(), wide.get())
    });
    let shown = memo(move || palette.query.with(|query| palette.all.with(|all| found(all, query))));
    // What is found begins anew with each letter.
    effect(move || {
        palette.query.track();
        palette.at.set(0);
    });
    let act = actor(palette);
    let pick = act;
    let keys = move |event: KeyboardEvent| {
        let n = shown.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => palette.at.update(|at| *at = (*at + 1) % n),
            "ArrowUp" => palette.at.update(|at| *at = (*at + n - 1) % n),
            "Enter" => {
                let entry = shown.with_untracked(|shown| shown.get(palette.at.get_untracked()).cloned());
                if let Some(entry) = entry {
                    act.run(entry.deed);
                }
            }
            "Tab" if !event.shift_key() && !wide.get_untracked() => wide.set(true),
            _ => return,
        }
        event.prevent_default();
    };
    let scope = map.map(|map| view! { <span class="label">{move || if wide.get() { text::in_all_maps().to_owned() } else { text::in_map(map.as_str()) }}</span> });
    view! {
        <Dialog title=text::palette().to_owned() shape=Shape::Palette>
            <div class="row palette-find">
                {icon("search")}
                <input
                    class="palette-input"
                    role="combobox"
                    autofocus
                    autocomplete="off"
                    spellcheck="false"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-label=text::palette()
                    aria-activedescendant=move || format!("palette-{}", palette.at.get())
                    placeholder=text::palette_hint()
                    on:input=move |event| palette.query.set(event_target_value(&event))
                    on:keydown=keys
                />
                {scope}
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label=text::palette()>
                {move || lines(shown.get(), palette, &pick)}
            </div>
            {move || error_line(palette.error.get())}
            {foot()}
        </Dialog>
    }
    .into_any()
}

fn foot() -> AnyView {
    view! {
        <footer class="row sub palette-foot">
            <span><kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" "{text::to_choose()}</span>
            <span><kbd>"Enter"</kbd>" "{text::to_do_it()}</span>
            <span class="wide-only"><kbd>"Tab"</kbd>" "{text::in_all_maps()}</span>
            <span class="push"><kbd>"Esc"</kbd>" "{text::to_close()}</span>
        </footer>
    }
    .into_any()
}

fn lines(shown: Vec<Entry>, palette: Palette, act: &Callback<Deed>) -> AnyView {
    if shown.is_empty() {
        return view! { <p class="sub menu-heading">{text::none_found()}</p> }.into_any();
    }
    let mut section = None::<Section>;
    let lines = shown.into_iter().enumerate().map(|(n, entry)| {
        let heading = (section != Some(entry.section)).then(|| entry.section.title());
        section = Some(entry.section);
        let heading = heading.map(|title| view! { <div class="menu-heading" role="presentation">{title}</div> });
        let (act, deed) = (*act, entry.deed.clone());
        let query = palette.query.get_untracked();
        // The line that the keyboard is at stays in view.
        let line = NodeRef::<leptos::html::Div>::new();
        effect(move || {
            if palette.at.get() == n
                && let Some(line) = line.get()
            {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                line.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
        view! {
            {heading}
            <div
                class="row menu-item"
                id=format!("palette-{n}")
                role="option"
                node_ref=line
                aria-selected=move || (palette.at.get() == n).to_string()
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| act.run(deed.clone())
            >
                {icon(entry.icon)}
                <span class="clip">{marked(&entry.words, &query)}</span>
                <span class="sub push clip">{entry.about}</span>
            </div>
        }
    });
    lines.collect_view().into_any()
}

/// Does what an entry says, and takes the palette away.
fn actor(palette: Palette) -> Callback<Deed> {
    let (over, go) = (over(), use_navigate());
    Callback::new(move |deed: Deed| match deed {
        Deed::Go(address) => {
            // A page that does not let go has put its question in the place of the palette.
            if may_leave(&address) {
                over.close();
                go(&address, NavigateOptions::default());
            }
        }
        Deed::Open(part) => over.open(part),
        Deed::Theme(theme) => {
            theme::choose(theme);
            over.close();
        }
        Deed::Run(map, task, version) => {
            let Some(key) = palette.press.begin(format!("{map} {task}")) else { return };
            let (go, item) = (
                go.clone(),
                NewItem { task: Some(task), repository: None, version, wave: None, deadline_ms: None, seen: None },
            );
            let new = NewRun { items: Some(vec![item]), ..NewRun::default() };
            spawn_local(async move {
                let answer: Answer<types::run::Run> = start_run(map.clone(), new, key).await;
                palette.press.end(&answer);
                match answer {
                    Ok(_) => {
                        let address = format!("/maps/{map}/pipeline");
                        if may_leave(&address) {
                            over.close();
                            go(&address, NavigateOptions::default());
                        }
                    }
                    Err(refused) => {
                        palette.error.try_set(Some(refused));
                    }
                }
            });
        }
    })
}
