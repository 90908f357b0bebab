//! All words that the pages say, by language.
//!
//! A page asks for a word by name, never by language. There is one language now; a second one is a
//! module with the same names beside `en`, and this file is where one of them is chosen.

/// Words that take nothing: `name = "words";`.
macro_rules! words {
    ($($name:ident = $text:literal;)*) => {
        $(pub(crate) fn $name() -> &'static str { $text })*
    };
}

mod en;

pub(crate) use en::*;
