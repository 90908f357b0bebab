//! Fields of forms: label, control, hint, and the error beside it. What was typed stays.

use super::icon::icon;
use crate::components::any::view;
use crate::reactive::memo;
use leptos::prelude::*;
use types::ApiError;

/// What a form's last sending was answered with.
pub(crate) type Refusal = RwSignal<Option<ApiError>>;

/// What a field is.
#[derive(Clone, Copy, Default)]
pub(crate) struct About {
    pub(crate) label: &'static str,
    /// Path of the field in the body, as errors name it.
    pub(crate) path: &'static str,
    pub(crate) hint: Option<&'static str>,
    /// `text`, `password`, ….
    pub(crate) kind: &'static str,
    pub(crate) code: bool,
    pub(crate) autocomplete: &'static str,
    pub(crate) placeholder: &'static str,
    /// Id of the `datalist` with what is suggested.
    pub(crate) list: Option<&'static str>,
}

impl About {
    pub(crate) fn text(label: &'static str, path: &'static str) -> Self {
        Self { label, path, kind: "text", autocomplete: "off", ..Self::default() }
    }

    /// Names, addresses and other words of machines.
    pub(crate) fn code(label: &'static str, path: &'static str) -> Self {
        Self { code: true, ..Self::text(label, path) }
    }

    pub(crate) fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

/// A line of text.
#[component]
pub(crate) fn TextField(
    about: About,
    value: RwSignal<String>,
    refusal: Refusal,
    #[prop(optional, into)] at: String,
) -> impl IntoView {
    let About { label, path, hint, kind, code, autocomplete, placeholder, list } = about;
    let path = format!("{at}{path}");
    let id = id_of(&path);
    let error = error_of(refusal, path.clone());
    let class = if code { "input input-code" } else { "input" };
    let (error_id, described) = (format!("{id}-error"), format!("{id}-error"));
    view! {
        <div class="field">
            <label r#for=id.clone()>{label}</label>
            <input
                class=class
                id=id
                name=path
                r#type=kind
                autocomplete=autocomplete
                placeholder=placeholder
                list=list
                spellcheck="false"
                value=value.get_untracked()
                prop:value=value
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=described
                on:input=move |event| value.set(event_target_value(&event))
            />
            {field_error(error, error_id)}
            {hint.map(|hint| view! { <p class="sub">{hint}</p> })}
        </div>
    }
}

/// A text of several lines.
#[component]
pub(crate) fn LinesField(
    about: About,
    /// How many lines it shows while it holds fewer.
    lines: u32,
    value: RwSignal<String>,
    refusal: Refusal,
    #[prop(optional, into)] at: String,
) -> impl IntoView {
    let About { label, path, hint, code, placeholder, .. } = about;
    let path = format!("{at}{path}");
    let id = id_of(&path);
    let error = error_of(refusal, path.clone());
    let class = if code { "input input-code" } else { "input" };
    let (error_id, described) = (format!("{id}-error"), format!("{id}-error"));
    view! {
        <div class="field">
            <label r#for=id.clone()>{label}</label>
            <textarea
                class=class
                id=id
                name=path
                rows=lines
                placeholder=placeholder
                spellcheck="false"
                prop:value=value
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=described
                on:input=move |event| value.set(event_target_value(&event))
            >
                {value.get_untracked()}
            </textarea>
            {field_error(error, error_id)}
            {hint.map(|hint| view! { <p class="sub">{hint}</p> })}
        </div>
    }
}

/// Yes or no.
#[component]
pub(crate) fn CheckField(
    about: About,
    value: RwSignal<bool>,
    refusal: Refusal,
    #[prop(optional, into)] at: String,
) -> impl IntoView {
    let About { label, path, hint, .. } = about;
    let path = format!("{at}{path}");
    let id = id_of(&path);
    let error = error_of(refusal, path);
    let (error_id, described) = (format!("{id}-error"), format!("{id}-error"));
    view! {
        <div class="field">
            <label class="check">
                <input
                    type="checkbox"
                    id=id
                    prop:checked=value
                    checked=value.get_untracked()
                    aria-describedby=described
                    on:change=move |event| value.set(event_target_checked(&event))
                />
                {label}
            </label>
            {field_error(error, error_id)}
            {hint.map(|hint| view! { <p class="sub">{hint}</p> })}
        </div>
    }
}

/// One of several names.
#[component]
pub(crate) fn ChoiceField(
    about: About,
    value: RwSignal<String>,
    refusal: Refusal,
    #[prop(into)] choices: Vec<(String, String)>,
    #[prop(optional, into)] at: String,
) -> impl IntoView {
    let About { label, path, hint, .. } = about;
    let path = format!("{at}{path}");
    let id = id_of(&path);
    let error = error_of(refusal, path.clone());
    let error_id = format!("{id}-error");
    let options = choices.into_iter().map(|(key, name)| {
        let chosen = value.get_untracked() == key;
        view! { <option value=key selected=chosen>{name}</option> }
    });
    view! {
        <div class="field">
            <label r#for=id.clone()>{label}</label>
            <select class="select" id=id name=path prop:value=value on:change=move |event| value.set(event_target_value(&event))>
                {options.collect_view()}
            </select>
            {field_error(error, error_id)}
            {hint.map(|hint| view! { <p class="sub">{hint}</p> })}
        </div>
    }
}

/// What is wrong with a field, from the last answer.
pub(crate) fn error_of(refusal: Refusal, path: String) -> Memo<Option<String>> {
    memo(move || {
        refusal.with(|error| {
            let fields = &error.as_ref()?.fields;
            fields.iter().find(|field| field.path == path).map(|field| field.message.clone())
        })
    })
}

pub(crate) fn field_error(error: Memo<Option<String>>, id: String) -> impl IntoView {
    move || {
        error.get().map(|message| {
            view! { <p class="field-error" id=id.clone()>{icon("failed")}<span>{message}</span></p> }
        })
    }
}

/// What is wrong with the whole form: an answer that names no field of it.
pub(crate) fn form_error(refusal: Refusal) -> impl IntoView {
    move || refusal.get().filter(|error| error.fields.is_empty()).map(|error| super::problem::error_line(Some(error)))
}

/// How many fields need a change.
pub(crate) fn invalid_count(refusal: Refusal) -> usize {
    refusal.with(|error| error.as_ref().map_or(0, |error| error.fields.len()))
}

/// Takes back what is said of fields that are gone.
pub(crate) fn forget(refusal: Refusal, gone: &str) {
    refusal.update(|refused| {
        if let Some(error) = refused
            && error.fields.iter().any(|field| field.path.starts_with(gone))
        {
            error.fields.retain(|field| !field.path.starts_with(gone));
            if error.fields.is_empty() {
                *refused = None;
            }
        }
    });
}

/// The element of a field, by its path.
pub(crate) fn id_of(path: &str) -> String {
    format!("field-{}", path.replace(['[', ']', '.'], "-"))
}
