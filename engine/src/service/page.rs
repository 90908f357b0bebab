//! Pages of lists: how long, and where the next begins.

use super::{PageRequest, Result};
use crate::Error;
use types::ErrorCode;

/// Items of a page where nothing is said.
const LIMIT_DEFAULT: u64 = 50;
/// Most items of a page.
const LIMIT_MAX: u64 = 200;

/// How many items the page has.
pub(crate) fn limit(page: &PageRequest) -> Result<usize> {
    let limit = if page.limit == 0 { LIMIT_DEFAULT } else { page.limit };
    match usize::try_from(limit) {
        Ok(limit) if limit <= LIMIT_MAX as usize => Ok(limit),
        Ok(_) | Err(_) => Err(Error::field("limit", format!("must be 1 to {LIMIT_MAX}"))),
    }
}

/// How many items lie before the page, for lists that are counted.
pub(crate) fn begin(page: &PageRequest) -> Result<usize> {
    match &page.cursor {
        None => Ok(0),
        Some(cursor) => cursor.parse().map_err(|_| wrong_cursor()),
    }
}

/// The cursor of a page that begins after `items`.
pub(crate) fn cursor(items: usize) -> String {
    items.to_string()
}

pub(crate) fn wrong_cursor() -> Error {
    Error::refused(ErrorCode::Invalid, "The cursor is not one of this list.")
}
