//! Submodules, one by one: their addresses are the repository's words, so each is parsed and checked
//! like one that somebody typed. `git submodule` would go wherever they lead.

use super::{GitError, GitSettings, GitSource, GitUrl, address::Access, command::Session, resolve::Wanted, url::Place};
use crate::line::Lines;
use std::{collections::BTreeMap, fs, future::Future, path::Path, pin::Pin};
use types::log::LogStream;

/// Submodules within submodules; deeper ones are a mistake or an attack.
const MOST_LEVELS: usize = 5;

/// Of one repository.
const MOST_MODULES: usize = 100;

/// A submodule as the repository describes it.
struct Module {
    path: String,
    url: GitUrl,
}

/// Checks out the submodules of what was checked out in `dir`.
pub(super) async fn check_out(
    settings: &GitSettings,
    source: &GitSource,
    dir: &Path,
    lines: &Lines,
) -> Result<(), GitError> {
    level(settings, source, dir, lines, MOST_LEVELS).await
}

fn level<'a>(
    settings: &'a GitSettings,
    source: &'a GitSource,
    dir: &'a Path,
    lines: &'a Lines,
    levels: usize,
) -> Pin<Box<dyn Future<Output = Result<(), GitError>> + Send + 'a>> {
    Box::pin(async move {
        if !fs::symlink_metadata(dir.join(".gitmodules")).is_ok_and(|found| found.is_file()) {
            return Ok(());
        }
        if levels == 0 {
            return Err(GitError::Refused(format!("submodules lie more than {MOST_LEVELS} levels deep")));
        }
        let access = Access::prepare(settings, &source.url, None).await?;
        let session = Session { settings, access: &access, lines: Some(lines) };
        for module in modules(&session, &source.url, dir).await? {
            let Some(commit) = commit(&session, dir, &module.path).await? else { continue };
            let inner = module_source(source, &module);
            let path = enter(dir, &module.path)?;
            lines.send_now(LogStream::System, format!("Submodule {} of {}", module.path, module.url.as_str())).await?;
            let access = Access::prepare(settings, &inner.url, inner.credentials.as_ref()).await?;
            let session = Session { settings, access: &access, lines: Some(lines) };
            let found = session.check_out(&path, &Wanted::Commit(commit.clone()), inner.depth).await?;
            found.ok_or(GitError::ReferenceNotFound { reference: commit, did_you_mean: None })?;
            level(settings, &inner, &path, lines, levels - 1).await?;
        }
        Ok(())
    })
}

/// Credentials are for the host of the repository and for no other.
fn module_source(source: &GitSource, module: &Module) -> GitSource {
    let shares = module.url.shares_host_with(&source.url);
    let credentials = source.credentials.clone().filter(|_| shares);
    GitSource { url: module.url.clone(), credentials, ..source.clone() }
}

async fn modules(session: &Session<'_>, parent: &GitUrl, dir: &Path) -> Result<Vec<Module>, GitError> {
    let listed = session.git(dir, &["config", "--no-includes", "--file", ".gitmodules", "--null", "--list"]).await?;
    let mut found: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    for entry in listed.split('\0') {
        let Some((key, value)) = entry.split_once('\n') else { continue };
        let Some((name, field)) = key.strip_prefix("submodule.").and_then(|key| key.rsplit_once('.')) else { continue };
        let module = found.entry(name).or_default();
        match field {
            "path" => module.0 = Some(value),
            "url" => module.1 = Some(value),
            _ => {}
        }
    }
    if found.len() > MOST_MODULES {
        return Err(GitError::Refused(format!("it has more than {MOST_MODULES} submodules")));
    }
    let complete = found.into_values().filter_map(|(path, url)| Some((path?, url?)));
    complete.map(|(path, url)| module(parent, path, url)).collect()
}

fn module(parent: &GitUrl, path: &str, url: &str) -> Result<Module, GitError> {
    let bad_part = |part: &str| matches!(part, "" | "." | "..") || part.eq_ignore_ascii_case(".git");
    if path.starts_with('-') || path.chars().any(char::is_control) || path.split('/').any(bad_part) {
        return Err(GitError::Refused(format!("a submodule at {path:?}")));
    }
    let whole = absolute(parent, url);
    let parsed =
        GitUrl::parse(&whole).map_err(|why| GitError::Refused(format!("submodule {path}: its address {why}")))?;
    if matches!(parsed.place(), Place::File(_)) && !matches!(parent.place(), Place::File(_)) {
        return Err(GitError::Refused(format!("submodule {path}: its address is a file of this machine")));
    }
    Ok(Module { path: path.to_owned(), url: parsed })
}

/// `../other.git` is relative to the repository itself.
fn absolute(parent: &GitUrl, url: &str) -> String {
    if !url.starts_with("./") && !url.starts_with("../") {
        return url.to_owned();
    }
    let (mut base, mut rest) = (parent.as_str().trim_end_matches('/'), url);
    loop {
        if let Some(further) = rest.strip_prefix("./") {
            rest = further;
        } else if let Some(further) = rest.strip_prefix("../") {
            rest = further;
            base = base.rfind(['/', ':']).map_or(base, |at| &base[..at]);
        } else {
            let joint = if base.contains(['/', ':']) { "/" } else { ":" };
            return format!("{base}{joint}{rest}");
        }
    }
}

/// The commit that the repository pins its submodule to.
async fn commit(session: &Session<'_>, dir: &Path, path: &str) -> Result<Option<String>, GitError> {
    let listed = session.git(dir, &["--literal-pathspecs", "ls-tree", "-z", "HEAD", "--", path]).await?;
    let entry = listed.split('\0').next().and_then(|entry| entry.strip_prefix("160000 commit "));
    Ok(entry.and_then(|entry| entry.split('\t').next()).map(str::to_owned))
}

/// The folder of a submodule; no part of its path may be a link.
fn enter(dir: &Path, path: &str) -> Result<std::path::PathBuf, GitError> {
    let mut whole = dir.to_owned();
    for part in path.split('/') {
        whole.push(part);
        if fs::symlink_metadata(&whole).is_ok_and(|found| !found.is_dir()) {
            return Err(GitError::Refused(format!("submodule {path}: its path is no folder")));
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::{GitUrl, module};
    use rstest::rstest;

    #[rstest]
    #[case("https://g.example/shop/api.git", "../lib.git", "https://g.example/shop/lib.git")]
    #[case("https://g.example/shop/api.git/", "../../x/lib", "https://g.example/x/lib")]
    #[case("https://g.example/shop/api.git", "./lib", "https://g.example/shop/api.git/lib")]
    #[case("git@g.example:shop/api.git", "../lib.git", "git@g.example:shop/lib.git")]
    #[case("git@g.example:api.git", "../lib.git", "git@g.example:lib.git")]
    #[case("https://g.example/x/y", "https://other.example/z", "https://other.example/z")]
    fn relative_addresses(#[case] parent: &str, #[case] url: &str, #[case] expected: &str) {
        let parent = GitUrl::parse(parent).expect("an address");
        assert_eq!(module(&parent, "lib", url).expect("a submodule").url.as_str(), expected);
    }

    #[rstest]
    #[case("lib", "ext::sh -c x")]
    #[case("lib", "-x")]
    #[case("lib", "file:///etc")]
    #[case("lib", "../../../../etc")]
    #[case("lib", "https://u:p@x/y")]
    #[case("../lib", "https://x/y")]
    #[case("/lib", "https://x/y")]
    #[case("a/../b", "https://x/y")]
    #[case("-lib", "https://x/y")]
    #[case(".git/hooks", "https://x/y")]
    #[case("a/.GIT/x", "https://x/y")]
    #[case("", "https://x/y")]
    fn refuses(#[case] path: &str, #[case] url: &str) {
        let parent = GitUrl::parse("https://g.example/shop/api.git").expect("an address");
        assert!(module(&parent, path, url).is_err());
    }
}
