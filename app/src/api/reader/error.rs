//! Why a text was not understood.

use serde::de::{self, Expected, Unexpected};
use std::fmt::{self, Display};

/// See the module. The methods that say more in `serde_json` say less here: their words would be
/// put together anew for each type.
#[derive(Debug)]
pub(crate) struct Error(Box<str>);

impl Error {
    #[cold]
    pub(super) fn new(why: &str) -> Self {
        Self(why.into())
    }

    #[cold]
    fn about(what: &str, name: &str) -> Self {
        Self([what, name].concat().into())
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: Display>(why: T) -> Self {
        Self(why.to_string().into())
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("a value of another type")
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("a value that is not allowed")
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::new("a list of another length")
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self::about("not known: ", variant)
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::about("not known: ", field)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::about("missing: ", field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::about("twice: ", field)
    }
}
