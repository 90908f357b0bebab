//! Packs a folder into a tar, file by file.
//!
//! The order is sorted and owners are root, so that the same files give the same tar. Symbolic links
//! stay links; devices, sockets and pipes are left out.

use super::{DockerError, ignore::Ignore};
use bytes::{Bytes, BytesMut};
use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
};
use tokio::sync::mpsc::Sender;

/// Bytes of one piece: large enough that a file is few pieces, small enough that memory stays small.
const PIECE: usize = 64 << 10;

/// What is packed.
pub(super) struct Packing {
    pub(super) root: PathBuf,
    pub(super) ignore: Ignore,
    /// Paths that are sent though they are ignored.
    pub(super) always: Vec<String>,
    /// Name and text of a file that comes last, instead of one of this name before it.
    pub(super) last: Option<(String, Vec<u8>)>,
    pub(super) limit: u64,
}

/// A packing under way.
struct Packer<'a> {
    packing: &'a Packing,
    tar: tar::Builder<Pieces<'a>>,
    /// Folders that the tar has already.
    made: BTreeSet<String>,
    total: u64,
}

/// Hands out the tar in pieces.
pub(super) struct Pieces<'a> {
    sender: &'a Sender<io::Result<Bytes>>,
    piece: BytesMut,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(sender: &'a Sender<io::Result<Bytes>>) -> Self {
        Self { sender, piece: BytesMut::with_capacity(PIECE) }
    }
}

impl Packing {
    /// Blocks until all is handed over.
    pub(super) fn run(&self, sender: &Sender<io::Result<Bytes>>) -> Result<(), DockerError> {
        let mut tar = tar::Builder::new(Pieces::new(sender));
        tar.follow_symlinks(false);
        let mut packer = Packer { packing: self, tar, made: BTreeSet::new(), total: 0 };
        packer.folder("")?;
        append(&mut packer.tar, self.last.as_ref())?;
        packer.tar.finish().and_then(|()| packer.tar.get_mut().flush()).map_err(|error| unreadable("", &error))
    }
}

impl Packer<'_> {
    /// Packs what lies in a folder, given by its path in the context.
    fn folder(&mut self, folder: &str) -> Result<(), DockerError> {
        let shown = if folder.is_empty() { "." } else { folder };
        let listed = fs::read_dir(self.packing.root.join(folder)).map_err(|error| unreadable(shown, &error))?;
        let mut names = Vec::new();
        for entry in listed {
            let name = entry.map_err(|error| unreadable(shown, &error))?.file_name();
            let name = name
                .into_string()
                .map_err(|name| unreadable(shown, &io::Error::other(format!("{name:?} is not UTF-8"))))?;
            names.push(name);
        }
        names.sort_unstable();
        for name in names {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            self.entry(&path)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &str) -> Result<(), DockerError> {
        let found = fs::symlink_metadata(self.packing.root.join(path)).map_err(|error| unreadable(path, &error))?;
        let excluded = self.packing.ignore.excludes(path) && !self.packing.always.iter().any(|name| name == path);
        if found.is_dir() {
            if !excluded {
                self.make(path)?;
            } else if self.packing.ignore.excludes_all_below(path) && !self.holds_always(path) {
                return Ok(());
            }
            return self.folder(path);
        }
        if excluded {
            return Ok(());
        }
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.make(parent)?;
        }
        let packed = if found.is_symlink() {
            self.link(path, &found)
        } else if found.is_file() {
            self.count(found.len())?;
            self.file(path, &found)
        } else {
            Ok(())
        };
        packed.map_err(|error| unreadable(path, &error))
    }

    fn holds_always(&self, folder: &str) -> bool {
        self.packing.always.iter().any(|name| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Adds a folder, and those above it, unless they are there already.
    fn make(&mut self, path: &str) -> Result<(), DockerError> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let folder = &path[..end];
            if !self.made.insert(folder.to_owned()) {
                continue;
            }
            let found = fs::symlink_metadata(self.packing.root.join(folder));
            let added = found.and_then(|found| {
                let mut header = header_of(&found, tar::EntryType::Directory);
                self.tar.append_data(&mut header, format!("{folder}/"), io::empty())
            });
            added.map_err(|error| unreadable(folder, &error))?;
        }
        Ok(())
    }

    fn link(&mut self, path: &str, found: &Metadata) -> io::Result<()> {
        let target = fs::read_link(self.packing.root.join(path))?;
        self.tar.append_link(&mut header_of(found, tar::EntryType::Symlink), path, target)
    }

    /// The header is written before the file, so a file that shrinks meanwhile would break the tar.
    fn file(&mut self, path: &str, found: &Metadata) -> io::Result<()> {
        let mut header = header_of(found, tar::EntryType::Regular);
        header.set_size(found.len());
        let mut file = File::open(self.packing.root.join(path))?.take(found.len());
        self.tar.append_data(&mut header, path, &mut file)?;
        if file.limit() > 0 {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        Ok(())
    }

    fn count(&mut self, size: u64) -> Result<(), DockerError> {
        self.total += size;
        let Packing { limit, .. } = *self.packing;
        if self.total > limit {
            return Err(DockerError::ContextTooLarge { limit, value: self.total });
        }
        Ok(())
    }
}

/// Adds a small file.
pub(super) fn append<W: Write>(tar: &mut tar::Builder<W>, file: Option<&(String, Vec<u8>)>) -> Result<(), DockerError> {
    let Some((name, text)) = file else { return Ok(()) };
    let mut header = header(tar::EntryType::Regular, 0o644, 0);
    header.set_size(text.len() as u64);
    tar.append_data(&mut header, name, text.as_slice()).map_err(|error| unreadable(name, &error))
}

fn header_of(found: &Metadata, kind: tar::EntryType) -> tar::Header {
    header(kind, found.permissions().mode() & 0o7777, u64::try_from(found.mtime()).unwrap_or(0))
}

/// A header without owner and size.
pub(super) fn header(kind: tar::EntryType, mode: u32, mtime: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(mtime);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, BytesMut::with_capacity(PIECE)).freeze();
        self.sender.blocking_send(Ok(piece)).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

fn unreadable(path: &str, error: &io::Error) -> DockerError {
    DockerError::ContextUnreadable(format!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Ignore, Packing};
    use crate::docker::DockerError;
    use std::{fs, io::Read, os::unix::fs::symlink, path::Path};

    /// Packs a folder and lists what the tar holds: path, kind, content or target.
    fn pack(root: &Path, ignore: &str, always: &[&str], limit: u64) -> Result<Vec<String>, DockerError> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1000);
        let packing = Packing {
            root: root.to_owned(),
            ignore: Ignore::parse(ignore).expect("patterns"),
            always: always.iter().map(|name| (*name).to_owned()).collect(),
            last: None,
            limit,
        };
        packing.run(&sender)?;
        let mut bytes = Vec::new();
        while let Ok(piece) = receiver.try_recv() {
            bytes.extend_from_slice(&piece.expect("a piece"));
        }
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut listed = Vec::new();
        for entry in archive.entries().expect("a tar") {
            let mut entry = entry.expect("an entry");
            let path = entry.path().expect("a path").to_string_lossy().into_owned();
            let link = entry.link_name().expect("a link").map(|target| format!(" -> {}", target.display()));
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            assert_eq!((entry.header().uid().ok(), entry.header().gid().ok()), (Some(0), Some(0)));
            listed.push(format!(
                "{path}{}{}",
                link.unwrap_or_default(),
                if text.is_empty() { text } else { format!("={text}") }
            ));
        }
        Ok(listed)
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        dir
    }

    #[test]
    fn is_sorted_and_keeps_links() {
        let dir = folder(&[("b", "2"), ("a/x", "1"), ("a.txt", "")]);
        symlink("../../etc/passwd", dir.path().join("a/out")).expect("a link");
        let long = format!("a/{}", "n".repeat(150));
        fs::write(dir.path().join(&long), "long").expect("a file");
        let packed = pack(dir.path(), "", &[], 1000).expect("a tar");
        assert_eq!(packed, ["a/", &format!("{long}=long"), "a/out -> ../../etc/passwd", "a/x=1", "a.txt", "b=2"]);
    }

    #[test]
    fn leaves_out_what_is_ignored_and_sends_the_dockerfile() {
        let dir = folder(&[("Dockerfile", "FROM x"), ("docker/D", "y"), ("node_modules/a/b", "n"), ("src/main", "m")]);
        assert_eq!(
            pack(dir.path(), "*\n!src", &["Dockerfile"], 99).expect("a tar"),
            ["Dockerfile=FROM x", "src/", "src/main=m"]
        );
        let nested = pack(dir.path(), "docker\nsrc\nnode_modules\nDockerfile", &["docker/D"], 99).expect("a tar");
        assert_eq!(nested, ["docker/", "docker/D=y"]);
        assert_eq!(
            pack(dir.path(), "*\n!**/b", &[], 99).expect("a tar"),
            ["node_modules/", "node_modules/a/", "node_modules/a/b=n"]
        );
    }

    #[test]
    fn leaves_out_sockets() {
        let dir = folder(&[("a", "1")]);
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).expect("a socket");
        assert_eq!(pack(dir.path(), "", &[], 99).expect("a tar"), ["a=1"]);
    }

    #[test]
    fn names_limit_and_value() {
        let dir = folder(&[("a", "12345"), ("b", "12345")]);
        assert_eq!(pack(dir.path(), "", &[], 9), Err(DockerError::ContextTooLarge { limit: 9, value: 10 }));
        assert!(pack(dir.path(), "b", &[], 9).is_ok());
    }
}
