//! The document around the pages: everything that stands before the first component.

use super::boot;
use crate::{App, boot::Theme};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// Addresses of the files that the web build made; given by the server as context.
#[derive(Clone, Debug)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
    pub icons: String,
}

impl Default for Assets {
    fn default() -> Self {
        let pkg = |name: &str| format!("/pkg/{name}");
        Self { js: pkg("slipway.js"), wasm: pkg("slipway.wasm"), css: pkg("slipway.css"), icons: pkg("icons.svg") }
    }
}

/// The document. Scripts carry the nonce of the answer, styles come from one file: the policy of
/// the server allows nothing inline.
pub fn shell(_options: LeptosOptions) -> impl IntoView {
    let Assets { js, wasm, css, icons } = use_context().unwrap_or_default();
    let boot = boot(icons.clone());
    provide_context(boot.clone());
    let nonce = use_nonce();
    let start = format!(r#"import init,{{hydrate}} from "{js}";init({{module_or_path:"{wasm}"}}).then(hydrate)"#);
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=(boot.theme != Theme::System).then(|| boot.theme.as_str())
            data-now=boot.now.as_millis()
            data-zone=boot.zone_min
            data-user=boot.user
            data-icons=icons
        >
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="stylesheet" href=css/>
                <link rel="modulepreload" href=js nonce=nonce.clone()/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <link rel="icon" href="data:,"/>
                <MetaTags/>
                <script type="module" nonce=nonce>{start}</script>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
