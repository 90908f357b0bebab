//! The files of the web build, embedded into the binary: scripts, WebAssembly, styles, icons.
//!
//! Their names hold a hash of what is in them, so browsers keep them for ever; each stands there
//! compressed as well, so nothing is compressed while somebody waits.

use crate::{
    http::{Path, Problem, not_found},
    state::AppState,
};
use app::Assets;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
use std::borrow::Cow;

/// Empty until the web build has run; pages then come without scripts and styles.
#[derive(RustEmbed)]
#[folder = "site/"]
#[allow_missing = true]
struct Site;

/// `manifest.json` of the web build.
#[derive(Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
    css: String,
    icons: String,
}

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/pkg/{*path}", get(file))
}

/// Addresses of the files that a page begins with.
pub(super) fn addresses() -> Assets {
    let manifest = Site::get("manifest.json");
    match manifest.and_then(|file| serde_json::from_slice::<Manifest>(&file.data).ok()) {
        Some(Manifest { js, wasm, css, icons }) => Assets { js, wasm, css, icons },
        None => Assets::default(),
    }
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|it| it.to_str().ok()).unwrap_or_default();
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(accepted, encoding)
            && let Some(file) = find(&format!("{path}{suffix}"))
        {
            let encoded = [(CONTENT_ENCODING, HeaderValue::from_static(encoding))];
            return Ok((encoded, answer(&path, file)).into_response());
        }
    }
    match find(&path) {
        Some(file) => Ok(answer(&path, file)),
        None => Err(not_found().await),
    }
}

fn find(path: &str) -> Option<EmbeddedFile> {
    Site::get(&format!("pkg/{path}"))
}

fn answer(path: &str, file: EmbeddedFile) -> Response {
    let media_type = mime_guess::from_path(path).first_or_octet_stream();
    let media_type = HeaderValue::from_str(media_type.essence_str()).ok();
    let headers = [
        (CONTENT_TYPE, media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (CACHE_CONTROL, FOR_EVER),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let data = match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    };
    (headers, data).into_response()
}

/// Whether `Accept-Encoding` takes an encoding; a weight of 0 refuses it.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::accepts;
    use rstest::rstest;

    #[rstest]
    #[case("gzip, deflate, br", true)]
    #[case("br;q=0.5", true)]
    #[case("br;q=0", false)]
    #[case("gzip", false)]
    #[case("", false)]
    fn negotiates(#[case] header: &str, #[case] br: bool) {
        assert_eq!(accepts(header, "br"), br);
    }
}
