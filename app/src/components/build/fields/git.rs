//! Code repository: what is cloned, and to where.

use super::StepFields;
use crate::{
    components::{any::view, build::form::GitForm, field::About},
    text,
};
use leptos::prelude::*;

/// See the module.
pub(super) fn fields(form: GitForm, step: &StepFields) -> AnyView {
    let url = About { placeholder: "https://git.example/shop/api.git", ..About::code(text::url(), "url") };
    let folder = About::code(text::folder_in_the_work_space(), "folder").hint(text::empty_is_the_root());
    view! {
        {step.text(url, form.url)}
        <div class="field-grid">
            {step.text(About::code(text::branch_tag_or_commit(), "reference"), form.reference)}
            {step.text(folder, form.folder)}
            {step.text(About::text(text::depth(), "depth").hint(text::depth_hint()), form.depth)}
        </div>
        {step.credentials(form.credentials, Some(text::if_the_repository_asks()))}
        {step.check(About::text(text::fetch_submodules(), "submodules"), form.submodules)}
    }
}
