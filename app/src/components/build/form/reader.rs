//! Reads what was typed; what cannot be read is told at its field.

use super::{
    Text,
    rows::{Row, Rows},
};
use crate::text;
use jiff::{
    SignedDuration,
    fmt::friendly::{Designator, SpanPrinter},
};
use leptos::prelude::*;
use std::{collections::BTreeMap, str::FromStr};
use types::FieldError;

const MINUTE_MS: u64 = 60_000;

/// See the module. It reads as an effect does: who asks within one is asked again after each letter.
#[derive(Default)]
pub(crate) struct Reader {
    /// Before the path of each field.
    at: String,
    wrong: Vec<FieldError>,
}

impl Reader {
    pub(super) fn within(&mut self, at: String) {
        self.at = at;
    }

    pub(super) fn finish(self) -> Vec<FieldError> {
        self.wrong
    }

    pub(super) fn wrong(&mut self, path: &str, message: &str) {
        self.wrong.push(FieldError { path: format!("{}{path}", self.at), message: message.to_owned() });
    }

    pub(super) fn number<T: FromStr + Default>(&mut self, path: &str, typed: Text) -> T {
        self.optional_number(path, typed).unwrap_or_else(|| {
            if trimmed(typed).is_empty() {
                self.wrong(path, text::is_needed());
            }
            T::default()
        })
    }

    /// Nothing where nothing was typed.
    pub(super) fn optional_number<T: FromStr>(&mut self, path: &str, typed: Text) -> Option<T> {
        let typed = some(typed)?;
        let read = typed.parse().ok();
        if read.is_none() {
            self.wrong(path, text::is_no_number());
        }
        read
    }

    /// `30m`, `1h 30m`; a number alone is of minutes.
    pub(super) fn limit(&mut self, path: &str, typed: Text) -> u64 {
        limit_ms(&trimmed(typed)).unwrap_or_else(|| {
            self.wrong(path, text::is_no_duration());
            0
        })
    }

    pub(super) fn numbers<T: FromStr>(&mut self, path: &str, typed: Text) -> Vec<T> {
        let read: Vec<Option<T>> = list(typed).iter().map(|word| word.parse().ok()).collect();
        if read.iter().any(Option::is_none) {
            self.wrong(path, text::are_no_numbers());
        }
        read.into_iter().flatten().collect()
    }

    /// The words of a command line.
    pub(super) fn words(&mut self, path: &str, typed: Text) -> Vec<String> {
        shlex::split(&typed.get()).unwrap_or_else(|| {
            self.wrong(path, text::quote_is_open());
            Vec::new()
        })
    }

    /// Rows by their names; rows that hold nothing are none.
    pub(super) fn named<T>(&mut self, path: &str, rows: Rows, value: impl Fn(&Row) -> T) -> BTreeMap<String, T> {
        let mut named = BTreeMap::new();
        for row in rows.filled() {
            let name = trimmed(row.name);
            if name.is_empty() {
                self.wrong(&format!("{path}."), text::needs_a_name());
            } else if named.insert(name.clone(), value(&row)).is_some() {
                self.wrong(&format!("{path}.{name}"), text::is_there_twice());
            }
        }
        named
    }

    /// Names and their values as they were typed.
    pub(super) fn pairs(&mut self, path: &str, rows: Rows) -> BTreeMap<String, String> {
        self.named(path, rows, |row| row.value.get())
    }
}

pub(super) fn trimmed(typed: Text) -> String {
    typed.with(|words| words.trim().to_owned())
}

/// Nothing where nothing was typed.
pub(super) fn some(typed: Text) -> Option<String> {
    Some(trimmed(typed)).filter(|words| !words.is_empty())
}

/// A text of lines as it was typed; nothing where nothing was.
pub(super) fn some_lines(typed: Text) -> Option<String> {
    Some(typed.get()).filter(|lines| !lines.trim().is_empty())
}

/// Words between commas, spaces or ends of lines.
pub(super) fn list(typed: Text) -> Vec<String> {
    typed.with(|words| {
        words
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    })
}

/// The line that reads back as these words. What no line can hold (a NUL character) the server never stores.
pub(super) fn command_line(words: &[String]) -> String {
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

/// `1h 30m`
pub(in super::super) fn limit_words(ms: u64) -> String {
    let limit = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    SpanPrinter::new().designator(Designator::Compact).duration_to_string(&limit)
}

fn limit_ms(words: &str) -> Option<u64> {
    if let Ok(minutes) = words.parse::<u32>() {
        return Some(u64::from(minutes) * MINUTE_MS);
    }
    let limit: SignedDuration = words.parse().ok()?;
    u64::try_from(limit.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("30", Some(30 * MINUTE_MS))]
    #[case("90s", Some(90_000))]
    #[case("30 min", Some(30 * MINUTE_MS))]
    #[case("1h 30m", Some(90 * MINUTE_MS))]
    #[case("2 hours", Some(120 * MINUTE_MS))]
    #[case("", None)]
    #[case("soon", None)]
    #[case("-5m", None)]
    fn a_limit_is_read_as_people_write_it(#[case] words: &str, #[case] ms: Option<u64>) {
        assert_eq!(limit_ms(words), ms);
    }

    #[rstest]
    #[case(1_000, "1s")]
    #[case(5_400_000, "1h 30m")]
    #[case(86_400_000, "24h")]
    #[case(1_001, "1s 1ms")]
    fn a_limit_comes_back_as_it_was(#[case] ms: u64, #[case] words: &str) {
        assert_eq!(limit_words(ms), words);
        assert_eq!(limit_ms(words), Some(ms));
    }

    #[rstest]
    #[case(&[])]
    #[case(&["make", "test"])]
    #[case(&["sh", "-c", "echo \"$HOME\"\nmake 'all'"])]
    #[case(&["", "#", "a b", "\\"])]
    fn a_command_comes_back_as_it_was(#[case] words: &[&str]) {
        let words: Vec<String> = words.iter().copied().map(str::to_owned).collect();
        assert_eq!(shlex::split(&command_line(&words)), Some(words));
    }

    #[test]
    fn what_cannot_be_read_is_told_at_its_field() {
        Owner::new().with(|| {
            let typed = |words: &str| RwSignal::new(words.to_owned());
            let mut reader = Reader::default();
            reader.within("steps[3].".to_owned());
            let rows = Rows::of([("A", "1"), ("A", "2"), ("", "3"), ("", "")]);
            let read = untrack(|| {
                (
                    reader.number::<u32>("depth", typed("all")),
                    reader.number::<u32>("max_parallel", typed(" ")),
                    reader.optional_number::<u16>("port", typed("")),
                    reader.numbers::<u16>("expected_status", typed("200, 2xx")),
                    reader.words("command", typed("echo 'open")),
                    reader.limit("time_limit_ms", typed("soon")),
                    reader.pairs("environment", rows).len(),
                )
            });
            assert_eq!(read, (0, 0, None, vec![200], Vec::new(), 0, 1));
            let paths: Vec<String> = reader.finish().into_iter().map(|field| field.path).collect();
            let fields = [
                "depth",
                "max_parallel",
                "expected_status",
                "command",
                "time_limit_ms",
                "environment.A",
                "environment.",
            ];
            assert_eq!(paths, fields.map(|field| format!("steps[3].{field}")));
        });
    }
}
