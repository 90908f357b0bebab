//! An address that leads nowhere.

use crate::{
    components::{any::view, problem::Problem},
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use types::{ApiError, ErrorCode};

/// See the module.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <Title text=text::problem_title(ErrorCode::NotFound)/>
        <Problem error=ApiError::new(ErrorCode::NotFound, text::nothing_here())/>
    }
}
