//! Names and their values as rows that are added and removed.

use crate::{
    components::{
        any::view,
        build::{
            focus::focus_soon,
            form::{Row, Rows, Text},
        },
        field::{Refusal, error_of, field_error, forget, id_of},
        icon::icon,
    },
    reactive::memo,
    text,
};
use leptos::prelude::*;

/// What the rows are.
#[derive(Clone, Copy)]
pub(crate) struct RowsAbout {
    pub(crate) label: &'static str,
    /// Path of all of them in the body, as errors name it.
    pub(crate) path: &'static str,
    pub(crate) hint: Option<&'static str>,
    /// What the second field of a row is.
    pub(crate) value: &'static str,
    /// What a third one is.
    pub(crate) more: Option<&'static str>,
    /// What can be ticked.
    pub(crate) flag: Option<&'static str>,
    /// Words of the button.
    pub(crate) add: &'static str,
    /// Whether errors count the rows, instead of naming them.
    pub(crate) counted: bool,
}

impl RowsAbout {
    pub(crate) fn new(label: &'static str, path: &'static str, add: &'static str) -> Self {
        Self { label, path, hint: None, value: text::value(), more: None, flag: None, add, counted: false }
    }
}

/// What may follow a row's own path in that of an error.
const BELOW: [&str; 6] = ["", ".pointer", ".default", ".description", ".name", ".path"];

/// See the module.
#[component]
pub(crate) fn RowsField(
    about: RowsAbout,
    rows: Rows,
    refusal: Refusal,
    #[prop(optional, into)] at: String,
) -> impl IntoView {
    let path = format!("{at}{}", about.path);
    let id = id_of(&path);
    let (error, error_id) = (error_of(refusal, path.clone()), format!("{id}-error"));
    let one = {
        let id = id.clone();
        move |row: Row| line(about, rows, row, refusal, &path, &id)
    };
    let name_id = id.clone();
    let add = move |_| focus_soon(format!("#{name_id}-{}", rows.add().key));
    view! {
        <fieldset class="field rows-field" id=id tabindex="-1">
            <legend class="strong">{about.label}</legend>
            <ul class="rows-list" role="list"><For each=move || rows.list.get() key=|row| row.key children=one/></ul>
            {field_error(error, error_id)}
            <p><button class="button" type="button" on:click=add>{icon("plus")}{about.add}</button></p>
            {about.hint.map(|hint| view! { <p class="sub">{hint}</p> })}
        </fieldset>
    }
}

fn line(about: RowsAbout, rows: Rows, row: Row, refusal: Refusal, path: &str, id: &str) -> AnyView {
    let (key, counted) = (row.key, about.counted);
    let all = path.to_owned();
    let error = memo(move || {
        let own = match counted {
            true => format!("{all}[{}]", rows.place(key)?),
            false => format!("{all}.{}", row.name.with(|name| name.trim().to_owned())),
        };
        refusal.with(|refused| {
            let is_own = |path: &str| path.strip_prefix(&own).is_some_and(|below| BELOW.contains(&below));
            refused.as_ref()?.fields.iter().find(|field| is_own(&field.path)).map(|field| field.message.clone())
        })
    });
    let field_id = format!("{id}-{key}");
    let error_id = format!("{field_id}-error");
    let invalid = move || error.get().is_some().then_some("true");
    let counted_path = format!("{path}[");
    let add_button = format!("#{id} > p > button");
    let remove = move |_| {
        rows.remove(key);
        focus_soon(add_button.clone());
        // The numbers of the others are not what was refused any more.
        if counted {
            forget(refusal, &counted_path);
        }
    };
    let field = {
        let described = error_id.clone();
        move |value: Text, label: &'static str| {
            view! {
                <textarea
                    class="input input-code"
                    rows="1"
                    spellcheck="false"
                    placeholder=label
                    aria-label=text::row_part(about.label, label)
                    aria-invalid=invalid
                    aria-describedby=described.clone()
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                >
                    {value.get_untracked()}
                </textarea>
            }
        }
    };
    let flag = about.flag.map(|word| {
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=row.flag
                    checked=row.flag.get_untracked()
                    on:change=move |event| row.flag.set(event_target_checked(&event))
                />
                {word}
            </label>
        }
    });
    view! {
        <li class="rows-line">
            <input
                class="input input-code"
                id=field_id
                autocomplete="off"
                spellcheck="false"
                placeholder=text::name()
                aria-label=text::row_part(about.label, text::name())
                aria-invalid=invalid
                aria-describedby=error_id.clone()
                value=row.name.get_untracked()
                prop:value=row.name
                on:input=move |event| row.name.set(event_target_value(&event))
            />
            {field(row.value, about.value)}
            {about.more.map(|label| field(row.more, label))}
            {flag}
            <button class="button button-plain button-icon" type="button" aria-label=move || row.name.with(|name| text::remove_row(name)) on:click=remove>
                {icon("close")}
            </button>
            {field_error(error, error_id)}
        </li>
    }
}
