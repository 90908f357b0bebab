//! What a reference means in a repository.

use super::{GitError, GitReference, refs::Offered, similar::did_you_mean};

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Branch(String),
    Tag(String),
    /// All 40 digits.
    Commit(String),
    /// Some digits of a commit that no branch or tag ends in: only the history can tell.
    Short(String),
}

/// A branch wins over a tag of the same name, and both win over digits, as in git itself.
pub(super) fn resolve(reference: &GitReference, offered: &Offered) -> Result<Wanted, GitError> {
    let name = reference.as_str();
    let branch = name.strip_prefix("refs/heads/").unwrap_or(name);
    let tag = name.strip_prefix("refs/tags/").unwrap_or(name);
    if let ("HEAD", Some(default)) = (name, &offered.default_branch) {
        return Ok(Wanted::Branch(default.clone()));
    }
    if offered.branches.contains_key(branch) {
        return Ok(Wanted::Branch(branch.to_owned()));
    }
    if offered.tags.contains_key(tag) {
        return Ok(Wanted::Tag(tag.to_owned()));
    }
    if !reference.is_commit() {
        return Err(not_found(reference, offered));
    }
    if name.len() == 40 {
        return Ok(Wanted::Commit(name.to_owned()));
    }
    let mut tips = offered.branches.values().chain(offered.tags.values()).filter(|tip| tip.starts_with(name));
    match (tips.next(), tips.next()) {
        (Some(tip), other) if other.is_none_or(|other| other == tip) => Ok(Wanted::Commit(tip.clone())),
        (None | Some(_), _) => Ok(Wanted::Short(name.to_owned())),
    }
}

/// Says what was probably meant: a name much like it, or the default branch for its usual names.
pub(super) fn not_found(reference: &GitReference, offered: &Offered) -> GitError {
    let name = reference.as_str();
    let names = offered.branches.keys().chain(offered.tags.keys()).map(String::as_str);
    let usual = ["main", "master", "trunk", "develop", "HEAD"].contains(&name);
    let default = offered.default_branch.as_deref().filter(|_| usual);
    let did_you_mean = did_you_mean(name, names).or(default).map(str::to_owned);
    GitError::ReferenceNotFound { reference: name.to_owned(), did_you_mean }
}

#[cfg(test)]
mod tests {
    use super::{Offered, Wanted, resolve};
    use crate::git::{GitError, GitReference};
    use rstest::rstest;

    fn offered() -> Offered {
        let tip = "abcdef0123456789012345678901234567890123";
        let output = format!(
            "ref: refs/heads/trunk\tHEAD\n{tip}\trefs/heads/trunk\n{tip}\trefs/heads/both\n1\trefs/tags/both\n2\trefs/tags/v1.0\n"
        );
        Offered::parse(&output)
    }

    #[rstest]
    #[case("trunk", Wanted::Branch("trunk".to_owned()))]
    #[case("refs/heads/trunk", Wanted::Branch("trunk".to_owned()))]
    #[case("HEAD", Wanted::Branch("trunk".to_owned()))]
    #[case("both", Wanted::Branch("both".to_owned()))]
    #[case("refs/tags/both", Wanted::Tag("both".to_owned()))]
    #[case("v1.0", Wanted::Tag("v1.0".to_owned()))]
    #[case("abcdef0", Wanted::Commit("abcdef0123456789012345678901234567890123".to_owned()))]
    #[case("fffffff", Wanted::Short("fffffff".to_owned()))]
    #[case("ffffffffffffffffffffffffffffffffffffffff", Wanted::Commit("ffffffffffffffffffffffffffffffffffffffff".to_owned()))]
    fn resolves(#[case] name: &str, #[case] expected: Wanted) {
        let reference = GitReference::parse(name).expect("a reference");
        assert_eq!(resolve(&reference, &offered()), Ok(expected));
    }

    #[rstest]
    #[case("v1.1", Some("v1.0"))]
    #[case("main", Some("trunk"))]
    #[case("something-else", None)]
    fn suggests(#[case] name: &str, #[case] expected: Option<&str>) {
        let reference = GitReference::parse(name).expect("a reference");
        let expected =
            GitError::ReferenceNotFound { reference: name.to_owned(), did_you_mean: expected.map(str::to_owned) };
        assert_eq!(resolve(&reference, &offered()), Err(expected));
    }
}
