//! What the palette offers, and which of it fits what was typed.

use super::Deed;
use crate::components::any::view;
use crate::text;
use leptos::prelude::*;

/// Entries that are shown at most: more is not read, it is narrowed.
const SHOWN: usize = 40;

/// Under which heading an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Do,
    Go,
}

impl Section {
    pub(super) fn title(self) -> &'static str {
        match self {
            Section::Do => text::palette_do(),
            Section::Go => text::palette_go(),
        }
    }
}

/// One line.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(super) section: Section,
    pub(super) icon: &'static str,
    pub(super) words: String,
    /// Where it is, or how it stands.
    pub(super) about: String,
    /// Shown only when something was typed: there are many of its kind.
    pub(super) quiet: bool,
    pub(super) deed: Deed,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.section, self.icon, &self.words, &self.about) == (other.section, other.icon, &other.words, &other.about)
    }
}

/// How well an entry fits: by the beginning of one of its words, by its words, by where it is.
fn rank(entry: &Entry, typed: &[String]) -> Option<u8> {
    let (words, about) = (entry.words.to_lowercase(), entry.about.to_lowercase());
    if typed.is_empty() {
        return (!entry.quiet).then_some(0);
    }
    if !typed.iter().all(|word| words.contains(word) || about.contains(word)) {
        return None;
    }
    let begins = |typed: &String| words.split([' ', '/']).any(|word| word.starts_with(typed.as_str()));
    match (typed.iter().all(begins), typed.iter().any(|word| words.contains(word))) {
        (true, _) => Some(0),
        (false, true) => Some(1),
        // A thing to do is not meant by the place where it would be done.
        (false, false) => (entry.section == Section::Go).then_some(2),
    }
}

/// Every word that was typed has to be there; what fits best comes first, deeds before places.
pub(super) fn found(all: &[Entry], query: &str) -> Vec<Entry> {
    let typed: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut fitting: Vec<(u8, &Entry)> = all.iter().filter_map(|entry| Some((rank(entry, &typed)?, entry))).collect();
    fitting.sort_by_key(|(rank, entry)| (entry.section == Section::Go, *rank));
    fitting.into_iter().take(SHOWN).map(|(_, entry)| entry.clone()).collect()
}

/// The words with what was typed in bold.
pub(super) fn marked(words: &str, query: &str) -> AnyView {
    let query = query.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let at = words.to_ascii_lowercase().find(&query).filter(|_| !query.is_empty());
    let Some(at) = at else { return words.to_owned().into_any() };
    let (before, rest) = words.split_at(at);
    let (hit, after) = rest.split_at(query.len());
    view! { {before.to_owned()}<mark>{hit.to_owned()}</mark>{after.to_owned()} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn entries() -> Vec<Entry> {
        let entry = |section, words: &str, about: &str| Entry {
            section,
            icon: "play",
            words: words.to_owned(),
            about: about.to_owned(),
            quiet: words.contains("run of"),
            deed: Deed::Go(String::new()),
        };
        vec![
            entry(Section::Go, "store", "shop"),
            entry(Section::Go, "restore", "backup"),
            entry(Section::Do, "Roll back store", ""),
            entry(Section::Go, "A run of mina", ""),
        ]
    }

    #[rstest]
    #[case("sto", &["Roll back store", "store", "restore"])]
    #[case("STORE shop", &["store"])]
    #[case("shop", &["store"])]
    #[case("mina", &["A run of mina"])]
    #[case("", &["Roll back store", "store", "restore"])]
    #[case("nothing", &[])]
    fn what_fits_what_was_typed(#[case] query: &str, #[case] words: &[&str]) {
        let found = found(&entries(), query);
        assert_eq!(found.iter().map(|entry| entry.words.as_str()).collect::<Vec<_>>(), words);
    }
}
