//! What stands in the address of a page. What is not well formed cannot exist, and says so.

use crate::reactive::memo;
use crate::{api::Answer, text};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::str::FromStr;
use types::{ApiError, ErrorCode, Name};

/// A name from the path.
pub(crate) fn name_param(key: &'static str) -> Memo<Answer<Name>> {
    let params = use_params_map();
    memo(move || {
        let text = params.with(|params| params.get(key)).unwrap_or_default();
        Name::parse(&text).map_err(|_| not_found())
    })
}

/// A number or an id from the path.
pub(crate) fn param<T>(key: &'static str) -> Memo<Answer<T>>
where
    T: FromStr + PartialEq + Send + Sync + 'static,
{
    let params = use_params_map();
    memo(move || params.with(|params| params.get(key)).and_then(|text| text.parse().ok()).ok_or_else(not_found))
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, text::nothing_here())
}
