//! The order of tags, as people look for them: versions, newest first and pre-releases below their
//! release; then dates; then what is numbered in another way; then words; `latest` at the end.

use regex::Regex;
use std::{cmp::Reverse, collections::HashMap, sync::LazyLock};

/// `1.27`, `v2`, `1.2.3-rc1`, `1.2.3.4`, `3.12.0b1`. A number alone is a run, and needs no pattern.
static VERSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:[vV](\d+(?:\.\d+){0,3})|(\d+(?:\.\d+){1,3}))(?:[-_.](.+)|([A-Za-z].*))?$").ok());

/// `20261125`, `2026-11-25`, `20261125-023037`, `v2026_11_25`.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^[vV]?((?:19|20)\d\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(\D.*|\d{4,6})?$").ok()
});

/// Where a tag stands; the derived order is the order of the groups.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Version(Reverse<Version>),
    Date(Reverse<(Vec<Part>, Vec<Part>, String)>),
    Run(Reverse<Vec<Part>>),
    Word(String),
    Latest,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: Vec<Number>,
    stage: Stage,
    /// `1.27` moves, `1.27.0` does not: of equals the one that says more comes first.
    given: usize,
    text: String,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Before(Vec<Part>),
    Release,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(Number),
    Text(String),
}

/// Digits of any length without leading zeros: longer is larger.
type Number = (usize, String);

/// Sorts tags as people look for them, newest version first.
pub fn newest_first(tags: &mut [String]) {
    tags.sort_by_cached_key(|tag| place(tag));
}

/// Whether a tag is lower than another of the same form. None: their order says nothing about their age.
pub fn is_lower(tag: &str, than: &str) -> Option<bool> {
    let form = form(tag)?;
    (Some(form) == self::form(than)).then(|| place(tag) > place(than))
}

/// The highest tag of each form of a repository: found once for a list, since a page asks for each container.
#[derive(Clone, Debug, Default)]
pub struct Highest(HashMap<Form, String>);

impl Highest {
    /// Of tags in the order of `newest_first`.
    pub fn of(tags: &[String]) -> Self {
        let mut highest = HashMap::new();
        for tag in tags {
            if let Some(form) = form(tag) {
                highest.entry(form).or_insert_with(|| tag.clone());
            }
        }
        Self(highest)
    }

    /// The highest tag of the same form as this one, if it is higher.
    pub fn above(&self, tag: &str) -> Option<&String> {
        let best = self.0.get(&form(tag)?).filter(|best| *best != tag)?;
        (place(best) < place(tag)).then_some(best)
    }
}

/// Tags of one form can be told apart by age: versions, dates or numbers that are written alike, as
/// `1.27.2-alpine` and `1.9.0-alpine` are, and `1.27` and `1.27.2` are not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Form {
    group: Group,
    /// The tag with every number written alike.
    written: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group {
    Version,
    Date,
    Run,
}

/// None where a hash or a word is all there is.
fn form(tag: &str) -> Option<Form> {
    let group = match place(tag) {
        Place::Version(_) => Group::Version,
        Place::Date(_) => Group::Date,
        Place::Run(_) if !is_hash(tag) => Group::Run,
        Place::Run(_) | Place::Word(_) | Place::Latest => return None,
    };
    let runs = tag.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let written =
        runs.map(|run| if run[0].is_ascii_digit() { "#".into() } else { String::from_utf8_lossy(run) }).collect();
    Some(Form { group, written })
}

/// As a commit is written, short or whole.
fn is_hash(tag: &str) -> bool {
    let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    (7..=40).contains(&tag.len()) && tag.bytes().all(hex) && tag.bytes().any(|c| c.is_ascii_lowercase())
}

fn place(tag: &str) -> Place {
    if tag == "latest" {
        return Place::Latest;
    }
    if DATE.as_ref().is_some_and(|date| date.is_match(tag)) {
        // The ways of writing a date are not to matter for their order.
        let plain: String = tag.chars().filter(|c| !matches!(c, '-' | '_' | 'v' | 'V')).collect();
        let (day, rest) = plain.split_at(8);
        return Place::Date(Reverse((parts(day), parts(rest), tag.to_owned())));
    }
    if let Some(version) = version(tag) {
        return Place::Version(Reverse(version));
    }
    if tag.bytes().any(|c| c.is_ascii_digit()) { Place::Run(Reverse(parts(tag))) } else { Place::Word(tag.to_owned()) }
}

fn version(tag: &str) -> Option<Version> {
    let found = VERSION.as_ref()?.captures(tag)?;
    let core = found.get(1).or(found.get(2))?.as_str();
    let mut numbers: Vec<Number> = core.split('.').map(number).collect();
    let given = numbers.len();
    numbers.resize(4, number("0"));
    let stage = match found.get(3).or(found.get(4)) {
        Some(rest) => Stage::Before(parts(rest.as_str())),
        None => Stage::Release,
    };
    Some(Version { numbers, stage, given, text: tag.to_owned() })
}

fn number(digits: &str) -> Number {
    let digits = digits.trim_start_matches('0');
    (digits.len(), digits.to_owned())
}

/// Splits where digits begin and end, so that `rc10` comes after `rc9`.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for word in text.split(['-', '_', '.']).filter(|word| !word.is_empty()) {
        for run in word.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
            let run = String::from_utf8_lossy(run).into_owned();
            let digits = run.bytes().all(|c| c.is_ascii_digit());
            parts.push(if digits { Part::Number(number(&run)) } else { Part::Text(run) });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Highest, is_lower, newest_first};
    use rstest::rstest;

    #[rstest]
    #[case("1.9.0", "1.10.0", Some(true))]
    #[case("1.10.0", "1.9.0", Some(false))]
    #[case("1.10.0", "1.10.0", Some(false))]
    #[case("1.9.0-alpine", "1.10.0-alpine", Some(true))]
    #[case("1.9.0-alpine", "1.10.0", None)]
    #[case("1.27", "1.27.3", None)]
    #[case("v1.2", "v1.3", Some(true))]
    #[case("2.4-00009", "2.4-00010", Some(true))]
    #[case("20261124", "20261125", Some(true))]
    #[case("build-7", "build-12", Some(true))]
    #[case("9", "10", Some(true))]
    #[case("20261124", "10", None)]
    #[case("latest", "latest", None)]
    #[case("main", "edge", None)]
    #[case("7f3a9c1", "8f3a9c2", None)]
    fn lower_by_the_natural_order(#[case] tag: &str, #[case] than: &str, #[case] lower: Option<bool>) {
        assert_eq!(is_lower(tag, than), lower);
    }

    #[rstest]
    #[case("1.27.2", Some("1.27.10"))]
    #[case("1.27.10", None)]
    #[case("1.26.0-alpine", Some("1.27.1-alpine"))]
    #[case("1.27", None)]
    #[case("3", None)]
    #[case("edge", None)]
    fn the_newest_of_the_same_form(#[case] tag: &str, #[case] newest: Option<&str>) {
        let tags = ["1.27.10", "1.27.3", "1.27.1-alpine", "1.27.1", "1.27", "1.26", "20261124", "edge", "latest"];
        let mut tags = tags.map(str::to_owned);
        newest_first(&mut tags);
        assert_eq!(Highest::of(&tags).above(tag).map(String::as_str), newest);
    }

    #[rstest]
    #[case::versions(&["2.0.0", "1.10.0", "1.9.0", "1.9.0-rc2", "1.9.0-rc1", "1.8"])]
    #[case::with_v(&["v2.0", "v1.11.0", "v1.2.0", "v1"])]
    #[case::pre_releases(&["1.0.0", "1.0.0-rc10", "1.0.0-rc9", "1.0.0-beta", "1.0.0-alpha.2", "1.0.0-alpha.1", "0.9"])]
    #[case::sequences(&["2.4-00010", "2.4-00009", "2.4-00001", "2.3-00999"])]
    #[case::moving(&["1.27.3", "1.27.0", "1.27", "1.26.9"])]
    #[case::variants(&["1.27.3", "1.27.3-alpine", "1.27.2"])]
    #[case::python(&["3.12.0", "3.12.0b2", "3.12.0b1", "3.11.9"])]
    #[case::four_numbers(&["1.2.3.4", "1.2.3", "1.2.2.9"])]
    #[case::dates(&["2026-11-25", "20261124-120000", "20261124-023037", "20261124", "2025-12-31"])]
    #[case::numbers(&["100", "99", "9"])]
    #[case::numbered_words(&["build-42", "build-9", "build-1"])]
    #[case::long_numbers(&["100000000000000000000000000001", "99999999999999999999999999999"])]
    #[case::hashes_are_no_versions(&["1.0", "7f3a9c1"])]
    #[case::groups(&["1.0.0", "20261124", "build-7", "edge", "main", "latest"])]
    fn newest_comes_first(#[case] expected: &[&str]) {
        let mut tags: Vec<String> = expected.iter().rev().map(|tag| (*tag).to_owned()).collect();
        newest_first(&mut tags);
        assert_eq!(tags, expected);
        newest_first(&mut tags);
        assert_eq!(tags, expected);
    }

    #[test]
    fn five_thousand_tags_are_no_trouble() {
        let mut tags: Vec<String> = (0..5000).map(|n| format!("1.{}.{}", n % 70, n)).collect();
        newest_first(&mut tags);
        assert_eq!(tags.first().map(String::as_str), Some("1.69.4969"));
    }
}
