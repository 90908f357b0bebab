//! Values in settings of steps, as in `${build.tag}`: which there are, and what they stand for in a run.
//!
//! They are put into whole settings only (environment, headers, build arguments), never into a
//! script or a command: what a value holds cannot become code.

use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet};
use types::build::{Param, Step};

/// What the values stand for in one build run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    pub(crate) tag: Option<String>,
    pub(crate) number: u32,
    pub(crate) commit: Option<String>,
    /// Of the build's own parameters: given by the run, or by default.
    pub(crate) params: BTreeMap<String, String>,
    /// What REST calls extracted, by step and name; some are masked, so all are kept like secrets.
    pub(crate) outputs: BTreeMap<(String, String), SecretString>,
    /// Secrets that the flow names.
    pub(crate) secrets: BTreeMap<String, SecretString>,
}

/// What a step of a flow may name.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) params: &'a BTreeMap<String, Param>,
    /// Steps before this one: those that extract something give values.
    pub(crate) before: &'a [Step],
    /// Names of secrets that the build may use.
    pub(crate) secrets: &'a BTreeSet<String>,
}

/// Whether a setting may hold a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Secret,
    Open,
}

/// A value by its name.
#[derive(Debug, PartialEq, Eq)]
enum Value<'a> {
    Tag,
    Number,
    Commit,
    Param(&'a str),
    Output { step: &'a str, value: &'a str },
    Secret(&'a str),
    Unknown(&'a str),
}

/// A piece of a text with values.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Value(Value<'a>),
}

/// The error names the first value that is not known, or not allowed in this place.
pub(crate) fn check(text: &str, known: &Known<'_>, place: Place) -> Result<(), String> {
    for piece in pieces(text)? {
        match piece {
            Piece::Text(_) | Piece::Value(Value::Tag | Value::Number | Value::Commit) => {}
            Piece::Value(Value::Param(name)) if known.params.contains_key(name) => {}
            Piece::Value(Value::Param(name)) => return Err(format!("{name} is not a parameter of this build")),
            Piece::Value(Value::Output { step, value }) if extracts(known.before, step, value) => {}
            Piece::Value(Value::Output { step, value }) => {
                return Err(format!("no REST call named {step} that is on and comes before extracts {value}"));
            }
            Piece::Value(Value::Secret(_)) if place == Place::Open => {
                return Err("must not hold a secret".to_owned());
            }
            Piece::Value(Value::Secret(name)) if known.secrets.contains(name) => {}
            Piece::Value(Value::Secret(name)) => {
                return Err(format!("{name} is not a secret that this build may use"));
            }
            Piece::Value(Value::Unknown(name)) => {
                return Err(format!(
                    "${{{name}}} is not known; there are build.tag, build.number, build.commit, param:NAME, \
                     step:NAME.VALUE and secret:NAME"
                ));
            }
        }
    }
    Ok(())
}

/// Names of the secrets in a text.
pub(crate) fn secrets_in(text: &str) -> Vec<&str> {
    let pieces = pieces(text).unwrap_or_default().into_iter();
    pieces.filter_map(|piece| if let Piece::Value(Value::Secret(name)) = piece { Some(name) } else { None }).collect()
}

impl Values {
    /// `text` with its values. It was checked when it was saved, so the error names what is gone since.
    pub(crate) fn expand(&self, text: &str) -> Result<String, String> {
        let mut expanded = String::with_capacity(text.len());
        for piece in pieces(text)? {
            match piece {
                Piece::Text(text) => expanded.push_str(text),
                Piece::Value(Value::Tag) => expanded.push_str(self.tag.as_deref().unwrap_or_default()),
                Piece::Value(Value::Number) => expanded.push_str(&self.number.to_string()),
                Piece::Value(Value::Commit) => expanded.push_str(self.commit.as_deref().unwrap_or_default()),
                Piece::Value(Value::Param(name)) => {
                    let value = self.params.get(name).ok_or_else(|| format!("parameter {name} has no value"))?;
                    expanded.push_str(value);
                }
                Piece::Value(Value::Output { step, value }) => {
                    let found = self.outputs.get(&(step.to_owned(), value.to_owned()));
                    let found = found.ok_or_else(|| format!("step {step} has given no {value}"))?;
                    expanded.push_str(found.expose_secret());
                }
                Piece::Value(Value::Secret(name)) => {
                    let secret = self.secrets.get(name).ok_or_else(|| format!("there is no secret {name}"))?;
                    expanded.push_str(secret.expose_secret());
                }
                Piece::Value(Value::Unknown(name)) => return Err(format!("${{{name}}} is not known")),
            }
        }
        Ok(expanded)
    }

    /// A map of settings with their values.
    pub(crate) fn expand_all(&self, settings: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
        let expand = |(name, text): (&String, &String)| {
            let value = self.expand(text).map_err(|why| format!("{name}: {why}"))?;
            Ok((name.clone(), value))
        };
        settings.iter().map(expand).collect()
    }
}

fn extracts(before: &[Step], name: &str, value: &str) -> bool {
    before.iter().any(|step| {
        let Step::Http(http) = step else { return false };
        http.enabled && http.name == name && http.extract.contains_key(value)
    })
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        pieces.push(Piece::Text(&rest[..at]));
        let end = rest[at..].find('}').ok_or_else(|| "has ${ without }".to_owned())?;
        pieces.push(Piece::Value(value(&rest[at + 2..at + end])));
        rest = &rest[at + end + 1..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

fn value(name: &str) -> Value<'_> {
    match name.split_once(':') {
        Some(("param", name)) => Value::Param(name),
        Some(("secret", name)) => Value::Secret(name),
        Some(("step", output)) => match output.split_once('.') {
            Some((step, value)) => Value::Output { step, value },
            None => Value::Unknown(name),
        },
        Some(_) => Value::Unknown(name),
        None => match name {
            "build.tag" => Value::Tag,
            "build.number" => Value::Number,
            "build.commit" => Value::Commit,
            other => Value::Unknown(other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Place, Values, check, secrets_in};
    use rstest::rstest;
    use serde_json::json;
    use std::collections::{BTreeMap, BTreeSet};
    use types::build::{Param, Step};

    #[rstest]
    #[case("plain", Place::Open, None)]
    #[case("v${build.tag}-${build.number}-${build.commit}", Place::Open, None)]
    #[case("${param:CHANNEL}", Place::Open, None)]
    #[case("${step:freeze.UNTIL}", Place::Open, None)]
    #[case("a${secret:NPM}b", Place::Secret, None)]
    #[case("$HOME ${", Place::Open, Some("without }"))]
    #[case("${HOME}", Place::Open, Some("${HOME} is not known"))]
    #[case("${build.nothing}", Place::Secret, Some("${build.nothing} is not known"))]
    #[case("${env:HOME}", Place::Open, Some("${env:HOME} is not known"))]
    #[case("${param:OTHER}", Place::Open, Some("OTHER is not a parameter"))]
    #[case("${step:freeze.OTHER}", Place::Open, Some("extracts OTHER"))]
    #[case("${step:off.UNTIL}", Place::Open, Some("no REST call named off that is on"))]
    #[case("${step:later.UNTIL}", Place::Open, Some("no REST call named later"))]
    #[case("${step:freeze}", Place::Open, Some("is not known"))]
    #[case("${secret:NPM}", Place::Open, Some("must not hold a secret"))]
    #[case("${secret:OTHER}", Place::Secret, Some("OTHER is not a secret"))]
    fn knows_its_names(#[case] text: &str, #[case] place: Place, #[case] refused: Option<&str>) {
        let call = |name: &str, enabled: bool| {
            let wire = json!({"type": "http", "name": name, "enabled": enabled, "url": "https://status.example",
                "extract": {"UNTIL": {"pointer": "/until"}}});
            serde_json::from_value::<Step>(wire).expect("a step")
        };
        let known = Known {
            params: &BTreeMap::from([("CHANNEL".to_owned(), Param::default())]),
            before: &[call("freeze", true), call("off", false)],
            secrets: &BTreeSet::from(["NPM".to_owned()]),
        };
        let said = check(text, &known, place).err();
        assert_eq!(said.is_some(), refused.is_some(), "{said:?}");
        assert!(refused.is_none_or(|part| said.as_ref().is_some_and(|said| said.contains(part))), "{said:?}");
    }

    fn values() -> Values {
        Values {
            tag: Some("1.0".into()),
            number: 7,
            commit: Some("abc".into()),
            params: BTreeMap::from([("CHANNEL".into(), "beta".into())]),
            outputs: BTreeMap::from([(("freeze".into(), "UNTIL".into()), "noon".into())]),
            secrets: BTreeMap::from([("NPM".into(), "${build.tag}-hush".into())]),
        }
    }

    #[rstest]
    #[case("a ${build.tag} b ${build.number}${build.commit}", Ok("a 1.0 b 7abc"))]
    #[case("${param:CHANNEL}/${step:freeze.UNTIL}", Ok("beta/noon"))]
    #[case::a_value_is_not_looked_into("${secret:NPM}", Ok("${build.tag}-hush"))]
    #[case("${secret:GONE}", Err("there is no secret GONE"))]
    #[case("${param:GONE}", Err("parameter GONE has no value"))]
    #[case("${step:freeze.GONE}", Err("step freeze has given no GONE"))]
    fn puts_values_in(#[case] text: &str, #[case] expected: Result<&str, &str>) {
        assert_eq!(values().expand(text), expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn never_shows_what_is_secret() {
        let shown = format!("{:?}", values());
        assert!(!shown.contains("hush") && !shown.contains("noon"), "{shown}");
    }

    #[test]
    fn finds_the_secrets_of_a_text() {
        assert_eq!(secrets_in("${secret:A} ${build.tag} ${secret:B}"), ["A", "B"]);
    }
}
