//! What is taken out of a work space: regular files, folders, and links that stay inside.
//!
//! A step's program can leave anything in its work space. So the tar that the engine makes of it is
//! read entry by entry and written anew; nothing is unpacked, and what must not be there ends it.

use super::{
    DockerError,
    ignore::Ignore,
    pack::{Pieces, append, header},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    path::{Component, Path},
};
use tar::EntryType;
use tokio::sync::mpsc::Sender;

/// Most bytes of a work space.
pub(super) const WORKSPACE_LIMIT: u64 = 20 << 30;

/// What is taken.
pub(super) struct Sifting {
    pub(super) ignore: Ignore,
    /// Paths that are taken though they are ignored.
    pub(super) always: Vec<String>,
    /// Name and text of a file that comes last, instead of one of this name before it.
    pub(super) last: Option<(String, Vec<u8>)>,
    /// Most bytes that are taken.
    pub(super) limit: u64,
}

/// A sifting under way.
struct Sifter<'a> {
    sifting: &'a Sifting,
    tar: tar::Builder<Pieces<'a>>,
    /// Folders that were met and are written when something in them is.
    folders: BTreeMap<String, tar::Header>,
    taken: u64,
    seen: u64,
}

impl Sifting {
    /// Blocks until all is handed over.
    pub(super) fn run(&self, files: impl Read, sender: &Sender<io::Result<Bytes>>) -> Result<(), DockerError> {
        let tar = tar::Builder::new(Pieces::new(sender));
        let mut sifter = Sifter { sifting: self, tar, folders: BTreeMap::new(), taken: 0, seen: 0 };
        let mut archive = tar::Archive::new(files);
        for entry in archive.entries().map_err(|error| unreadable("", &error))? {
            sifter.entry(entry.map_err(|error| unreadable("", &error))?)?;
        }
        append(&mut sifter.tar, self.last.as_ref())?;
        sifter.tar.finish().and_then(|()| sifter.tar.get_mut().flush()).map_err(|error| unreadable("", &error))
    }
}

impl Sifter<'_> {
    fn entry<R: Read>(&mut self, mut entry: tar::Entry<'_, R>) -> Result<(), DockerError> {
        let path = {
            let path = entry.path().map_err(|error| unreadable("", &error))?;
            inside(&path).ok_or_else(|| refused(&path.to_string_lossy(), "lies outside of the work space"))?
        };
        self.seen += entry.size();
        within(self.seen, WORKSPACE_LIMIT)?;
        if path.is_empty() {
            return Ok(());
        }
        let kind = entry.header().entry_type();
        let excluded = self.sifting.ignore.excludes(&path) && !self.sifting.always.contains(&path);
        let mut header = clean(entry.header(), kind).map_err(|error| unreadable(&path, &error))?;
        if kind.is_dir() {
            self.folders.insert(path.clone(), header);
            return if excluded { Ok(()) } else { self.make(&path) };
        }
        if excluded {
            return Ok(());
        }
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.make(parent)?;
        }
        let target = entry.link_name().map_err(|error| unreadable(&path, &error))?.map(|target| target.into_owned());
        let written = match kind {
            EntryType::Regular | EntryType::Continuous => {
                self.taken += entry.size();
                within(self.taken, self.sifting.limit)?;
                header.set_size(entry.size());
                self.tar.append_data(&mut header, &path, &mut entry)
            }
            EntryType::Symlink => {
                let target = target.filter(|target| stays_inside(&path, target));
                let target = target.ok_or_else(|| refused(&path, "is a link that leads out of the context"))?;
                self.tar.append_link(&mut header, &path, target)
            }
            EntryType::Link => {
                let target = target.as_deref().and_then(inside).filter(|target| self.is_taken(target));
                let target = target.ok_or_else(|| refused(&path, "is a link to a file that is left out"))?;
                self.tar.append_link(&mut header, &path, target)
            }
            _ => return Err(refused(&path, "is neither a file nor a folder")),
        };
        written.map_err(|error| unreadable(&path, &error))
    }

    fn is_taken(&self, path: &str) -> bool {
        !self.sifting.ignore.excludes(path) || self.sifting.always.iter().any(|name| name == path)
    }

    /// Writes a folder, and those above it, unless they are written already.
    fn make(&mut self, path: &str) -> Result<(), DockerError> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let folder = &path[..end];
            let Some(mut header) = self.folders.remove(folder) else { continue };
            let written = self.tar.append_data(&mut header, format!("{folder}/"), io::empty());
            written.map_err(|error| unreadable(folder, &error))?;
        }
        Ok(())
    }
}

/// A header of our own: what it keeps is the kind, the mode and the time.
fn clean(found: &tar::Header, kind: EntryType) -> io::Result<tar::Header> {
    Ok(header(kind, found.mode()?, found.mtime()?))
}

/// A path below the root, without `.`; none if it leads out.
fn inside(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// Whether a link, followed from where it is, stays below the root.
fn stays_inside(link: &str, target: &Path) -> bool {
    let mut depth = link.matches('/').count();
    for part in target.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}

fn within(value: u64, limit: u64) -> Result<(), DockerError> {
    if value > limit { Err(DockerError::ContextTooLarge { limit, value }) } else { Ok(()) }
}

fn refused(path: &str, why: &str) -> DockerError {
    DockerError::ContextUnreadable(format!("{path} {why}"))
}

fn unreadable(path: &str, error: &io::Error) -> DockerError {
    DockerError::ContextUnreadable(format!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Ignore, Sifting, stays_inside};
    use crate::docker::DockerError;
    use rstest::rstest;
    use std::{io::Read, path::Path};
    use tar::EntryType::{self, Directory, Fifo, Link, Regular, Symlink};

    /// A tar with paths as they are given, good or bad: kind, path, content or target.
    fn tar(entries: &[(EntryType, &str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for &(kind, path, text) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_mode(0o755);
            header.set_mtime(7);
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            let data = if kind == Regular { text } else { "" };
            if matches!(kind, Link | Symlink) {
                header.set_link_name_literal(text).expect("a target");
            }
            header.set_size(data.len() as u64);
            header.set_cksum();
            builder.append(&header, data.as_bytes()).expect("an entry");
        }
        builder.into_inner().expect("a tar")
    }

    fn sift(entries: &[(EntryType, &str, &str)], ignore: &str, limit: u64) -> Result<Vec<String>, DockerError> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1000);
        let ignore = Ignore::parse(ignore).expect("patterns");
        let sifting = Sifting { ignore, always: vec!["Dockerfile".to_owned()], last: None, limit };
        sifting.run(tar(entries).as_slice(), &sender)?;
        let mut bytes = Vec::new();
        while let Ok(piece) = receiver.try_recv() {
            bytes.extend_from_slice(&piece.expect("a piece"));
        }
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut listed = Vec::new();
        for entry in archive.entries().expect("a tar") {
            let mut entry = entry.expect("an entry");
            assert_eq!((entry.header().uid().ok(), entry.header().mtime().ok()), (Some(0), Some(7)));
            let path = entry.path().expect("a path").to_string_lossy().into_owned();
            let link = entry.link_name().expect("a link").map(|target| format!(" -> {}", target.display()));
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            listed.push(format!("{path}{}{text}", link.unwrap_or_default()));
        }
        Ok(listed)
    }

    #[test]
    fn takes_files_folders_and_links_that_stay() {
        let entries = [
            (Directory, "./", ""),
            (Directory, "./a/", ""),
            (Regular, "./a/f", "=1"),
            (Link, "./a/hard", "./a/f"),
            (Symlink, "./a/up", "../b"),
            (Regular, "./b", "=2"),
        ];
        let taken = sift(&entries, "", 99).expect("a tar");
        assert_eq!(taken, ["a/", "a/f=1", "a/hard -> a/f", "a/up -> ../b", "b=2"]);
    }

    #[test]
    fn leaves_out_what_is_ignored() {
        let entries = [
            (Regular, "./Dockerfile", "=F"),
            (Directory, "./node_modules/", ""),
            (Regular, "./node_modules/big", "=0123456789"),
            (Fifo, "./node_modules/pipe", ""),
            (Directory, "./src/", ""),
            (Directory, "./src/deep/", ""),
            (Regular, "./src/deep/keep", "=k"),
            (Regular, "./src/drop", "=d"),
        ];
        let taken = sift(&entries, "*\n!src/deep/keep", 9).expect("a tar");
        assert_eq!(taken, ["Dockerfile=F", "src/", "src/deep/", "src/deep/keep=k"]);
    }

    #[rstest]
    #[case((Regular, "../out", "=1"), "../out lies outside of the work space")]
    #[case((Regular, "/etc/passwd", "=1"), "/etc/passwd lies outside of the work space")]
    #[case((Regular, "a/../../b", "=1"), "a/../../b lies outside of the work space")]
    #[case((Symlink, "a", "/etc"), "a is a link that leads out of the context")]
    #[case((Symlink, "a", "../b"), "a is a link that leads out of the context")]
    #[case((Link, "a", "/etc/passwd"), "a is a link to a file that is left out")]
    #[case((Link, "a", "secret"), "a is a link to a file that is left out")]
    #[case((Fifo, "pipe", ""), "pipe is neither a file nor a folder")]
    #[case((EntryType::Char, "tty", ""), "tty is neither a file nor a folder")]
    #[case((EntryType::Block, "disk", ""), "disk is neither a file nor a folder")]
    fn refuses(#[case] entry: (EntryType, &str, &str), #[case] why: &str) {
        assert_eq!(sift(&[entry], "secret", 99), Err(DockerError::ContextUnreadable(why.to_owned())));
    }

    #[test]
    fn names_limit_and_value() {
        let entries = [(Regular, "a", "12345"), (Regular, "b", "12345")];
        assert_eq!(sift(&entries, "", 9), Err(DockerError::ContextTooLarge { limit: 9, value: 10 }));
        assert!(sift(&entries, "b", 9).is_ok());
    }

    #[rstest]
    #[case("a/b/link", "../../c", true)]
    #[case("a/b/link", "../../../c", false)]
    #[case("a/link", "b/../../../c", false)]
    #[case("link", "./a/b", true)]
    #[case("link", "/a", false)]
    fn follows_links(#[case] link: &str, #[case] target: &str, #[case] inside: bool) {
        assert_eq!(stays_inside(link, Path::new(target)), inside);
    }
}
