use super::Json;
use crate::http::Problem;
use axum::extract::{FromRequest, Request};
use engine::Idempotency;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use types::ErrorCode;
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

/// Longest `Idempotency-Key`.
const KEY_MAX: usize = 255;

/// A POST that starts something: its body, and the key that makes it safe to repeat.
pub(crate) struct Start<T> {
    pub(crate) body: T,
    pub(crate) idempotency: Option<Idempotency>,
}

impl<T: DeserializeOwned + Serialize, S: Send + Sync> FromRequest<S> for Start<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let key = request.headers().get("idempotency-key").map(|it| parse_key(it.as_bytes())).transpose()?;
        let path = request.uri().path().to_owned();
        let Json(body) = Json::<T>::from_request(request, state).await?;
        let idempotency = match key {
            Some(key) => Some(Idempotency { key, method: "POST", path, body_hash: hash(&body)? }),
            None => None,
        };
        Ok(Self { body, idempotency })
    }
}

fn parse_key(bytes: &[u8]) -> Result<String, Problem> {
    let printable = bytes.iter().all(|c| (b' '..=b'~').contains(c));
    match std::str::from_utf8(bytes) {
        Ok(key) if printable && (1..=KEY_MAX).contains(&key.len()) => Ok(key.to_owned()),
        _ => Err(Problem::field("Idempotency-Key", format!("must be 1 to {KEY_MAX} printable ASCII characters"))),
    }
}

/// Bodies are compared as they were understood: spaces and the order of members do not matter.
fn hash(body: &impl Serialize) -> Result<String, Problem> {
    let bytes = serde_json::to_vec(body).map_err(|why| Problem::new(ErrorCode::Malformed, why.to_string()))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// As documented.
impl<T> IntoParams for Start<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "1 to 255 printable ASCII characters. A repeat with the same key and body starts nothing, \
                     answers with the object of the first call as it is now, and has `Idempotent-Replayed: true`.",
                ))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(KEY_MAX))))
                .build(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{hash, parse_key};
    use rstest::rstest;
    use types::run::NewRun;

    #[rstest]
    #[case("4711", true)]
    #[case("a b~", true)]
    #[case("", false)]
    #[case("tab\t", false)]
    #[case("é", false)]
    #[case(&"x".repeat(255), true)]
    #[case(&"x".repeat(256), false)]
    fn keys(#[case] key: &str, #[case] good: bool) {
        assert_eq!(parse_key(key.as_bytes()).is_ok(), good);
    }

    #[test]
    fn bodies_are_compared_after_parsing() {
        let parse = |text: &str| serde_json::from_str::<NewRun>(text).expect("a run");
        let same = [r#"{"batch":true,"note":"x"}"#, r#"{ "note": "x", "batch": true }"#];
        let [one, two] = same.map(|text| hash(&parse(text)).expect("a hash"));
        assert_eq!(one, two);
        assert_ne!(one, hash(&parse(r#"{"batch":true}"#)).expect("a hash"));
    }
}
