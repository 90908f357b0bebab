//! File transfer: from where to where, and as whom.

use super::{StepFields, plain};
use crate::{
    components::{any::view, build::form::TransferForm, field::About},
    text,
};
use leptos::prelude::*;
use types::build::{TransferDirection, TransferProtocol};

/// See the module.
pub(super) fn fields(form: TransferForm, step: &StepFields) -> AnyView {
    let protocols = plain(&TransferForm::PROTOCOLS.map(TransferProtocol::as_str));
    let directions = TransferForm::DIRECTIONS.map(|way| (way.as_str().to_owned(), way_words(way).to_owned())).into();
    let host = About { placeholder: "files.example", ..About::code(text::host(), "host") };
    let host_key = About::code(text::host_key(), "host_key").hint(text::host_key_hint());
    let remote = About::code(text::remote_path(), "remote_path").hint(text::remote_path_hint());
    let insecure = About::text(text::allow_plain_ftp(), "insecure").hint(text::allow_plain_ftp_hint());
    view! {
        <div class="field-grid">
            {step.choice(About::text(text::direction(), "direction"), form.direction, directions)}
            {step.choice(About::text(text::protocol(), "protocol"), form.protocol, protocols)}
        </div>
        <div class="field-grid">
            {step.text(host, form.host)}
            {step.text(About::text(text::port(), "port").hint(text::port_hint()), form.port)}
        </div>
        <div class="field-grid">
            {step.text(remote, form.remote_path)}
            {step.text(About::code(text::local_path(), "local_path").hint(text::empty_is_the_root()), form.local_path)}
        </div>
        {step.text(host_key, form.host_key)}
        {step.credentials(form.credentials, None)}
        {step.check(insecure, form.insecure)}
    }
}

fn way_words(way: TransferDirection) -> &'static str {
    match way {
        TransferDirection::Fetch => text::fetch_files(),
        TransferDirection::Send => text::send_files(),
    }
}
