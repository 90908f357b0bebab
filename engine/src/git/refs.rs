//! What a repository offers: the output of `git ls-remote --symref`.

use crate::registry::newest_first;
use std::collections::BTreeMap;

/// What can be picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refs {
    pub branches: Vec<String>,
    /// Newest version first.
    pub tags: Vec<String>,
    pub default_branch: Option<String>,
}

/// Branches and tags with the commits that they stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offered {
    pub(super) branches: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) default_branch: Option<String>,
}

impl Offered {
    /// An annotated tag is listed twice; its second line, ending in `^{}`, names the commit.
    pub(super) fn parse(output: &str) -> Self {
        let mut offered = Self::default();
        for line in output.lines() {
            let Some((value, name)) = line.split_once('\t') else { continue };
            if let ("HEAD", Some(target)) = (name, value.strip_prefix("ref: refs/heads/")) {
                offered.default_branch = Some(target.to_owned());
            } else if let Some(branch) = name.strip_prefix("refs/heads/") {
                offered.branches.insert(branch.to_owned(), value.to_owned());
            } else if let Some(tag) = name.strip_prefix("refs/tags/") {
                match tag.strip_suffix("^{}") {
                    Some(peeled) => offered.tags.insert(peeled.to_owned(), value.to_owned()),
                    None => offered.tags.insert(tag.to_owned(), value.to_owned()),
                };
            }
        }
        offered
    }

    /// The tag of a commit: the one that was asked for, otherwise the newest version.
    pub(super) fn tag_of(&self, commit: &str, asked: Option<&str>) -> Option<String> {
        let mut tags: Vec<String> =
            self.tags.iter().filter(|(_, at)| *at == commit).map(|(tag, _)| tag.clone()).collect();
        if let Some(asked) = asked.filter(|asked| tags.iter().any(|tag| tag == asked)) {
            return Some(asked.to_owned());
        }
        newest_first(&mut tags);
        tags.into_iter().next()
    }
}

impl From<Offered> for Refs {
    fn from(offered: Offered) -> Self {
        let mut tags: Vec<String> = offered.tags.into_keys().collect();
        newest_first(&mut tags);
        Self { branches: offered.branches.into_keys().collect(), tags, default_branch: offered.default_branch }
    }
}

#[cfg(test)]
mod tests {
    use super::{Offered, Refs};

    #[test]
    fn reads_what_ls_remote_prints() {
        let output = "ref: refs/heads/main\tHEAD\n1111\tHEAD\n1111\trefs/heads/main\n2222\trefs/heads/x/y\n\
            3333\trefs/tags/v1.0\n1111\trefs/tags/v1.0^{}\n1111\trefs/tags/v1.1\n9999\trefs/pull/1/head\n";
        let offered = Offered::parse(output);
        assert_eq!(offered.tags["v1.0"], "1111");
        assert_eq!(offered.tag_of("1111", None).as_deref(), Some("v1.1"));
        assert_eq!(offered.tag_of("1111", Some("v1.0")).as_deref(), Some("v1.0"));
        assert_eq!(offered.tag_of("2222", Some("v1.0")), None);
        let refs = Refs::from(offered);
        assert_eq!((refs.branches.len(), refs.tags.as_slice()), (2, &["v1.1".to_owned(), "v1.0".to_owned()][..]));
        assert_eq!(refs.default_branch.as_deref(), Some("main"));
    }
}
