//! Paths in a tree that somebody else filled: no link leads out of it.
//!
//! Nobody may write into the tree meanwhile.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What lies at a path, links followed, if that is below the root.
pub(crate) fn existing(root: &Path, path: &str) -> io::Result<PathBuf> {
    let real = root.join(path).canonicalize()?;
    let is_inside = real.starts_with(root.canonicalize()?);
    if is_inside { Ok(real) } else { Err(io::Error::new(io::ErrorKind::PermissionDenied, "it leads out")) }
}

/// The regular file at a path, links followed, if that is below the root and at most `limit` bytes long.
pub(crate) fn file(root: &Path, path: &str, limit: u64) -> io::Result<Vec<u8>> {
    let real = existing(root, path)?;
    let found = fs::metadata(&real)?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if found.len() > limit {
        return Err(io::Error::other(format!("it is larger than {limit} bytes")));
    }
    fs::read(real)
}

/// The folder at a path without `..`, on which no link is followed; made where it is missing, if it may be.
pub(crate) fn folder(root: &Path, path: &str, make: bool) -> io::Result<PathBuf> {
    let mut folder = root.to_owned();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() && part != ".." => {}
            Ok(_) => return Err(io::Error::other(format!("{part} is not a folder"))),
            Err(why) if make && why.kind() == io::ErrorKind::NotFound => fs::create_dir(&folder)?,
            Err(why) => return Err(why),
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::{existing, file, folder};
    use rstest::rstest;
    use std::{fs, os::unix::fs::symlink};
    use tempfile::TempDir;

    /// A tree with links out of it and one within, beside what must not be reached.
    fn world() -> TempDir {
        let world = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(world.path().join("tree/src/app")).expect("a folder");
        fs::write(world.path().join("tree/src/app/Dockerfile"), "FROM scratch").expect("a file");
        fs::write(world.path().join("secret"), "hush").expect("a file");
        for (target, link) in
            [("src/app", "app"), ("..", "up"), ("../secret", "file"), ("/etc", "etc"), ("/nowhere", "dead")]
        {
            symlink(target, world.path().join("tree").join(link)).expect("a link");
        }
        world
    }

    #[rstest]
    #[case("src/app", Some("src/app"))]
    #[case("app", Some("src/app"))]
    #[case("", Some(""))]
    #[case("up", None)]
    #[case("up/secret", None)]
    #[case("file", None)]
    #[case("etc", None)]
    #[case("dead", None)]
    #[case("..", None)]
    #[case("/etc", None)]
    fn links_are_followed_within_the_tree(#[case] path: &str, #[case] real: Option<&str>) {
        let world = world();
        let root = world.path().join("tree");
        let expected = real.map(|real| root.join(real).canonicalize().expect("a path"));
        assert_eq!(existing(&root, path).ok(), expected);
    }

    #[rstest]
    #[case("app/Dockerfile", 100, Some("FROM scratch"))]
    #[case("app/Dockerfile", 5, None)]
    #[case("app", 100, None)]
    #[case("file", 100, None)]
    #[case("none", 100, None)]
    fn a_file_is_read_within_limits(#[case] path: &str, #[case] limit: u64, #[case] text: Option<&str>) {
        let world = world();
        let read = file(&world.path().join("tree"), path, limit).ok();
        assert_eq!(read, text.map(|text| text.as_bytes().to_vec()));
    }

    #[rstest]
    #[case("src/app", true)]
    #[case("./src//app/", true)]
    #[case("new/below", true)]
    #[case("app", false)]
    #[case("up/new", false)]
    #[case("etc/new", false)]
    #[case("src/../../new", false)]
    #[case("src/app/Dockerfile", false)]
    fn no_link_is_on_the_way_to_what_is_written(#[case] path: &str, #[case] passes: bool) {
        let world = world();
        let root = world.path().join("tree");
        assert_eq!(folder(&root, path, true).is_ok(), passes);
        assert_eq!(fs::read_dir(world.path()).expect("a folder").count(), 2, "nothing is made outside");
        assert!(folder(&root, "missing", false).is_err());
    }
}
