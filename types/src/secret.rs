//! Secrets: values that steps of builds use as `${secret:NAME}` and that nobody reads back.

use crate::{Name, Time};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IgnoredAny},
};
use std::{fmt, str::FromStr};

/// Most characters of a name.
const NAME_MAX: usize = 63;

/// The name of a secret, written as names of environment variables are: `[A-Z][A-Z0-9_]{0,62}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[A-Z][A-Z0-9_]{0,62}$", example = "NPMRC"))]
pub struct SecretName(String);

impl SecretName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = String;

    /// Checks the pattern; the error says what would be right.
    fn from_str(text: &str) -> Result<Self, String> {
        let begins = text.starts_with(|c: char| c.is_ascii_uppercase());
        let word = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_';
        if begins && text.len() <= NAME_MAX && text.bytes().all(word) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("must be 1 to {NAME_MAX} capital letters, digits and underscores, and begin with a letter"))
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for SecretName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A secret as it is listed: never its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Secret {
    pub name: SecretName,
    /// Null: of all builds.
    pub build: Option<Name>,
    /// Who set the value.
    pub by: String,
    /// When the value was set.
    pub at: Time,
}

/// A value on its way in: no answer holds one, and it does not show itself.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Password))]
#[serde(transparent)]
pub struct SecretValue(String);

impl SecretValue {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What may come as a value.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Text(String),
    Other(IgnoredAny),
}

impl<'de> Deserialize<'de> for SecretValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The usual words would repeat what was given.
        match Given::deserialize(deserializer)? {
            Given::Text(value) => Ok(Self(value)),
            Given::Other(IgnoredAny) => Err(D::Error::custom("must be a text")),
        }
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Body of `POST /secrets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    pub name: SecretName,
    /// 1 byte to 64 KiB.
    pub value: SecretValue,
    /// Null: for all builds; the build's own wins over it.
    #[serde(default)]
    pub build: Option<Name>,
}

/// Body of `PUT /secrets/{name}`: another value. What the address says may be said again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecretChange {
    /// 1 byte to 64 KiB.
    pub value: SecretValue,
    #[serde(default)]
    pub name: Option<SecretName>,
    /// As `?build=`; the one or the other.
    #[serde(default)]
    pub build: Option<Name>,
}

#[cfg(test)]
mod tests {
    use super::{SecretName, SecretValue};
    use rstest::rstest;

    #[rstest]
    #[case("GIT", true)]
    #[case("NPM_TOKEN_2", true)]
    #[case("A", true)]
    #[case("", false)]
    #[case("2FA", false)]
    #[case("_X", false)]
    #[case("git", false)]
    #[case("A-B", false)]
    #[case("A}B", false)]
    fn names(#[case] text: &str, #[case] good: bool) {
        assert_eq!(text.parse::<SecretName>().is_ok(), good);
        assert!("A".repeat(64).parse::<SecretName>().is_err());
    }

    #[test]
    fn a_value_does_not_show_itself() {
        assert_eq!(format!("{:?}", SecretValue::new("hush")), "***");
        let error = serde_json::from_str::<SecretValue>("12345678").expect_err("no text");
        assert!(!error.to_string().contains("12345678"), "{error}");
    }
}
