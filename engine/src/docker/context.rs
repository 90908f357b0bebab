//! The files of a build on their way to the engine: a tar that is never whole in memory.
//!
//! A Dockerfile of the context is always part of it, since BuildKit reads it from there. So, other
//! than with the `docker` command, `COPY . .` copies it even if `.dockerignore` names it.

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

/// Where the patterns of what is left out are.
pub(super) const IGNORE_NAME: &str = ".dockerignore";

/// The files of a build.
pub struct Context(Source);

enum Source {
    Folder(PathBuf, Dockerfile),
    Tar(BoxStream<'static, io::Result<Bytes>>),
    /// A tar whose maker says itself why it broke.
    Told(BoxStream<'static, io::Result<Bytes>>, Trouble),
}

/// Why the context could not be sent, where the connection only sees that it ended early.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<DockerError>>>);

impl Context {
    /// A folder, without what its `.dockerignore` leaves out; it is read while the build runs. The
    /// Dockerfile must lie in it.
    pub fn folder(root: &Path, dockerfile: &Dockerfile) -> Result<Self, DockerError> {
        let inside = match dockerfile {
            Dockerfile::Path(_) => Dockerfile::Path(contained(root, dockerfile.name())?),
            Dockerfile::Inline(_) => dockerfile.clone(),
        };
        Ok(Self(Source::Folder(root.to_owned(), inside)))
    }

    /// Bytes of a tar that was made elsewhere, sent as they are.
    pub fn tar(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Source::Tar(stream.boxed()))
    }

    /// Bytes of a tar that somebody packs, who tells in `trouble` why it broke.
    pub(super) fn told(stream: BoxStream<'static, io::Result<Bytes>>, trouble: Trouble) -> Self {
        Self(Source::Told(stream, trouble))
    }

    /// Starts to read; must be called within a runtime.
    pub(super) fn open(
        self,
        dockerfile: &Dockerfile,
        buildkit: bool,
    ) -> Result<(BoxStream<'static, io::Result<Bytes>>, Trouble), DockerError> {
        let (files, trouble) = match self.0 {
            Source::Tar(stream) => noting(stream),
            Source::Told(stream, trouble) => (stream, trouble),
            Source::Folder(root, inside) => packed(root, &inside, buildkit)?,
        };
        let first = dockerfile.entry(buildkit)?;
        Ok((stream::iter(first.map(Ok)).chain(files).boxed(), trouble))
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
fn noting(stream: BoxStream<'static, io::Result<Bytes>>) -> (BoxStream<'static, io::Result<Bytes>>, Trouble) {
    let trouble = Trouble::default();
    let noted = trouble.clone();
    let note = move |error: &io::Error| noted.set(DockerError::ContextUnreadable(error.to_string()));
    (stream.inspect(move |piece| piece.as_ref().err().into_iter().for_each(&note)).boxed(), trouble)
}

fn packed(
    root: PathBuf,
    dockerfile: &Dockerfile,
    buildkit: bool,
) -> Result<(BoxStream<'static, io::Result<Bytes>>, Trouble), DockerError> {
    let Ignored { patterns, text } = read_ignore(&root, dockerfile.path())?;
    let packing = pack::Packing {
        root,
        ignore: patterns,
        always: always(dockerfile, buildkit),
        last: dockerfile.ignore_entry(buildkit, text),
        limit: CONTEXT_LIMIT,
    };
    Ok(pieces(move |sender| packing.run(sender)))
}

/// What is sent although it is ignored. BuildKit never looks at `.dockerignore` in a tar; the other
/// builders apply it again themselves.
pub(super) fn always(dockerfile: &Dockerfile, buildkit: bool) -> Vec<String> {
    dockerfile.path().map(str::to_owned).into_iter().chain((!buildkit).then(|| IGNORE_NAME.to_owned())).collect()
}

/// The pieces of a tar that is made while they are taken.
pub(super) fn pieces(
    make: impl FnOnce(&mpsc::Sender<io::Result<Bytes>>) -> Result<(), DockerError> + Send + 'static,
) -> (BoxStream<'static, io::Result<Bytes>>, Trouble) {
    let trouble = Trouble::default();
    let told = trouble.clone();
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = make(&sender) {
            told.set(error);
            // Breaks the request off. A closed channel means that it is broken off already.
            let broken = sender.blocking_send(Err(io::Error::other("the context is incomplete")));
            if broken.is_err() {
                tracing::debug!("a transfer ended before its files were sent");
            }
        }
    });
    (ReceiverStream::new(receiver).boxed(), trouble)
}

/// The Dockerfile's path within the context, which it must not leave, and where it must be.
fn contained(root: &Path, name: &str) -> Result<String, DockerError> {
    let path = inside(name)?;
    match fs::symlink_metadata(root.join(&path)) {
        Ok(found) if !found.is_dir() => Ok(path),
        Ok(_) | Err(_) => Err(DockerError::DockerfileNotFound(name.to_owned())),
    }
}

/// A Dockerfile's path, which must not leave the context.
pub(super) fn inside(name: &str) -> Result<String, DockerError> {
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() || name.starts_with('/') || parts.contains(&"..") {
        return Err(DockerError::DockerfileNotFound(name.to_owned()));
    }
    Ok(parts.join("/"))
}

/// What a context leaves out.
#[derive(Default)]
pub(super) struct Ignored {
    pub(super) patterns: Ignore,
    /// The file that they are from; empty if there is none.
    pub(super) text: Vec<u8>,
}

/// `<Dockerfile>.dockerignore` if it is there, otherwise `.dockerignore`.
fn read_ignore(root: &Path, dockerfile: Option<&str>) -> Result<Ignored, DockerError> {
    for name in ignore_files(dockerfile) {
        match fs::read(root.join(&name)) {
            Ok(text) => return Ignored::parse(&name, text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(DockerError::ContextUnreadable(format!("{name}: {error}"))),
        }
    }
    Ok(Ignored::default())
}

/// Where the patterns are, the first that is there.
pub(super) fn ignore_files(dockerfile: Option<&str>) -> impl Iterator<Item = String> {
    let own = dockerfile.map(|path| format!("{path}.dockerignore"));
    own.into_iter().chain([IGNORE_NAME.to_owned()])
}

impl Ignored {
    pub(super) fn parse(name: &str, text: Vec<u8>) -> Result<Self, DockerError> {
        let parsed = Ignore::parse(&String::from_utf8_lossy(&text));
        let patterns = parsed.map_err(|error| DockerError::ContextUnreadable(format!("{name}: {error}")))?;
        Ok(Self { patterns, text })
    }
}
