//! Paths as steps write them, and names as servers list them.

use globset::{GlobBuilder, GlobMatcher};

/// Bytes of a name, as file systems have it.
const NAME_MAX: usize = 255;
/// Bytes of a path.
const PATH_MAX: usize = 4096;

/// A folder and what is meant in it: one file, or all that match.
#[derive(Clone, Debug)]
pub(super) struct FilePath {
    /// Empty: where one is.
    pub(super) folder: String,
    pub(super) last: Last,
}

#[derive(Clone, Debug)]
pub(super) enum Last {
    Name(String),
    Pattern(GlobMatcher),
}

impl FilePath {
    /// A path with wildcards in its last part only.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        check(text)?;
        let (folder, last) = match text.rsplit_once('/') {
            Some(("", last)) => ("/", last),
            Some((folder, last)) => (folder, last),
            None => ("", text),
        };
        if folder.contains(WILDCARDS) {
            return Err("may hold wildcards in its last part only".to_owned());
        }
        let last = if last.contains(WILDCARDS) {
            let glob = GlobBuilder::new(last).literal_separator(true).backslash_escape(true).build();
            Last::Pattern(glob.map_err(|why| format!("is no pattern: {}", why.kind()))?.compile_matcher())
        } else if is_file_name(last) {
            Last::Name(last.to_owned())
        } else {
            return Err("must end with the name of a file or a pattern".to_owned());
        };
        Ok(Self { folder: folder.to_owned(), last })
    }

    /// As it was written, near enough for a message.
    pub(super) fn shown(&self) -> String {
        match &self.last {
            Last::Name(name) => join(&self.folder, name),
            Last::Pattern(pattern) => join(&self.folder, pattern.glob().glob()),
        }
    }
}

impl Last {
    /// As a shell: what is hidden matches only a pattern that says so.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Last::Name(own) => own == name,
            Last::Pattern(pattern) => {
                let hidden = name.starts_with('.') && !pattern.glob().glob().starts_with('.');
                !hidden && pattern.is_match(name)
            }
        }
    }
}

const WILDCARDS: [char; 5] = ['*', '?', '[', '{', '\\'];

/// A folder of a server; empty: where one is after signing in.
pub(super) fn check_remote_folder(text: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { check(text) }
}

/// A path under a local folder: nothing that leads out of it.
pub(super) fn check_local(text: &str) -> Result<(), String> {
    if text.len() > PATH_MAX || text.chars().any(char::is_control) {
        return Err(format!("must be at most {PATH_MAX} bytes without control characters"));
    }
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err("must be a path within the work space, without ..".to_owned());
    }
    Ok(())
}

fn check(text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > PATH_MAX || text.chars().any(char::is_control) {
        return Err(format!("must be 1 to {PATH_MAX} bytes without control characters"));
    }
    Ok(())
}

/// Whether a name that somebody else chose is that of a file in a folder, and of nothing else.
pub(super) fn is_file_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && name.len() <= NAME_MAX && !name.contains(|c: char| c == '/' || c.is_control())
}

pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder if folder.ends_with('/') => format!("{folder}{name}"),
        folder => format!("{folder}/{name}"),
    }
}

/// The folders on the way to a folder, itself last: `/a/b` gives `/a` and `/a/b`.
pub(super) fn prefixes(folder: &str) -> Vec<&str> {
    let ends = folder.char_indices().filter(|(at, c)| *c == '/' && *at > 0).map(|(at, _)| at);
    let mut prefixes: Vec<&str> = ends.map(|at| &folder[..at]).chain([folder.trim_end_matches('/')]).collect();
    prefixes.retain(|prefix| !prefix.is_empty() && !prefix.ends_with('/'));
    prefixes.dedup();
    prefixes
}
