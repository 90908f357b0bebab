//! A Dockerfile that stands in the build instead of the context.
//!
//! It travels in front of the context's files, in the same tar. Its name never changes, or else no
//! build would ever be cached.

use super::{DockerError, Dockerfile};
use bytes::Bytes;

/// Where an inline Dockerfile lies in the context.
const INLINE_NAME: &str = ".slipway.Dockerfile";

impl Dockerfile {
    /// Its path in the context.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Path(path) => path.strip_prefix("./").unwrap_or(path),
            Self::Inline(_) => INLINE_NAME,
        }
    }

    /// The part of a tar that holds it: an entry without the end of an archive.
    pub(super) fn entry(&self) -> Result<Option<Bytes>, DockerError> {
        let Self::Inline(text) = self else { return Ok(None) };
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        let mut builder = tar::Builder::new(Vec::new());
        let unreadable = |error: std::io::Error| DockerError::ContextUnreadable(error.to_string());
        builder.append_data(&mut header, INLINE_NAME, text.as_bytes()).map_err(unreadable)?;
        Ok(Some(Bytes::from(std::mem::take(builder.get_mut()))))
    }
}
