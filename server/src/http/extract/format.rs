//! Which form the answer takes: JSON, or text with one line per item.

use super::etag;
use crate::http::{Problem, lines::Line};
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use engine::Revised;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, ETAG, LOCATION, VARY},
    request::Parts,
};
use serde::Serialize;
use types::{ErrorCode, Page};

/// What `Accept` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Text,
}

impl<S: Send + Sync> FromRequestParts<S> for Format {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        choose(&parts.headers).ok_or_else(|| {
            Problem::new(
                ErrorCode::NotAcceptable,
                "The answer is application/json or text/plain; Accept takes neither.",
            )
        })
    }
}

impl Format {
    /// One thing.
    pub(crate) fn one<T: Serialize + Line>(self, value: &T) -> Response {
        self.with(StatusCode::OK, value, || value.line())
    }

    /// A page of a list.
    pub(crate) fn list<T: Serialize + Line>(self, page: &Page<T>) -> Response {
        self.with(StatusCode::OK, page, || lines(&page.items))
    }

    /// A configurable thing, with its `ETag`.
    pub(crate) fn revised<T: Serialize + Line>(self, revised: &Revised<T>) -> Response {
        let mut response = self.one(&revised.value);
        response.headers_mut().insert(ETAG, etag(revised.revision));
        response
    }

    /// A configurable thing that was made.
    pub(crate) fn created<T: Serialize + Line>(self, location: &str, revised: &Revised<T>) -> Response {
        let mut response = located(self.revised(revised), location);
        *response.status_mut() = StatusCode::CREATED;
        response
    }

    /// The general form: text is written only when it is asked for.
    pub(crate) fn with(self, status: StatusCode, value: &impl Serialize, text: impl FnOnce() -> String) -> Response {
        let (media_type, body) = match self {
            Format::Json => match serde_json::to_vec(value) {
                Ok(body) => ("application/json", body),
                Err(why) => return Problem::from(engine::Error::Internal(why.to_string())).into_response(),
            },
            Format::Text => ("text/plain; charset=utf-8", with_line_end(text()).into_bytes()),
        };
        let headers =
            [(CONTENT_TYPE, HeaderValue::from_static(media_type)), (VARY, HeaderValue::from_static("accept"))];
        (status, headers, body).into_response()
    }
}

/// With `Location`.
pub(crate) fn located(mut response: Response, location: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// One line per item.
pub(crate) fn lines<T: Line>(items: &[T]) -> String {
    items.iter().map(Line::line).collect::<Vec<_>>().join("\n")
}

fn with_line_end(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The better liked of the two; JSON where both are liked alike.
fn choose(headers: &HeaderMap) -> Option<Format> {
    if !headers.contains_key(ACCEPT) {
        return Some(Format::Json);
    }
    let accepted: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|it| it.to_str().ok()).collect();
    let accepted = accepted.join(",");
    let json = quality(&accepted, "application", "json");
    let text = quality(&accepted, "text", "plain");
    match (json, text) {
        (0, 0) => None,
        (json, text) if text > json => Some(Format::Text),
        _ => Some(Format::Json),
    }
}

/// How much a media type is liked, in thousandths; the most specific range decides.
fn quality(accept: &str, kind: &str, subtype: &str) -> u32 {
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let specific = match name.split_once('/') {
            Some((k, s)) if k == kind && s == subtype => 3,
            Some((k, "*")) if k == kind => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let weight = parts.find_map(|it| it.strip_prefix("q=")).map_or(1.0, |it| it.parse::<f32>().unwrap_or(1.0));
        if specific > best.0 {
            best = (specific, thousandths(weight));
        }
    }
    best.1
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0–1000 before")]
fn thousandths(weight: f32) -> u32 {
    (weight.clamp(0.0, 1.0) * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::{Format, choose};
    use http::{HeaderMap, HeaderValue, header::ACCEPT};
    use rstest::rstest;

    #[rstest]
    #[case(None, Some(Format::Json))]
    #[case(Some("*/*"), Some(Format::Json))]
    #[case(Some("text/plain"), Some(Format::Text))]
    #[case(Some("text/*"), Some(Format::Text))]
    #[case(Some("text/plain, application/json"), Some(Format::Json))]
    #[case(Some("text/plain, application/json;q=0.5"), Some(Format::Text))]
    #[case(Some("text/plain;q=0.2, */*;q=0.1"), Some(Format::Text))]
    #[case(Some("application/*"), Some(Format::Json))]
    #[case(Some("application/xml"), None)]
    #[case(Some("application/json;q=0"), None)]
    #[case(Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some(Format::Json))]
    fn chooses(#[case] accept: Option<&'static str>, #[case] format: Option<Format>) {
        let headers = accept.map(|it| (ACCEPT, HeaderValue::from_static(it)));
        assert_eq!(choose(&HeaderMap::from_iter(headers)), format);
    }
}
