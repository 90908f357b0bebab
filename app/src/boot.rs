//! What a page knows before anything is asked: who reads it, when, in which theme and time zone.
//!
//! The server writes it onto the root element and the browser reads it from there, so that both
//! render the same first view and no request stands before it.

use leptos::prelude::*;
use types::Time;

/// Name of the cookie that holds the theme.
pub(crate) const THEME_COOKIE: &str = "slipway_theme";
/// Name of the cookie that holds the reader's minutes east of Greenwich.
pub(crate) const ZONE_COOKIE: &str = "slipway_zone";

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text).unwrap_or_default()
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Boot {
    pub(crate) now: Time,
    /// Null: nobody is signed in.
    pub(crate) user: Option<String>,
    pub(crate) theme: Theme,
    /// Minutes east of Greenwich; 0 until the browser has said.
    pub(crate) zone_min: i32,
    /// Address of the sprite of icons.
    pub(crate) icons: String,
}

impl Boot {
    /// The server makes its list of routes without a page: as for somebody signed in, since the
    /// others see no pages.
    fn of_no_page() -> Self {
        Self { user: Some(String::new()), ..Self::default() }
    }

    /// From the root element of the page that the server rendered.
    fn from_page() -> Self {
        let root = document().document_element();
        let data = |name: &str| root.as_ref().and_then(|root| root.get_attribute(name));
        Self {
            now: Time::from_millis(data("data-now").and_then(|ms| ms.parse().ok()).unwrap_or_default()),
            user: data("data-user"),
            theme: Theme::parse(&data("data-theme").unwrap_or_default()),
            zone_min: data("data-zone").and_then(|zone| zone.parse().ok()).unwrap_or_default(),
            icons: data("data-icons").unwrap_or_default(),
        }
    }
}

/// Makes the boot known to all that is rendered below.
pub(crate) fn provide() {
    if use_context::<Boot>().is_none() {
        provide_context(if cfg!(feature = "ssr") { Boot::of_no_page() } else { Boot::from_page() });
    }
}

/// See the module.
pub(crate) fn boot() -> Boot {
    use_context::<Boot>().unwrap_or_default()
}

/// Keeps a choice of the reader for a year, for the next page that the server renders.
pub(crate) fn keep_cookie(name: &str, value: &str) {
    use wasm_bindgen::JsCast;
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
        if document.set_cookie(&cookie).is_err() {
            leptos::logging::warn!("the browser keeps no cookies");
        }
    }
}
