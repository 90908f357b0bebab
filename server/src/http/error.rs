//! Errors over HTTP: `application/problem+json`, whoever refused.

use axum::response::{IntoResponse, Response};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use types::{ApiError, ErrorCode, FieldError};

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What a caller waits before it tries again where nothing better is known.
const RETRY_AFTER_S: u64 = 5;

/// An error on its way out. The layer `finish` writes its body, with the id of the request.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<ApiError>);

impl Problem {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self(Box::new(ApiError::new(code, detail)))
    }

    /// 422 that names the field.
    pub(crate) fn field(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { path: path.into(), message: message.into() }])
    }

    pub(crate) fn fields(fields: Vec<FieldError>) -> Self {
        engine::Error::Invalid(fields).into()
    }

    /// With a member beside the usual ones, as `run`.
    pub(crate) fn with(mut self, member: &str, value: impl serde::Serialize) -> Self {
        self.0.more.insert(member.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Writes the body and the headers that go with the code.
    pub(crate) fn write(mut self, request_id: &str, response: &mut Response) {
        let retry_after = match self.0.more.remove("retry_after_s").and_then(|it| it.as_u64()) {
            Some(seconds) => Some(seconds),
            None => matches!(self.0.status, 429 | 503).then_some(RETRY_AFTER_S),
        };
        let mut set = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
        set(CONTENT_TYPE, PROBLEM_JSON);
        if let Some(seconds) = retry_after {
            set(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.code == ErrorCode::Unauthenticated {
            set(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"slipway\""));
        }
        self.0.request_id = Some(request_id.to_owned());
        *response.body_mut() = serde_json::to_vec(&self.0).unwrap_or_default().into();
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        Self(Box::new(error.into()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What is left when a handler panics: one answer like any other, and the panic in the log.
pub(crate) fn after_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    Problem::from(engine::Error::Internal(format!("panic: {text}"))).into_response()
}

pub(crate) async fn not_found() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is nothing at this address.")
}

pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(
        ErrorCode::MethodNotAllowed,
        "This address does not take that method; the header Allow names those it takes.",
    )
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use axum::response::IntoResponse;
    use http_body_util::BodyExt;
    use types::ErrorCode;

    #[tokio::test]
    async fn carries_the_request_id_and_when_to_try_again() {
        let problem = Problem::from(engine::Error::TooMany { retry_after_s: 7 });
        let mut response = problem.clone().into_response();
        problem.write("ci-1", &mut response);
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["code"], "too_many");
        assert_eq!(body["request_id"], "ci-1");
        assert_eq!(body["title"], "Too Many Requests");
    }

    #[test]
    fn names_the_field() {
        let problem = Problem::field("limit", "must be 1 to 200");
        assert_eq!(problem.code(), ErrorCode::Invalid);
        assert_eq!(problem.0.fields[0].path, "limit");
    }
}
