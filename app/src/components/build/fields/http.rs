//! REST call: what is asked, what is expected, and what is taken from the answer.

use super::{RowsAbout, StepFields, plain};
use crate::{
    components::{any::view, build::form::HttpForm, field::About},
    text,
};
use leptos::prelude::*;
use types::build::HttpMethod;

/// See the module.
pub(super) fn fields(form: HttpForm, step: &StepFields) -> AnyView {
    let methods = plain(&HttpForm::METHODS.map(HttpMethod::as_str));
    let url = About { placeholder: "https://status.example/freeze", ..About::code(text::url(), "url") };
    let status = About::code(text::expected_status(), "expected_status").hint(text::expected_status_hint());
    let extract = RowsAbout {
        hint: Some(text::extract_hint()),
        value: text::json_pointer(),
        flag: Some(text::hide_it()),
        ..RowsAbout::new(text::extract(), "extract", text::add_value())
    };
    view! {
        {step.text(url, form.url)}
        <div class="field-grid">
            {step.choice(About::text(text::method(), "method"), form.method, methods)}
            {step.text(status, form.expected_status)}
        </div>
        {step.rows(RowsAbout::new(text::headers(), "headers", text::add_header()), form.headers)}
        {step.lines(About::code(text::answer_body(), "body"), 3, form.body)}
        {step.rows(extract, form.extract)}
    }
}
