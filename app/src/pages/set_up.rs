//! The first administrator, by the link that the server printed.

use super::sign_in::send;
use crate::{
    api::session,
    components::{
        any::view,
        field::{About, Refusal, TextField, form_error},
        icon::icon,
        theme::ThemeSwitch,
    },
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::user::SetUp as FirstUser;

/// See the module.
#[component]
pub(crate) fn SetUp() -> impl IntoView {
    let query = use_query_map();
    let refusal: Refusal = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let first = FirstUser {
            secret: query.with_untracked(|query| query.get("secret")).unwrap_or_default(),
            username: name.get_untracked(),
            password: password.get_untracked(),
        };
        send(session::set_up(first), "/".to_owned(), refusal, busy);
    };
    view! {
        <Title text=text::set_up()/>
        <main class="start start-narrow" id="main">
            <div class="row brand">{icon("mark")}"Slipway"</div>
            <div><h1>{text::first_administrator()}</h1><p class="sub">{text::set_up_once()}</p></div>
            <form class="panel" method="post" on:submit=submit>
                <TextField about=About { autocomplete: "username", ..About::text(text::name(), "username") } value=name refusal/>
                <TextField
                    about=About {
                        kind: "password",
                        autocomplete: "new-password",
                        ..About::text(text::password(), "password").hint(text::password_rule())
                    }
                    value=password
                    refusal
                />
                {form_error(refusal)}
                <button class="button button-primary" type="submit" aria-disabled=move || busy.get().then_some("true")>
                    {text::make_the_account()}
                </button>
            </form>
            <ThemeSwitch/>
        </main>
    }
}
