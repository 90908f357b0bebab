//! A Dockerfile that stands in the build instead of the context.
//!
//! BuildKit asks for any Dockerfile beside the context (`session`). Other builders want it in the tar, where it
//! travels in front of the context's files; they read it and then leave out what `.dockerignore`
//! names, so that one comes last and names it. Its name never changes, or else no build would ever
//! be cached.

use super::{DockerError, Dockerfile, context::IGNORE_NAME, pack::header};
use bytes::Bytes;
use std::io;

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

    /// Its path in the context, if it lies there.
    pub(super) fn path(&self) -> Option<&str> {
        match self {
            Self::Path(_) => Some(self.name()),
            Self::Inline(_) => None,
        }
    }

    /// Name and text of the last file of a context whose builder finds this Dockerfile in it; `text`
    /// is what the context's own `.dockerignore` says.
    pub(super) fn ignore_entry(&self, buildkit: bool, text: Vec<u8>) -> Option<(String, Vec<u8>)> {
        if buildkit || self.path().is_some() {
            return None;
        }
        // Where there was no such file, the image must not get one either.
        let own = if text.is_empty() { format!("{IGNORE_NAME}\n").into_bytes() } else { text };
        let text = [own.as_slice(), format!("\n{INLINE_NAME}\n").as_bytes()].concat();
        Some((IGNORE_NAME.to_owned(), text))
    }

    /// What a tar begins with: an entry without the end of an archive.
    ///
    /// BuildKit takes a tar without any entry for a file, so there it is the folder itself.
    pub(super) fn entry(&self, buildkit: bool) -> Result<Option<Bytes>, DockerError> {
        let mut builder = tar::Builder::new(Vec::new());
        let written = match self {
            _ if buildkit => builder.append_data(&mut header(tar::EntryType::Directory, 0o755, 0), "./", io::empty()),
            Self::Path(_) => return Ok(None),
            Self::Inline(text) => {
                let mut header = header(tar::EntryType::Regular, 0o644, 0);
                header.set_size(text.len() as u64);
                builder.append_data(&mut header, INLINE_NAME, text.as_bytes())
            }
        };
        written.map_err(|error| DockerError::ContextUnreadable(error.to_string()))?;
        Ok(Some(Bytes::from(std::mem::take(builder.get_mut()))))
    }
}
