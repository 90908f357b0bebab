//! How a build run gets its tag.

use crate::{Error, image::parse_tag};
use std::collections::HashSet;
use types::{ErrorCode, Time, build::TagRule};

/// Free tags are looked for this far, then the rule is taken for broken.
const SEARCH_MAX: i64 = 10_000;

/// A tag, and where the counter of the build stands after it. None: the commit will tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) tag: Option<String>,
    pub(crate) sequence: i64,
}

/// Refuses a prefix that makes no tag.
pub(crate) fn check_rule(rule: &TagRule) -> Result<(), String> {
    let prefix = match rule {
        TagRule::Typed {} => return Ok(()),
        TagRule::Sequence { prefix } | TagRule::Datetime { prefix } | TagRule::Git { prefix } => prefix,
    };
    let longest = format!("{prefix}20261125-023037");
    parse_tag(&longest).map(|_| ())
}

/// Chooses the tag of a new run: `typed` if there is one, else by the rule, passing over what is taken.
pub(crate) fn choose(
    rule: &TagRule,
    typed: Option<&str>,
    sequence: i64,
    now: Time,
    taken: &HashSet<String>,
) -> Result<Chosen, Error> {
    if let Some(typed) = typed {
        let tag = parse_tag(typed).map_err(|why| Error::field("tag", why))?;
        if taken.contains(&tag) {
            return Err(Error::refused(ErrorCode::TagTaken, format!("The tag {tag} is taken. Choose another one.")));
        }
        return Ok(Chosen { tag: Some(tag), sequence });
    }
    match rule {
        TagRule::Typed {} => {
            Err(Error::refused(ErrorCode::TagRequired, "This build's tags are typed: give a tag for this run."))
        }
        TagRule::Git { .. } => Ok(Chosen { tag: None, sequence }),
        TagRule::Sequence { prefix } => {
            let free = |n: &i64| !taken.contains(&format!("{prefix}{n:05}"));
            let n = (sequence + 1..sequence + SEARCH_MAX).find(free).ok_or_else(no_free_tag)?;
            Ok(Chosen { tag: Some(format!("{prefix}{n:05}")), sequence: n })
        }
        TagRule::Datetime { prefix } => {
            let at = |second: i64| format!("{prefix}{}", datetime(now.plus_ms(second * 1000)));
            let second = (0..SEARCH_MAX).find(|&second| !taken.contains(&at(second))).ok_or_else(no_free_tag)?;
            Ok(Chosen { tag: Some(at(second)), sequence })
        }
    }
}

/// The tag of a commit: its own tag if it makes a tag of an image, else its short hash.
pub(crate) fn of_commit(prefix: &str, commit_tag: Option<&str>, short: &str) -> String {
    let own = commit_tag.map(|tag| format!("{prefix}{tag}")).filter(|tag| parse_tag(tag).is_ok());
    own.unwrap_or_else(|| format!("{prefix}{short}"))
}

/// `YYYYMMDD-HHMMSS` in UTC.
pub(crate) fn datetime(time: Time) -> String {
    let text = time.to_string();
    let digits: String = text.chars().take(19).filter(char::is_ascii_digit).collect();
    format!("{}-{}", &digits[..8], &digits[8..])
}

fn no_free_tag() -> Error {
    Error::refused(ErrorCode::TagTaken, "No free tag was found for this build.")
}

#[cfg(test)]
mod tests {
    use super::{Chosen, choose, datetime, of_commit};
    use rstest::rstest;
    use std::collections::HashSet;
    use types::{ErrorCode, Time, build::TagRule};

    fn taken(tags: &[&str]) -> HashSet<String> {
        tags.iter().map(|&tag| tag.to_owned()).collect()
    }

    #[rstest]
    #[case(&[], 0, "1-00001", 1)]
    #[case(&["1-00001"], 0, "1-00002", 2)]
    #[case(&[], 99_999, "1-100000", 100_000)]
    fn counts(#[case] in_use: &[&str], #[case] sequence: i64, #[case] tag: &str, #[case] after: i64) {
        let rule = TagRule::Sequence { prefix: "1-".into() };
        let chosen = choose(&rule, None, sequence, Time::from_millis(0), &taken(in_use)).expect("a tag");
        assert_eq!(chosen, Chosen { tag: Some(tag.into()), sequence: after });
    }

    #[test]
    fn waits_for_the_next_free_second() {
        let now = Time::parse("2026-11-25T02:30:37.120Z").expect("a time");
        assert_eq!(datetime(now), "20261125-023037");
        let rule = TagRule::Datetime { prefix: "v".into() };
        let chosen = choose(&rule, None, 0, now, &taken(&["v20261125-023037"])).expect("a tag");
        assert_eq!(chosen.tag.as_deref(), Some("v20261125-023038"));
    }

    #[rstest]
    #[case(Some("1.0"), &[], None)]
    #[case(Some("1.0"), &["1.0"], Some(ErrorCode::TagTaken))]
    #[case(Some("-x"), &[], Some(ErrorCode::Invalid))]
    #[case(None, &[], Some(ErrorCode::TagRequired))]
    fn typed(#[case] tag: Option<&str>, #[case] in_use: &[&str], #[case] refused: Option<ErrorCode>) {
        let chosen = choose(&TagRule::Typed {}, tag, 0, Time::from_millis(0), &taken(in_use));
        assert_eq!(chosen.err().map(|why| why.code()), refused);
    }

    #[rstest]
    #[case(Some("v1.0.0"), "v1.0.0")]
    #[case(Some("release/1"), "abc1234")]
    #[case(None, "abc1234")]
    fn commits(#[case] tag: Option<&str>, #[case] expected: &str) {
        assert_eq!(of_commit("", tag, "abc1234"), expected);
    }
}
