//! What follows what: pure, and the same for pages, REST and workers.

/// The words under which a value is kept; a word that is not known was written by another version.
macro_rules! stored_words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            pub(crate) fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            pub(crate) fn stored(word: &str) -> Result<Self, crate::Error> {
                match word {
                    $($word => Ok($name::$variant),)*
                    other => Err(crate::Error::Internal(format!("a stored word is not known: {other}"))),
                }
            }
        }
    };
}

pub mod automatic;
pub mod build_run;
pub mod diff;
pub mod hold;
pub mod item;
pub mod platform;
pub mod queue;
pub mod run;
pub mod runnable;
pub mod source;
pub mod undo;
