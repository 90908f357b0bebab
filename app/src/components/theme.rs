//! The switch between light, dark and the system's theme.

use super::icon::small_icon;
use crate::{
    boot::{THEME_COOKIE, Theme, boot, keep_cookie},
    components::any::view,
    text,
};
use leptos::prelude::*;

/// See the module. The style sheet follows the checked box; the cookie tells the next page.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let now = boot().theme;
    let choices = Theme::ALL.map(|theme| {
        let (name, icon) = match theme {
            Theme::System => (text::as_the_system(), "system"),
            Theme::Light => (text::light(), "sun"),
            Theme::Dark => (text::dark(), "moon"),
        };
        view! {
            <label title=name>
                <input
                    type="radio"
                    name="theme"
                    value=theme.as_str()
                    aria-label=name
                    checked=theme == now
                    on:change=move |_| choose(theme)
                />
                {small_icon(icon)}
            </label>
        }
    });
    view! {
        <fieldset class="theme">
            <legend class="hidden-text">{text::theme()}</legend>
            {choices.collect_view()}
        </fieldset>
    }
}

pub(crate) fn choose(theme: Theme) {
    keep_cookie(THEME_COOKIE, theme.as_str());
    let Some(root) = document().document_element() else { return };
    let set = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.as_str()),
    };
    if set.is_err() {
        leptos::logging::warn!("the theme did not change");
    }
}
