//! Names of branches, tags and commits, by the rules of `git check-ref-format`.

/// Most characters of a name: file systems of git servers take no more.
const MOST: usize = 255;

/// Fewer digits are a name, not a commit.
const FEWEST_DIGITS: usize = 7;

/// A branch, a tag, or a commit of at least seven digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GitReference(String);

impl GitReference {
    /// The error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refused = |why: &str| Err(why.to_owned());
        if text.is_empty() || text.len() > MOST {
            return Err(format!("must be 1 to {MOST} characters"));
        }
        if text.starts_with('-') {
            return refused("must not begin with a hyphen");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c)) {
            return refused("must not hold spaces, control characters, or any of ~ ^ : ? * [ \\");
        }
        let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
        if text == "@"
            || text.contains("..")
            || text.contains("@{")
            || text.ends_with('.')
            || text.split('/').any(bad_part)
        {
            return refused("must be the name of a branch, a tag or a commit");
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may be a commit, whole or in short.
    pub(super) fn is_commit(&self) -> bool {
        (FEWEST_DIGITS..=40).contains(&self.0.len())
            && self.0.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
    }
}

#[cfg(test)]
mod tests {
    use super::GitReference;
    use rstest::rstest;

    #[rstest]
    #[case("main", false)]
    #[case("feature/x-1", false)]
    #[case("v1.2.3", false)]
    #[case("refs/heads/main", false)]
    #[case("größe", false)]
    #[case("a@b", false)]
    #[case("abc123", false)]
    #[case("abc1234", true)]
    #[case("0123456789012345678901234567890123456789", true)]
    fn parses(#[case] text: &str, #[case] commit: bool) {
        let reference = GitReference::parse(text).expect("a reference");
        assert_eq!((reference.as_str(), reference.is_commit()), (text, commit));
    }

    #[rstest]
    #[case("")]
    #[case("-f")]
    #[case("--upload-pack=touch /tmp/x")]
    #[case("--output=/etc/passwd")]
    #[case("main:evil")]
    #[case("main~1")]
    #[case("main^")]
    #[case("main^{commit}")]
    #[case("main@{1}")]
    #[case("@{upstream}")]
    #[case("@")]
    #[case("a..b")]
    #[case("../x")]
    #[case(".hidden")]
    #[case("a/.b")]
    #[case("a.lock")]
    #[case("a.lock/b")]
    #[case("a.")]
    #[case("/a")]
    #[case("a/")]
    #[case("a//b")]
    #[case("a b")]
    #[case("a\nb")]
    #[case("a\u{7f}b")]
    #[case("a\u{0}b")]
    #[case("a?")]
    #[case("a*")]
    #[case("a[b")]
    #[case("a\\b")]
    fn refuses(#[case] text: &str) {
        assert!(GitReference::parse(text).is_err(), "{text:?}");
    }
}
