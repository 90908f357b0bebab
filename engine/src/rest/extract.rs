//! Values from an answer.

use super::CallError;
use serde_json::Value;
use std::collections::BTreeMap;

/// Bytes of a value: it becomes an environment entry, and those are no longer.
const VALUE_MAX: usize = 32 * 1024;

/// What the pointers lead to, by name; nothing is read where nothing is asked for.
pub(super) fn extract(body: &[u8], pointers: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, CallError> {
    if pointers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let document: Value = serde_json::from_slice(body)
        .map_err(|why| CallError::NotJson { reason: why.to_string(), body: super::answer::excerpt(body) })?;
    pointers.iter().map(|(name, pointer)| Ok((name.clone(), value(&document, name, pointer)?))).collect()
}

fn value(document: &Value, name: &str, pointer: &str) -> Result<String, CallError> {
    let no_value = |found| CallError::NoValue { name: name.to_owned(), pointer: pointer.to_owned(), found };
    let nothing = || CallError::Nothing { name: name.to_owned(), pointer: pointer.to_owned() };
    match document.pointer(pointer).ok_or_else(nothing)? {
        Value::Null => Err(no_value("null")),
        Value::Array(_) => Err(no_value("an array")),
        Value::Object(_) => Err(no_value("an object")),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(value) => Ok(value.to_string()),
        Value::String(value) if value.len() > VALUE_MAX => Err(no_value("a text of more than 32 KiB")),
        Value::String(value) if value.contains('\0') => Err(no_value("a text with NUL")),
        Value::String(value) => Ok(value.clone()),
    }
}
