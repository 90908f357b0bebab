//! The fields of a step, type by type.

mod container;
mod git;
mod http;
mod image;
mod rows;
mod transfer;

pub(crate) use rows::{RowsAbout, RowsField};

use super::form::{CredentialsForm, Rows, StepForm, StepKind, Text};
use crate::{
    components::{
        any::view,
        field::{About, CheckField, ChoiceField, LinesField, Refusal, TextField, error_of, field_error, id_of},
    },
    text,
};
use leptos::prelude::*;

/// See the module.
pub(super) fn fields(step: StepForm, refusal: Refusal) -> AnyView {
    let step_fields = StepFields { at: step.at(), refusal };
    let own = match step.kind {
        StepKind::Git(form) => git::fields(form, &step_fields),
        StepKind::Transfer(form) => transfer::fields(form, &step_fields),
        StepKind::Http(form) => http::fields(form, &step_fields),
        StepKind::Script(form) => container::script(form, &step_fields),
        StepKind::Container(form) => container::task(form, &step_fields),
        StepKind::Image(form) => image::fields(form, &step_fields),
    };
    view! {
        {own}
        <div class="field-grid">
            {step_fields.text(About::code(text::step_name(), "name"), step.name)}
            {step_fields.text(About::code(text::time_limit(), "time_limit_ms").hint(text::time_limit_hint()), step.time_limit)}
        </div>
        {values()}
    }
}

/// What can stand in fields instead of a value of one's own.
fn values() -> AnyView {
    let each = |(value, means): (&'static str, &'static str)| view! { <span><code>{value}</code>" "{means}", "</span> };
    view! {
        <p class="sub step-values">
            {text::values_are()}" "{text::values().map(each).into_iter().collect_view()}{text::values_secret()}"."
        </p>
    }
}

/// Makes the fields of one step.
struct StepFields {
    /// Before the path of each of them.
    at: String,
    refusal: Refusal,
}

impl StepFields {
    fn text(&self, about: About, value: Text) -> AnyView {
        view! { <TextField about value refusal=self.refusal at=self.at.clone()/> }
    }

    fn lines(&self, about: About, lines: u32, value: Text) -> AnyView {
        view! { <LinesField about lines value refusal=self.refusal at=self.at.clone()/> }
    }

    fn check(&self, about: About, value: RwSignal<bool>) -> AnyView {
        view! { <CheckField about value refusal=self.refusal at=self.at.clone()/> }
    }

    fn choice(&self, about: About, value: Text, choices: Vec<(String, String)>) -> AnyView {
        view! { <ChoiceField about value refusal=self.refusal choices at=self.at.clone()/> }
    }

    fn rows(&self, about: RowsAbout, rows: Rows) -> AnyView {
        view! { <RowsField about rows refusal=self.refusal at=self.at.clone()/> }
    }

    fn credentials(&self, form: CredentialsForm, hint: Option<&'static str>) -> AnyView {
        let path = format!("{}credentials", self.at);
        let id = id_of(&path);
        let (error, error_id) = (error_of(self.refusal, path), format!("{id}-error"));
        let username = About { hint, ..About::text(text::user_name(), "credentials.username") };
        let password = About {
            kind: "password",
            autocomplete: "new-password",
            ..About::text(text::password_or_token(), "credentials.password").hint(text::stored_encrypted())
        };
        view! {
            <div class="field" id=id>
                <div class="field-grid">{self.text(username, form.username)}{self.text(password, form.password)}</div>
                {field_error(error, error_id)}
            </div>
        }
    }
}

/// Words of the wire that say enough.
fn plain(words: &[&str]) -> Vec<(String, String)> {
    words.iter().map(|word| ((*word).to_owned(), (*word).to_owned())).collect()
}
