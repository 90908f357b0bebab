//! Masking: no secret of a run is stored, sent or reported.
//!
//! One automaton looks for every secret in every spelling (`spelling`). Lines are masked before they are cut at their
//! limit, so that no secret can hide at a cut; see `assemble`. Overlapping finds are hidden as one.

mod spelling;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use std::ops::Range;

/// What a reader sees instead.
pub const MASK: &str = "[masked]";

/// Secrets with fewer characters are not masked: they would turn up in ordinary text and hide it.
pub const SECRET_CHARS_MIN: usize = 6;

/// Knows the secrets of a run and hides them in whatever is written, returned or reported; cloning costs a pointer.
#[derive(Clone, Default)]
pub struct Masker {
    /// None where there is nothing to hide.
    finder: Option<AhoCorasick>,
}

impl Masker {
    /// A masker for these secrets; those shorter than [`SECRET_CHARS_MIN`] are left alone.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let spellings = spelling::all(secrets);
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&spellings);
        // Building fails only beyond 2^31 states, two gigabytes of secrets.
        let finder = (!spellings.is_empty()).then(|| build().expect("the secrets of a run fit into memory"));
        Self { finder }
    }

    /// `text` with every secret replaced; for step outputs, errors and answers.
    pub fn mask(&self, text: &str) -> String {
        let mut out = Vec::with_capacity(text.len());
        let mut covered = 0;
        self.cover(text.as_bytes(), text.len(), &mut covered, |piece| out.extend_from_slice(piece));
        // Secrets are whole characters, so what lies between them is, too.
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Whether there is anything to hide.
    pub(crate) fn finds(&self, text: &[u8]) -> bool {
        self.finder.as_ref().is_some_and(|finder| finder.is_match(text))
    }

    /// Length of the longest spelling: a secret that begins at a place is known after so many bytes.
    pub(crate) fn longest(&self) -> usize {
        self.finder.as_ref().map_or(0, AhoCorasick::max_pattern_len)
    }

    /// Hands out the part of `text` before `safe`, secrets replaced. `covered` says how far a secret reached before
    /// and how far one does after, also beyond `safe`; whatever begins before `safe` must be in `text` to its end.
    pub(crate) fn cover(&self, text: &[u8], safe: usize, covered: &mut usize, mut emit: impl FnMut(&[u8])) {
        let mut from = 0;
        while let Some(found) = self.find(text, from).filter(|found| found.start < safe) {
            if found.start >= *covered {
                emit(&text[*covered..found.start]);
                emit(MASK.as_bytes());
            }
            *covered = found.end.max(*covered);
            from = found.start + 1;
        }
        if *covered < safe {
            emit(&text[*covered..safe]);
            *covered = safe;
        }
    }

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let finder = self.finder.as_ref()?;
        let found = finder.find(Input::new(text).range(from..))?;
        Some(found.range())
    }
}

impl std::fmt::Debug for Masker {
    /// Says nothing of the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Masker").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Masker;
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain("hunter22", "a hunter22 b", "a [masked] b")]
    #[case::twice("hunter22", "hunter22hunter22", "[masked][masked]")]
    #[case::short("hunte", "a hunte b", "a hunte b")]
    #[case::five_wide_characters("äöüäö", "äöüäö", "äöüäö")]
    #[case::six_wide_characters("äöüäöü", "<äöüäöü>", "<[masked]>")]
    #[case::overlapping_itself("abcabcabc", "abcabcabcabc!", "[masked]!")]
    #[case::url("p@ss word/1", "u=p%40ss%20word%2F1&", "u=[masked]&")]
    #[case::url_lower("p@ss word/1", "u=p%40ss%20word%2f1&", "u=[masked]&")]
    #[case::url_form("p@ss word/1", "u=p%40ss+word%2F1&", "u=[masked]&")]
    #[case::json("quo\"te\\x", r#"{"a":"quo\"te\\x"}"#, r#"{"a":"[masked]"}"#)]
    #[case::json_of_go("a<b>&c1", r#""a\u003cb\u003e\u0026c1""#, r#""[masked]""#)]
    #[case::json_in_json("quo\"te\\x", r#""{\"a\":\"quo\\\"te\\\\x\"}""#, r#""{\"a\":\"[masked]\"}""#)]
    #[case::json_ascii("geheim\u{e4}\u{1f511}", r#""geheim\u00e4\ud83d\udd11""#, r#""[masked]""#)]
    #[case::line_of_many("BEGIN KEY\nabcdef123\nEND\n", "x abcdef123 y END", "x [masked] y END")]
    #[case::lines_in_json("BEGIN KEY\nabcdef123\nEND", r#"{"k":"BEGIN KEY\nabcdef123\nEND"}"#, r#"{"k":"[masked]"}"#)]
    #[case::line_end("hunter22\n", "hunter22", "[masked]")]
    #[case::indented("  hunter22", "hunter22", "[masked]")]
    fn hides(#[case] secret: &str, #[case] text: &str, #[case] seen: &str) {
        assert_eq!(Masker::new([secret]).mask(text), seen);
    }

    #[test]
    fn overlapping_secrets_are_hidden_as_one() {
        assert_eq!(Masker::new(["abcdefgh", "efghijkl"]).mask("-abcdefghijkl-"), "-[masked]-");
    }

    #[test]
    fn says_nothing_of_the_secrets() {
        assert!(!format!("{:?}", Masker::new(["hunter22"])).contains("hunter"));
    }

    /// A long secret as `base64` prints it, in lines of 76.
    #[test]
    fn hides_wrapped_base64() {
        let secret = "0123456789".repeat(20);
        let encoded = STANDARD.encode(&secret);
        let masker = Masker::new([secret.as_str()]);
        for line in encoded.as_bytes().chunks(76) {
            assert_eq!(masker.mask(std::str::from_utf8(line).expect("ASCII")), "[masked]");
        }
    }

    proptest! {
        #[test]
        fn no_plain_secret_is_left(secrets in prop::collection::vec("[a-c]{6,9}", 1..4), text in "[a-c \n]{0,200}") {
            let seen = Masker::new(secrets.iter().map(String::as_str)).mask(&text);
            for secret in secrets {
                prop_assert!(!seen.contains(&secret), "{} in {}", secret, seen);
            }
        }

        /// Whatever stands around it: of the encoded secret not three characters in a row are left.
        #[test]
        fn base64_is_hidden_in_every_alignment(secret in "[ -~]{6,40}", before in "[ -~]{0,7}", after in "[ -~]{0,7}") {
            let encoded = STANDARD.encode(format!("{before}{secret}{after}"));
            let seen = Masker::new([secret.as_str()]).mask(&encoded);
            prop_assert!(seen.contains("[masked]"), "{}", seen);
            let inner = (before.len() * 8).div_ceil(6)..(before.len() + secret.len()) * 8 / 6;
            prop_assert!(!seen.contains(&encoded[inner]), "{}", seen);
        }

        #[test]
        fn other_text_is_left_alone(text in "[^a]{0,100}") {
            prop_assert_eq!(Masker::new(["aaaaaa"]).mask(&text), text);
        }
    }
}
