//! Label selectors as people write them: `app=web,tier in (a,b),!legacy`.

use ::kube::core::{Expression, Selector as Expressions, SelectorExt};
use std::collections::{BTreeMap, BTreeSet};

/// Most characters of a label's name and of its value, as Kubernetes has it.
const LABEL_MAX: usize = 63;

/// A label selector, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(Expressions);

impl Selector {
    /// Parses a selector; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut expressions = Expressions::default();
        for requirement in split_outside_parentheses(text) {
            expressions.extend(parse_requirement(requirement.trim())?);
        }
        Ok(Self(expressions))
    }

    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.matches(labels)
    }
}

/// Commas divide requirements, and values within parentheses.
fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .collect()
}

fn parse_requirement(text: &str) -> Result<Expression, String> {
    if let Some(key) = text.strip_prefix('!') {
        return Ok(Expression::DoesNotExist(parse_key(key)?));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Expression::NotEqual(parse_key(key)?, parse_value(value)?));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok(Expression::Equal(parse_key(key)?, parse_value(value)?));
    }
    match text.split_once(char::is_whitespace) {
        Some((key, rest)) => parse_set(parse_key(key)?, rest.trim()),
        None => Ok(Expression::Exists(parse_key(text)?)),
    }
}

fn parse_set(key: String, text: &str) -> Result<Expression, String> {
    let (word, values) = text.split_once('(').ok_or_else(|| wrong(text))?;
    let values = values.strip_suffix(')').ok_or_else(|| wrong(text))?;
    let values = values.split(',').map(parse_value).collect::<Result<BTreeSet<_>, _>>()?;
    match word.trim() {
        "in" => Ok(Expression::In(key, values)),
        "notin" => Ok(Expression::NotIn(key, values)),
        other => Err(wrong(other)),
    }
}

fn parse_key(text: &str) -> Result<String, String> {
    let text = text.trim();
    let (prefix, name) = text.rsplit_once('/').unwrap_or(("", text));
    let prefix_fits = prefix.len() <= 253 && prefix.bytes().all(|c| is_word(c) || c == b'-' || c == b'.');
    if !name.is_empty() && is_label(name) && prefix_fits { Ok(text.to_owned()) } else { Err(wrong(text)) }
}

fn parse_value(text: &str) -> Result<String, String> {
    let text = text.trim();
    if is_label(text) { Ok(text.to_owned()) } else { Err(wrong(text)) }
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = bytes.first().copied().is_none_or(is_word) && bytes.last().copied().is_none_or(is_word);
    ends && bytes.len() <= LABEL_MAX && bytes.iter().all(|&c| is_word(c) || matches!(c, b'-' | b'_' | b'.'))
}

fn wrong(text: &str) -> String {
    format!(
        "\"{text}\" is not part of a label selector; right would be app=web, app!=web, app in (web,api), app, !app, divided by commas"
    )
}

#[cfg(test)]
mod tests {
    use super::Selector;
    use rstest::rstest;
    use std::collections::BTreeMap;

    #[rstest]
    #[case("app=web", true)]
    #[case("app==web", true)]
    #[case("app = web , tier in (front, back)", true)]
    #[case("app!=web", false)]
    #[case("app in (api,web)", true)]
    #[case("app notin (api,web)", false)]
    #[case("app,tier", true)]
    #[case("!legacy", true)]
    #[case("!app", false)]
    #[case("example.com/part-of=shop", true)]
    #[case("app=", false)]
    fn matches(#[case] text: &str, #[case] expected: bool) {
        let labels = [("app", "web"), ("tier", "front"), ("example.com/part-of", "shop")];
        let labels: BTreeMap<_, _> = labels.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        assert_eq!(Selector::parse(text).expect("a selector").matches(&labels), expected);
    }

    #[rstest]
    #[case("")]
    #[case("app=web,")]
    #[case("app in web")]
    #[case("app within (web)")]
    #[case("app in (web")]
    #[case("=web")]
    #[case("a b=c")]
    #[case("app=we b")]
    fn refuses(#[case] text: &str) {
        assert!(Selector::parse(text).is_err());
    }
}
