//! Signing in, and going on to where the reader wanted to go: path, query and fragment.

use crate::reactive::effect;
use crate::{
    api::{Answer, session},
    components::{
        any::view,
        field::{About, Refusal, TextField, form_error},
        icon::icon,
        sidebar::leave,
        theme::ThemeSwitch,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::user::SignIn as Credentials;

/// See the module.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let query = use_query_map();
    let to = move || safe_return(query.with(|query| query.get("to")).as_deref());
    let refusal: Refusal = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // A one-time link signs in by itself; its secret leaves the address with the page.
    effect(move || {
        if let Some(secret) = query.with_untracked(|query| query.get("link")) {
            send(session::sign_in_by_link(secret), untrack(to), refusal, busy);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let credentials = Credentials { username: name.get_untracked(), password: password.get_untracked() };
        send(session::sign_in(credentials), untrack(to), refusal, busy);
    };
    let whereto = move || Some(to()).filter(|to| to != "/");
    view! {
        <Title text=text::sign_in()/>
        <main class="start start-narrow" id="main">
            <div class="row brand">{icon("mark")}"Slipway"</div>
            <div>
                <h1>{text::sign_in()}</h1>
                {move || whereto().map(|to| view! { <p class="sub clip" title=to.clone()>{text::then_you_go_to()}" "<strong>{to.clone()}</strong></p> })}
            </div>
            <form class="panel" method="post" on:submit=submit>
                <TextField about=About { autocomplete: "username", ..About::text(text::name(), "username") } value=name refusal/>
                <TextField
                    about=About { kind: "password", autocomplete: "current-password", ..About::text(text::password(), "password") }
                    value=password
                    refusal
                />
                {form_error(refusal)}
                <button class="button button-primary" type="submit" aria-disabled=move || busy.get().then_some("true")>{text::sign_in()}</button>
            </form>
            <p class="sub">{text::no_account_yet()}</p>
            <ThemeSwitch/>
        </main>
    }
}

pub(crate) fn send(
    answer: impl Future<Output = Answer<()>> + 'static,
    to: String,
    refusal: Refusal,
    busy: RwSignal<bool>,
) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    spawn_local(async move {
        match answer.await {
            // The browser keeps the fragment through redirects; here it is carried by hand.
            Ok(()) => leave(&format!("{to}{}", window().location().hash().unwrap_or_default())),
            Err(error) => {
                refusal.set(Some(error));
                busy.set(false);
            }
        }
    });
}

/// A path that begins with exactly one slash, otherwise the start: never another site.
fn safe_return(to: Option<&str>) -> String {
    let to = to.unwrap_or("/");
    let mut characters = to.chars();
    let first = characters.next() == Some('/');
    let inside = first && !matches!(characters.next(), Some('/' | '\\')) && !to.contains(['\n', '\r', '\t']);
    if inside { to.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::safe_return;
    use rstest::rstest;

    #[rstest]
    #[case(Some("/builds/web/runs/42/log?time=off"), "/builds/web/runs/42/log?time=off")]
    #[case(Some("//evil.example"), "/")]
    #[case(Some("/\\evil.example"), "/")]
    #[case(Some("/\t/evil.example"), "/")]
    #[case(Some("https://evil.example"), "/")]
    #[case(Some(""), "/")]
    #[case(None, "/")]
    fn stays_here(#[case] to: Option<&str>, #[case] goes: &str) {
        assert_eq!(safe_return(to), goes);
    }
}
