//! Paths within a work space.

use std::path::{Component, Path};

/// Most bytes of a path.
const PATH_MAX: usize = 1024;

/// Refuses a path that is not within the work space; empty is its root.
pub(crate) fn check_path(text: &str) -> Result<(), String> {
    let inside = Path::new(text).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside && text.len() <= PATH_MAX && !text.contains('\0') {
        return Ok(());
    }
    Err("must be a path within the work space, without .. and not beginning with /".to_owned())
}
