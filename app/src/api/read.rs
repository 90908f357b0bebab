//! What a page reads when it is opened.
//!
//! Its JSON goes through the same reader as the answers of server functions: with leptos' own codec
//! the browser would carry every `Deserialize` twice, a quarter of all its code.

use super::Answer;
use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};

/// See the module.
pub(crate) type Read<T> = Resource<Answer<T>, JsonBytes>;

/// Reads what `source` names, again whenever it names something else. The page waits for it, so
/// that its first paint is whole and its status is right.
pub(crate) fn read<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> Fut + Send + Sync + 'static,
) -> Read<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Fut: Future<Output = Answer<T>> + Send + 'static,
{
    Resource::new_with_options(source, fetch, true)
}

/// JSON, read from bytes.
pub(crate) struct JsonBytes;

impl<T: Serialize> Encoder<T> for JsonBytes {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonBytes {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        serde_json::from_slice(text.as_bytes())
    }
}
