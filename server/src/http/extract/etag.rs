use crate::http::Problem;
use axum::extract::FromRequestParts;
use engine::Revision;
use http::{HeaderValue, header::IF_MATCH, request::Parts};
use types::ErrorCode;
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

/// The strong `ETag` of a revision.
pub(crate) fn etag(revision: Revision) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", revision.0)).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}

/// The revision that the sender has read: nobody overwrites what was changed meanwhile.
#[derive(Debug)]
pub(crate) struct IfMatch(pub(crate) Revision);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let value = parts.headers.get(IF_MATCH).map(|it| it.to_str().unwrap_or_default());
        match value.map(str::trim) {
            None | Some("*") => Err(Problem::new(
                ErrorCode::PreconditionRequired,
                "If-Match must name the revision that was read: the ETag of the GET.",
            )),
            Some(text) => revision(text).map(Self).ok_or_else(|| engine::Error::ChangedMeanwhile.into()),
        }
    }
}

/// Weak tags never match.
fn revision(text: &str) -> Option<Revision> {
    text.strip_prefix('"')?.strip_suffix('"')?.parse().ok().map(Revision)
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some("The ETag of the GET. Missing: 428. Changed meanwhile: 412."))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).examples(["\"7\""])))
                .build(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{IfMatch, etag};
    use axum::extract::FromRequestParts;
    use engine::Revision;
    use http::Request;
    use rstest::rstest;

    #[rstest]
    #[case(None, Err("precondition_required"))]
    #[case(Some("*"), Err("precondition_required"))]
    #[case(Some("\"7\""), Ok(7))]
    #[case(Some("W/\"7\""), Err("changed_meanwhile"))]
    #[case(Some("7"), Err("changed_meanwhile"))]
    #[case(Some("\"seven\""), Err("changed_meanwhile"))]
    #[tokio::test]
    async fn reads(#[case] header: Option<&str>, #[case] expected: Result<i64, &str>) {
        let mut request = Request::patch("/");
        if let Some(header) = header {
            request = request.header("if-match", header);
        }
        let mut parts = request.body(()).expect("a request").into_parts().0;
        let read = IfMatch::from_request_parts(&mut parts, &()).await;
        assert_eq!(read.map(|it| it.0.0).map_err(|it| it.code().as_str()), expected);
    }

    #[test]
    fn is_strong() {
        assert_eq!(etag(Revision(7)), "\"7\"");
    }
}
