//! Values that are kept as JSON.

use crate::Error;
use sea_orm::JsonValue;
use serde::{Serialize, de::DeserializeOwned};

/// A value as it is kept; the types of the wire always serialise.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<JsonValue, Error> {
    serde_json::to_value(value).map_err(|why| Error::Internal(format!("a value does not serialise: {why}")))
}

/// A kept value; one that cannot be read was written by another version and is an internal error.
pub(crate) fn read<T: DeserializeOwned>(value: &JsonValue) -> Result<T, Error> {
    T::deserialize(value).map_err(|why| Error::Internal(format!("a stored value cannot be read: {why}")))
}
