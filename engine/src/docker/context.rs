//! The files of a build on their way to the engine: a tar that is never whole in memory.
//!
//! BuildKit gets the Dockerfile beside it, so that `.dockerignore` may name it. Other builders read it
//! from the context, apply `.dockerignore` once more and so leave out both where it names them.

use super::{DockerError, Dockerfile, ignore::Ignore, pack};
use crate::beneath;
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Most bytes of a context: more is a forgotten `.dockerignore` and would fill the engine's disk.
pub(super) const CONTEXT_LIMIT: u64 = 2 << 30;

/// Most bytes of a Dockerfile or a `.dockerignore`.
pub(super) const FILE_BYTES: u64 = 1 << 20;

/// Pieces of tar that wait for the connection; with 64 KiB each, half a megabyte.
const PIECES_WAITING: usize = 8;

/// Where the patterns of what is left out are.
pub(super) const IGNORE_NAME: &str = ".dockerignore";

/// The files of a build.
pub struct Context(Source);

enum Source {
    /// The Dockerfile's path is checked.
    Folder(PathBuf, Dockerfile),
    /// A tar whose maker says why it broke, and the Dockerfile that is in it.
    Tar(Files, Vec<u8>),
}

/// A tar, and why it broke.
pub(super) type Files = (BoxStream<'static, io::Result<Bytes>>, Trouble);

/// Why the context could not be sent, where the connection only sees that it ended early.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<DockerError>>>);

impl Context {
    /// A folder of a tree, without what its `.dockerignore` leaves out; it is read while the build runs.
    /// No link leads out of the tree, and the Dockerfile must lie in the folder.
    pub fn folder(tree: &Path, folder: &str, dockerfile: &Dockerfile) -> Result<Self, DockerError> {
        let root = beneath::existing(tree, folder).ok().filter(|root| root.is_dir());
        let root = root.ok_or_else(|| DockerError::NotInWorkSpace(format!("folder {folder}")))?;
        let inside = match dockerfile {
            Dockerfile::Path(_) => Dockerfile::Path(contained(&root, dockerfile.name())?),
            Dockerfile::Inline(_) => dockerfile.clone(),
        };
        Ok(Self(Source::Folder(root, inside)))
    }

    /// A tar with what BuildKit gets as the Dockerfile, if that is not inline.
    pub(super) fn tar(files: Files, dockerfile: Vec<u8>) -> Self {
        Self(Source::Tar(files, dockerfile))
    }

    /// What BuildKit gets beside the context.
    pub(super) fn dockerfile(&self, dockerfile: &Dockerfile) -> Result<Vec<u8>, DockerError> {
        match (dockerfile, &self.0) {
            (Dockerfile::Inline(text), _) => Ok(text.clone().into_bytes()),
            (Dockerfile::Path(_), Source::Tar(_, text)) => Ok(text.clone()),
            (Dockerfile::Path(_), Source::Folder(root, inside)) => {
                let unreadable = |why| DockerError::ContextUnreadable(format!("{}: {why}", inside.name()));
                beneath::file(root, inside.name(), FILE_BYTES).map_err(unreadable)
            }
        }
    }

    /// Starts to read; must be called within a runtime.
    pub(super) fn open(self, dockerfile: &Dockerfile, buildkit: bool) -> Result<Files, DockerError> {
        let (files, trouble) = match self.0 {
            Source::Tar(files, _) => files,
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

fn packed(root: PathBuf, dockerfile: &Dockerfile, buildkit: bool) -> Result<Files, DockerError> {
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
    let sent = dockerfile.path().into_iter().chain([IGNORE_NAME]);
    if buildkit { Vec::new() } else { sent.map(str::to_owned).collect() }
}

/// The pieces of a tar that is made while they are taken.
pub(super) fn pieces(
    make: impl FnOnce(&mpsc::Sender<io::Result<Bytes>>) -> Result<(), DockerError> + Send + 'static,
) -> Files {
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
    let is_file = beneath::existing(root, &path).is_ok_and(|real| real.is_file());
    if is_file { Ok(path) } else { Err(DockerError::DockerfileNotFound(name.to_owned())) }
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
        match beneath::file(root, &name, FILE_BYTES) {
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
