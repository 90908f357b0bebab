//! Create image: from which Dockerfile, with what.

use super::{RowsAbout, StepFields};
use crate::{
    components::{any::view, build::form::ImageForm, field::About},
    text,
};
use leptos::prelude::*;

/// See the module.
pub(super) fn fields(form: ImageForm, step: &StepFields) -> AnyView {
    let context = About::code(text::context_folder(), "context").hint(text::empty_is_the_root());
    let target = About::code(text::target_stage(), "target").hint(text::empty_is_the_last());
    let inline = About::code(text::dockerfile_text(), "inline").hint(text::dockerfile_text_hint());
    let platforms = About::code(text::platforms(), "platforms").hint(text::platforms_hint());
    let cache = |label, path| About::code(label, path).hint(text::images_between_commas());
    let args = RowsAbout {
        hint: Some(text::build_args_rows_hint()),
        ..RowsAbout::new(text::build_args(), "build_args", text::add_argument())
    };
    let secrets = RowsAbout {
        hint: Some(text::build_secrets_hint()),
        ..RowsAbout::new(text::build_secrets(), "secrets", text::add_secret())
    };
    view! {
        <div class="field-grid">
            {step.text(context, form.context)}
            {step.text(About::code("Dockerfile", "dockerfile"), form.dockerfile)}
            {step.text(target, form.target)}
        </div>
        {step.lines(inline, 2, form.inline)}
        {step.rows(args, form.build_args)}
        {step.rows(secrets, form.secrets)}
        <div class="field-grid">
            {step.text(platforms, form.platforms)}
            {step.text(cache(text::cache_from(), "cache_from"), form.cache_from)}
            {step.text(cache(text::cache_to(), "cache_to"), form.cache_to)}
        </div>
        {step.check(About::text(text::without_cache(), "no_cache"), form.no_cache)}
    }
}
