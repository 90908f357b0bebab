//! When two images are the same version: same repository and intersecting digest sets; while a
//! digest is unknown, the same tag.

use super::DigestSet;
use crate::image::Repository;

/// What is known of an image.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub repository: &'a Repository,
    pub tag: Option<&'a str>,
    /// Empty: the digest is unknown.
    pub digests: &'a DigestSet,
}

/// Whether both are the same version of the same image.
pub fn equal(one: Known<'_>, other: Known<'_>) -> bool {
    if one.repository != other.repository {
        return false;
    }
    if one.digests.is_empty() || other.digests.is_empty() {
        return one.tag.is_some() && one.tag == other.tag;
    }
    !one.digests.is_disjoint(other.digests)
}

#[cfg(test)]
mod tests {
    use super::{Known, equal};
    use crate::{image::ImageRef, registry::DigestSet};
    use rstest::rstest;
    use types::Digest;

    fn digests(letters: &str) -> DigestSet {
        letters
            .chars()
            .map(|c| Digest::parse(&format!("sha256:{}", c.to_string().repeat(64))).expect("a digest"))
            .collect()
    }

    #[rstest]
    #[case::same_digest_other_tag("web:1", "a", "web:2", "a", true)]
    #[case::moved_tag("web:latest", "a", "web:latest", "b", false)]
    #[case::index_and_its_manifest("web:1", "abc", "web:1", "c", true)]
    #[case::normalised("nginx:1", "a", "docker.io/library/nginx:1", "a", true)]
    #[case::default_port("r.example/web:1", "", "r.example:443/web:1", "", true)]
    #[case::other_repository("shop/web:1", "a", "shop/api:1", "a", false)]
    #[case::other_registry("127.0.0.1:5000/web:1", "a", "127.0.0.1:5001/web:1", "a", false)]
    #[case::unknown_same_tag("web:1", "", "web:1", "a", true)]
    #[case::unknown_other_tag("web:1", "", "web:2", "a", false)]
    #[case::unknown_and_no_tag(
        "web@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "",
        "web@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "",
        false
    )]
    fn is_same_repository_and_content(
        #[case] one: &str,
        #[case] one_digests: &str,
        #[case] other: &str,
        #[case] other_digests: &str,
        #[case] expected: bool,
    ) {
        let (a, b) = (ImageRef::parse(one).expect("an image"), ImageRef::parse(other).expect("an image"));
        let (x, y) = (digests(one_digests), digests(other_digests));
        let a = Known { repository: &a.repository, tag: a.tag.as_deref(), digests: &x };
        let b = Known { repository: &b.repository, tag: b.tag.as_deref(), digests: &y };
        assert_eq!((equal(a, b), equal(b, a)), (expected, expected));
    }
}
