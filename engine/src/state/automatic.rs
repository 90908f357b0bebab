//! Two items that automation asks for of one task: the newer version goes.

use crate::registry::is_lower;

/// What automation wants a task to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Id of the build and number of its run, where a build made it.
    pub made: Option<(i64, i32)>,
    pub tag: Option<&'a str>,
}

/// What becomes of an item that automation asks for while another of it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The one that waits is superseded.
    Replaces,
    /// It is older, or nobody can say that it is not.
    Refused,
}

/// Decides between what waits and what is asked for now. Asking for the very same starts nothing and is decided
/// elsewhere.
pub fn turn(waits: Wanted<'_>, asked: Wanted<'_>) -> Turn {
    let newer = match (waits.made, asked.made) {
        (Some((build, before)), Some((other, after))) if build == other => after > before,
        _ => waits.tag.zip(asked.tag).and_then(|(before, after)| is_lower(before, after)).unwrap_or(false),
    };
    if newer { Turn::Replaces } else { Turn::Refused }
}

#[cfg(test)]
mod tests {
    use super::{Turn, Wanted, turn};
    use rstest::rstest;

    const fn made(build: i64, number: i32) -> Wanted<'static> {
        Wanted { made: Some((build, number)), tag: None }
    }

    const fn tagged(tag: &'static str) -> Wanted<'static> {
        Wanted { made: None, tag: Some(tag) }
    }

    #[rstest]
    #[case::a_later_run(made(1, 41), made(1, 42), Turn::Replaces)]
    #[case::an_earlier_run(made(1, 42), made(1, 41), Turn::Refused)]
    #[case::a_higher_version(tagged("1.9.0"), tagged("1.10.0"), Turn::Replaces)]
    #[case::a_lower_version(tagged("1.10.0"), tagged("1.9.0"), Turn::Refused)]
    #[case::another_build_says_nothing(made(1, 41), made(2, 42), Turn::Refused)]
    #[case::words_say_nothing(tagged("main"), tagged("edge"), Turn::Refused)]
    #[case::nothing_known(Wanted { made: None, tag: None }, tagged("1.0"), Turn::Refused)]
    #[case::the_number_comes_before_the_tag(
        Wanted { tag: Some("2.0"), ..made(1, 41) },
        Wanted { tag: Some("1.0"), ..made(1, 42) },
        Turn::Replaces
    )]
    fn the_newer_one_goes(#[case] waits: Wanted<'_>, #[case] asked: Wanted<'_>, #[case] expected: Turn) {
        assert_eq!(turn(waits, asked), expected);
    }
}
