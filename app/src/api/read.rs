//! What a page reads when it is opened.
//!
//! Its JSON goes through the same reader as the answers of server functions: with leptos' own codec
//! the browser would carry every `Deserialize` twice, a quarter of all its code.

use super::{Answer, reader};
use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
};
use serde::{Serialize, de::DeserializeOwned};

/// See the module.
pub(crate) type Read<T> = Resource<Answer<T>, PageJson>;

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

/// JSON, written by the server and read by the browser.
pub(crate) struct PageJson;

impl<T: Serialize> Encoder<T> for PageJson {
    type Error = serde_json::Error;
    type Encoded = String;

    /// The browser tells nobody what it read: it need not know how.
    fn encode(value: &T) -> Result<String, Self::Error> {
        if cfg!(feature = "ssr") { serde_json::to_string(value) } else { Ok(String::new()) }
    }
}

impl<T: DeserializeOwned> Decoder<T> for PageJson {
    type Error = reader::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        reader::read(text)
    }
}
