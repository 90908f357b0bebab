use super::words::field_error;
use crate::{http::Problem, middleware::too_large};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use types::ErrorCode;

/// A body of `application/json`. An empty one counts as `{}`, so that a POST whose members are all
/// optional needs none.
pub(crate) struct Json<T>(pub(crate) T);

/// A body of `application/merge-patch+json`.
pub(crate) struct MergePatch<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let said = media_type(request.headers());
        let bytes = read(request).await?;
        match said.as_deref() {
            None if bytes.is_empty() => {}
            Some("application/json") => {}
            Some(_) if bytes.is_empty() => {}
            _ => return Err(wrong_media_type("application/json")),
        }
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        parse(bytes).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for MergePatch<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        const PATCH: &str = "application/merge-patch+json";
        if media_type(request.headers()).as_deref() != Some(PATCH) {
            return Err(wrong_media_type(PATCH));
        }
        parse(&read(request).await?).map(Self)
    }
}

fn wrong_media_type(right: &str) -> Problem {
    Problem::new(ErrorCode::UnsupportedMediaType, format!("The body must be {right}, and Content-Type must say so."))
}

/// Type and subtype, lower case, without parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The layer `limit_body` has put a limit to it.
async fn read(request: Request) -> Result<Bytes, Problem> {
    match request.into_body().collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if is_too_large(&error) => Err(too_large()),
        Err(error) => Err(Problem::new(ErrorCode::Malformed, format!("The body could not be read: {error}."))),
    }
}

fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// 400 for what is no JSON, 422 for JSON that does not fit, with the field.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            Category::Data => Problem::fields(vec![field_error(&path, &inner.to_string())]),
            Category::Io | Category::Syntax | Category::Eof => malformed(&inner),
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(ErrorCode::Malformed, format!("The body is not JSON: {error}."))
}

#[cfg(test)]
mod tests {
    use super::{Json, MergePatch};
    use axum::{body::Body, extract::FromRequest};
    use http::Request;
    use rstest::rstest;
    use types::{map::MapPatch, run::NewRun};

    fn request(media_type: &str, body: &'static str) -> Request<Body> {
        let builder = Request::post("/").header("content-type", media_type);
        builder.body(Body::from(body)).expect("a request")
    }

    #[rstest]
    #[case("application/json", "{", "malformed")]
    #[case("application/json", "{} x", "malformed")]
    #[case("application/json", "\u{1}", "malformed")]
    #[case("application/json", r#"{"btch": true}"#, "invalid")]
    #[case("application/json", "[1]", "invalid")]
    #[case("application/json; charset=utf-8", r#"{"items": 3}"#, "invalid")]
    #[case("text/plain", "{}", "unsupported_media_type")]
    #[case("application/x-www-form-urlencoded", "a=b", "unsupported_media_type")]
    #[tokio::test]
    async fn refuses(#[case] media_type: &str, #[case] body: &'static str, #[case] code: &str) {
        let Err(problem) = Json::<NewRun>::from_request(request(media_type, body), &()).await else {
            panic!("{body} was taken");
        };
        assert_eq!(problem.code().as_str(), code);
    }

    #[rstest]
    #[case("application/json", "", true)]
    #[case("application/json", r#"{"batch": true}"#, true)]
    #[case("Application/JSON; charset=utf-8", r#"{"batch": true}"#, true)]
    #[tokio::test]
    async fn takes(#[case] media_type: &str, #[case] body: &'static str, #[case] good: bool) {
        assert_eq!(Json::<NewRun>::from_request(request(media_type, body), &()).await.is_ok(), good);
    }

    #[rstest]
    #[case("application/merge-patch+json", true)]
    #[case("application/json", false)]
    #[tokio::test]
    async fn a_patch_says_that_it_is_one(#[case] media_type: &str, #[case] good: bool) {
        assert_eq!(MergePatch::<MapPatch>::from_request(request(media_type, "{}"), &()).await.is_ok(), good);
    }
}
