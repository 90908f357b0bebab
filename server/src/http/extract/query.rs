use super::words::field_error;
use crate::http::Problem;
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::{DeserializeOwned, value};

/// The query of an address. A parameter without a value counts as left out; one that is not known is
/// refused, so that a typo never does half of what was meant.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let given: Vec<&str> =
        query.split('&').filter(|pair| pair.split_once('=').is_some_and(|(_, it)| !it.is_empty())).collect();
    let given = given.join("&");
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(given.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner: value::Error = error.into_inner();
        Problem::fields(vec![field_error(&path, &inner.to_string())])
    })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::http::extract::PageQuery;
    use rstest::rstest;

    #[rstest]
    #[case("", true)]
    #[case("limit=20", true)]
    #[case("limit=&cursor=", true)]
    #[case("limit=x", false)]
    #[case("limit=-1", false)]
    #[case("limit=1&limit=2", false)]
    #[case("limt=20", false)]
    fn queries(#[case] query: &str, #[case] good: bool) {
        assert_eq!(parse::<PageQuery>(query).is_ok(), good);
    }
}
