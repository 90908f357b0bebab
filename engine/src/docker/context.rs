//! The files of a build on their way to the engine: a tar that is never whole in memory.
//!
//! The Dockerfile is always part of it, since BuildKit reads it from there. So, other than with the
//! `docker` command, `COPY . .` copies it even if `.dockerignore` names it.

use super::{DockerError, Dockerfile, ignore::Ignore, pack};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream, stream::BoxStream};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Most bytes of a context: more is a forgotten `.dockerignore` and would fill the engine's disk.
pub(super) const CONTEXT_LIMIT: u64 = 2 << 30;

/// Pieces of tar that wait for the connection; with 64 KiB each, half a megabyte.
const PIECES_WAITING: usize = 8;

/// The files of a build.
pub struct Context(Source);

enum Source {
    /// With the Dockerfile's path in it.
    Folder(PathBuf, Option<String>),
    Tar(BoxStream<'static, io::Result<Bytes>>),
}

/// Why the context could not be sent, where the connection only sees that it ended early.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<DockerError>>>);

impl Context {
    /// A folder, without what its `.dockerignore` leaves out; it is read while the build runs. The
    /// Dockerfile must lie in it.
    pub fn folder(root: &Path, dockerfile: &Dockerfile) -> Result<Self, DockerError> {
        let inside = match dockerfile {
            Dockerfile::Path(_) => Some(contained(root, dockerfile.name())?),
            Dockerfile::Inline(_) => None,
        };
        Ok(Self(Source::Folder(root.to_owned(), inside)))
    }

    /// Bytes of a tar that was made elsewhere, sent as they are.
    pub fn tar(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Source::Tar(stream.boxed()))
    }

    /// Starts to read; must be called within a runtime.
    pub(super) fn open(
        self,
        dockerfile: &Dockerfile,
        buildkit: bool,
    ) -> Result<(BoxStream<'static, io::Result<Bytes>>, Trouble), DockerError> {
        let trouble = Trouble::default();
        let files = match self.0 {
            Source::Tar(stream) => noting(stream, trouble.clone()),
            Source::Folder(root, inside) => packed(root, inside, buildkit, trouble.clone())?,
        };
        let inline = dockerfile.entry()?;
        Ok((stream::iter(inline.map(Ok)).chain(files).boxed(), trouble))
    }
}

impl Trouble {
    pub(super) fn set(&self, error: DockerError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(super) fn take(&self) -> Option<DockerError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Passes a stream on and keeps why it broke.
fn noting(stream: BoxStream<'static, io::Result<Bytes>>, trouble: Trouble) -> BoxStream<'static, io::Result<Bytes>> {
    let note = move |error: &io::Error| trouble.set(DockerError::ContextUnreadable(error.to_string()));
    stream.inspect(move |piece| piece.as_ref().err().into_iter().for_each(&note)).boxed()
}

fn packed(
    root: PathBuf,
    dockerfile: Option<String>,
    buildkit: bool,
    trouble: Trouble,
) -> Result<BoxStream<'static, io::Result<Bytes>>, DockerError> {
    let ignore = read_ignore(&root, dockerfile.as_deref())?;
    // BuildKit never looks at `.dockerignore` in a tar; the other builders apply it again themselves.
    let always: Vec<String> = dockerfile.into_iter().chain((!buildkit).then(|| ".dockerignore".to_owned())).collect();
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    let packing = pack::Packing { root, ignore, always, limit: CONTEXT_LIMIT };
    tokio::task::spawn_blocking(move || {
        if let Err(error) = packing.run(&sender) {
            trouble.set(error);
            // Breaks the request off. A closed channel means that it is broken off already.
            let broken = sender.blocking_send(Err(io::Error::other("the context is incomplete")));
            if broken.is_err() {
                tracing::debug!("a build ended before its context was sent");
            }
        }
    });
    Ok(ReceiverStream::new(receiver).boxed())
}

/// The Dockerfile's path within the context, which it must not leave, and where it must be.
fn contained(root: &Path, name: &str) -> Result<String, DockerError> {
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let missing = || DockerError::DockerfileNotFound(name.to_owned());
    if parts.is_empty() || name.starts_with('/') || parts.contains(&"..") {
        return Err(missing());
    }
    let path = parts.join("/");
    match fs::symlink_metadata(root.join(&path)) {
        Ok(found) if !found.is_dir() => Ok(path),
        Ok(_) | Err(_) => Err(missing()),
    }
}

/// `<Dockerfile>.dockerignore` if it is there, otherwise `.dockerignore`.
fn read_ignore(root: &Path, dockerfile: Option<&str>) -> Result<Ignore, DockerError> {
    let own = dockerfile.map(|path| format!("{path}.dockerignore"));
    for name in own.into_iter().chain([".dockerignore".to_owned()]) {
        match fs::read(root.join(&name)) {
            Ok(text) => {
                let parsed = Ignore::parse(&String::from_utf8_lossy(&text));
                return parsed.map_err(|error| DockerError::ContextUnreadable(format!("{name}: {error}")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(DockerError::ContextUnreadable(format!("{name}: {error}"))),
        }
    }
    Ok(Ignore::default())
}
