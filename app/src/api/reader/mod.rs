//! JSON as the browser reads it: small before fast.
//!
//! `serde_json` can do more than the wire asks for, and is compiled anew for each type: half of what
//! the browser would carry for reading. Here nearly everything is done by functions that know no
//! type; those that do call the one method of a visitor that the wire needs, and errors say little,
//! since the server that is asked is the one that the page came from. The server reads with
//! `serde_json`; the tests hold the two together.

mod deserializer;
mod error;
mod text;

pub(crate) use error::Error;

use serde::de::DeserializeOwned;
use text::Text;

/// Reads a whole text as one value.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut text = Text::new(text);
    let value = T::deserialize(&mut text)?;
    text.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests;
