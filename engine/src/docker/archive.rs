//! Files in and out of a work space, as tar streams.
//!
//! A volume is reached by a container that has it, which need not run. Nothing that comes out of it
//! is followed or unpacked here: it is read entry by entry (`sift`).

use super::{
    Context, DockerEngine, DockerError, Dockerfile, WORKSPACE,
    container::{is_argument, script_path},
    context::{CONTEXT_LIMIT, FILE_BYTES, Files, Ignored, Trouble, always, ignore_files, inside, pieces},
    failure::meaning,
    ignore::Ignore,
    pack::{Packing, header},
    sift::{Sifting, WORKSPACE_LIMIT},
};
use bollard::{
    errors::Error,
    query_parameters::{ContainerArchiveInfoOptions, DownloadFromContainerOptions, UploadToContainerOptions},
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use std::{
    io::{self, Read},
    path::Path,
    time::Duration,
};
use tokio::runtime::Handle;

/// An engine answers when it has taken all files; the step's own limit ends it sooner.
const FILES_LIMIT: Duration = Duration::from_secs(3600);

/// The bit by which an engine tells a folder.
const FOLDER_BIT: u32 = 1 << 31;

impl DockerEngine {
    /// Puts a folder of this machine into the work space that a container has.
    pub async fn send_tree(&self, container: &str, root: &Path) -> Result<(), DockerError> {
        let packing = Packing {
            root: root.to_owned(),
            ignore: Ignore::default(),
            always: Vec::new(),
            last: None,
            limit: WORKSPACE_LIMIT,
        };
        self.put(container, WORKSPACE, pieces(move |sender| packing.run(sender))).await
    }

    /// Makes a folder of the work space, if it is not there.
    pub async fn make_folder(&self, container: &str, folder: &str) -> Result<(), DockerError> {
        let folder = folder.trim_matches('/');
        if folder.is_empty() || self.is_folder(container, &within(folder)).await?.is_some() {
            return Ok(());
        }
        let mut builder = tar::Builder::new(Vec::new());
        let mut entry = header(tar::EntryType::Directory, 0o755, 0);
        builder.append_data(&mut entry, format!("{folder}/"), io::empty()).map_err(unreadable)?;
        self.put_small(container, WORKSPACE, builder).await
    }

    /// Puts a script where [`super::ContainerRun::script_command`] runs it, if that does not hold it.
    pub async fn put_script(&self, container: &str, script: &str) -> Result<(), DockerError> {
        if is_argument(script) {
            return Ok(());
        }
        let mut builder = tar::Builder::new(Vec::new());
        let path = script_path();
        let path = path.trim_start_matches('/');
        let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
        let mut above = header(tar::EntryType::Directory, 0o755, 0);
        builder.append_data(&mut above, format!("{folder}/"), io::empty()).map_err(unreadable)?;
        let mut entry = header(tar::EntryType::Regular, 0o644, 0);
        entry.set_size(script.len() as u64);
        builder.append_data(&mut entry, path, script.as_bytes()).map_err(unreadable)?;
        self.put_small(container, "/", builder).await
    }

    /// A folder of the work space as the context of a build, without what its `.dockerignore` leaves out.
    pub async fn context_of(
        &self,
        container: &str,
        folder: &str,
        dockerfile: &Dockerfile,
    ) -> Result<Context, DockerError> {
        let root = within(folder.trim_matches('/'));
        let dockerfile = &match dockerfile {
            Dockerfile::Path(_) => Dockerfile::Path(inside(dockerfile.name())?),
            Dockerfile::Inline(_) => dockerfile.clone(),
        };
        // For each question the engine mounts the container's files, so the folder is asked for only where
        // nothing else has been found in it.
        let (found, ignored) = tokio::try_join!(
            async {
                match dockerfile.path() {
                    Some(path) => self.read_file(container, &format!("{root}/{path}")).await,
                    None => Ok(None),
                }
            },
            self.read_ignore(container, &root, dockerfile.path()),
        )?;
        if found.is_none() && self.is_folder(container, &root).await? != Some(true) {
            return Err(DockerError::NotInWorkSpace(format!("folder {folder}")));
        }
        if found.is_none() && dockerfile.path().is_some() {
            return Err(DockerError::DockerfileNotFound(dockerfile.name().to_owned()));
        }
        let Ignored { patterns, text } = ignored;
        let sifting = Sifting {
            ignore: patterns,
            always: always(dockerfile, self.buildkit),
            last: dockerfile.ignore_entry(self.buildkit, text),
            limit: CONTEXT_LIMIT,
        };
        Ok(Context::tar(self.sifted(container, &root, sifting)?, found.unwrap_or_default()))
    }

    /// Copies a folder of the work space to one of this machine: regular files, folders, and links that stay inside.
    pub async fn copy_folder(&self, container: &str, folder: &str, into: &Path) -> Result<(), DockerError> {
        let root = within(folder.trim_matches('/'));
        if self.is_folder(container, &root).await? != Some(true) {
            return Err(DockerError::NotInWorkSpace(format!("folder {folder}")));
        }
        let sifting = Sifting { ignore: Ignore::default(), always: Vec::new(), last: None, limit: CONTEXT_LIMIT };
        let (files, trouble) = self.sifted(container, &root, sifting)?;
        let (incoming, into) = (Incoming { files, runtime: Handle::current(), piece: Bytes::new() }, into.to_owned());
        let unpacked = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&into)?;
            tar::Archive::new(incoming).unpack(&into)
        });
        let unpacked = unpacked.await.map_err(|why| DockerError::ContextUnreadable(why.to_string()))?;
        match trouble.take() {
            Some(trouble) => Err(trouble),
            None => unpacked.map_err(unreadable),
        }
    }

    async fn read_ignore(&self, container: &str, root: &str, dockerfile: Option<&str>) -> Result<Ignored, DockerError> {
        for name in ignore_files(dockerfile) {
            if let Some(text) = self.read_file(container, &format!("{root}/{name}")).await? {
                return Ignored::parse(&name, text);
            }
        }
        Ok(Ignored::default())
    }

    /// What lies in a folder of a container, sifted.
    fn sifted(&self, container: &str, folder: &str, sifting: Sifting) -> Result<Files, DockerError> {
        let docker = self.transport.client(FILES_LIMIT, &self.docker.client_version()).map_err(meaning)?;
        let options = DownloadFromContainerOptions { path: format!("{folder}/.") };
        let files = docker.download_from_container(container, Some(options)).map_err(io::Error::other).boxed();
        let incoming = Incoming { files, runtime: Handle::current(), piece: Bytes::new() };
        Ok(pieces(move |sender| sifting.run(incoming, sender)))
    }

    /// A small regular file; none if there is none.
    async fn read_file(&self, container: &str, path: &str) -> Result<Option<Vec<u8>>, DockerError> {
        let options = DownloadFromContainerOptions { path: path.to_owned() };
        let mut files = self.docker.download_from_container(container, Some(options));
        let mut bytes = Vec::new();
        while let Some(piece) = files.next().await {
            match piece {
                // A header and padding come on top of the file.
                Ok(piece) if bytes.len() as u64 <= 2 * FILE_BYTES => bytes.extend_from_slice(&piece),
                Ok(_) => return Err(DockerError::ContextUnreadable(format!("{path} is too large"))),
                Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
                Err(error) => return Err(meaning(error)),
            }
        }
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entry = archive.entries().map_err(unreadable)?.next().transpose().map_err(unreadable)?;
        let Some(mut entry) = entry.filter(|entry| entry.header().entry_type().is_file()) else { return Ok(None) };
        let mut text = Vec::new();
        entry.read_to_end(&mut text).map_err(unreadable)?;
        Ok(Some(text))
    }

    /// Whether a path of a container is a folder; none if there is nothing.
    async fn is_folder(&self, container: &str, path: &str) -> Result<Option<bool>, DockerError> {
        let options = ContainerArchiveInfoOptions { path: path.to_owned() };
        match self.docker.get_container_archive_info(container, Some(options)).await {
            Ok(found) => Ok(Some(found.file_mode & FOLDER_BIT != 0)),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(meaning(error)),
        }
    }

    async fn put_small(&self, container: &str, path: &str, tar: tar::Builder<Vec<u8>>) -> Result<(), DockerError> {
        let bytes = Bytes::from(tar.into_inner().map_err(unreadable)?);
        self.put(container, path, (futures::stream::iter([Ok(bytes)]).boxed(), Trouble::default())).await
    }

    async fn put(&self, container: &str, path: &str, (tar, trouble): Files) -> Result<(), DockerError> {
        let docker = self.transport.client(FILES_LIMIT, &self.docker.client_version()).map_err(meaning)?;
        let options = UploadToContainerOptions { path: path.to_owned(), ..Default::default() };
        let sent = docker.upload_to_container(container, Some(options), bollard::body_try_stream(tar)).await;
        match (trouble.take(), sent) {
            (Some(trouble), _) => Err(trouble),
            (None, sent) => sent.map_err(meaning),
        }
    }
}

/// A stream that is read by a thread which may wait.
struct Incoming {
    files: BoxStream<'static, io::Result<Bytes>>,
    runtime: Handle,
    piece: Bytes,
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.runtime.block_on(self.files.next()) {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let taken = buffer.len().min(self.piece.len());
        buffer[..taken].copy_from_slice(&self.piece.split_to(taken));
        Ok(taken)
    }
}

fn within(folder: &str) -> String {
    if folder.is_empty() { WORKSPACE.to_owned() } else { format!("{WORKSPACE}/{folder}") }
}

fn unreadable(error: io::Error) -> DockerError {
    DockerError::ContextUnreadable(error.to_string())
}
