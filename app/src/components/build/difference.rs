//! What differs between two versions of a build, step by step and field by field.

use super::form::limit_words;
use serde_json::Value;
use std::collections::BTreeMap;
use types::build::{Build, Step};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    Added(String),
    Removed(String),
    /// The steps that both have stand in another order.
    Order,
    Field(FieldDifference),
}

/// What a field held, and what it holds; null: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldDifference {
    /// Name of the step; null: a field of the build itself.
    pub(crate) step: Option<String>,
    pub(crate) path: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// Steps are known by their names, which are unique.
pub(crate) fn differences(before: &Build, now: &Build) -> Vec<Difference> {
    let itself = |build: &Build| values(&Build { steps: Vec::new(), ..build.clone() });
    let mut found = between(None, &itself(before), &itself(now));
    let named = |build: &Build, name: &str| build.steps.iter().find(|step| step.name() == name).cloned();
    for step in &before.steps {
        match named(now, step.name()) {
            Some(other) => found.extend(between(Some(step.name()), &values(step), &values(&other))),
            None => found.push(Difference::Removed(step.name().to_owned())),
        }
    }
    let added = now.steps.iter().filter(|step| named(before, step.name()).is_none());
    found.extend(added.map(|step| Difference::Added(step.name().to_owned())));
    let order = |build: &Build, other: &Build| -> Vec<String> {
        let common = |step: &&Step| named(other, step.name()).is_some();
        build.steps.iter().filter(common).map(|step| step.name().to_owned()).collect()
    };
    if order(before, now) != order(now, before) {
        found.push(Difference::Order);
    }
    found
}

fn between(step: Option<&str>, before: &Values, now: &Values) -> Vec<Difference> {
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let paths = now.keys().chain(gone).filter(|path| before.get(*path) != now.get(*path));
    let differs = |path: &String| {
        let (from, to) = (before.get(path).cloned(), now.get(path).cloned());
        Difference::Field(FieldDifference { step: step.map(str::to_owned), path: path.clone(), from, to })
    };
    paths.map(differs).collect()
}

/// What the fields hold, by their paths.
type Values = BTreeMap<String, String>;

fn values(of: &impl serde::Serialize) -> Values {
    let mut values = Values::new();
    // A build is written as JSON wherever it goes: there is none that cannot be.
    if let Ok(written) = serde_json::to_value(of) {
        put(&mut values, String::new(), written);
    }
    values
}

fn put(values: &mut Values, path: String, value: Value) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                put(values, path, value);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (at, value) in list.into_iter().enumerate() {
                put(values, format!("{path}[{at}]"), value);
            }
        }
        Value::Array(list) if list.is_empty() => {}
        Value::Array(list) => {
            let words: Vec<String> = list.iter().map(|value| words(&path, value)).collect();
            values.insert(path, words.join(", "));
        }
        value @ (Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            let words = words(&path, &value);
            values.insert(path, words);
        }
    }
}

/// As the fields of the page show it.
fn words(path: &str, value: &Value) -> String {
    match (value.as_str(), value.as_u64()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(ms)) if path == "time_limit_ms" => limit_words(ms),
        (None, _) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, FieldDifference, differences};
    use rstest::rstest;
    use serde_json::{Value, json};
    use types::build::Build;

    fn build(change: Value) -> Build {
        let mut build = json!({"name": "api", "registry": "local", "repository": "shop/api", "engine": "local",
            "tag_rule": {"type": "sequence", "prefix": "1."}, "steps": steps()});
        let Value::Object(change) = change else { panic!("an object") };
        build.as_object_mut().expect("an object").extend(change);
        serde_json::from_value(build).expect("a build")
    }

    fn steps() -> Vec<Value> {
        vec![
            json!({"type": "script", "name": "lint", "image": "tools", "script": "make lint"}),
            json!({"type": "image", "name": "image"}),
        ]
    }

    fn field(step: Option<&str>, path: &str, from: Option<&str>, to: Option<&str>) -> Difference {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Difference::Field(FieldDifference {
            step: owned(step),
            path: path.to_owned(),
            from: owned(from),
            to: owned(to),
        })
    }

    #[rstest]
    #[case(json!({}), vec![])]
    #[case(json!({"description": "API"}), vec![field(None, "description", None, Some("API"))])]
    #[case(json!({"time_limit_ms": 1_800_000}), vec![field(None, "time_limit_ms", Some("2h"), Some("30m"))])]
    #[case(json!({"tag_rule": {"type": "typed"}}), vec![
        field(None, "tag_rule.type", Some("sequence"), Some("typed")),
        field(None, "tag_rule.prefix", Some("1."), None),
    ])]
    #[case(json!({"params": {"A": {"default": "1"}}}), vec![field(None, "params.A.default", None, Some("1"))])]
    #[case(json!({"steps": [steps()[1], steps()[0]]}), vec![Difference::Order])]
    #[case(json!({"steps": [steps()[1]]}), vec![Difference::Removed("lint".to_owned())])]
    #[case(json!({"steps": [steps()[0], {"type": "http", "name": "call", "url": "https://a.example"}, steps()[1]]}),
        vec![Difference::Added("call".to_owned())])]
    #[case(json!({"steps": [{"type": "script", "name": "lint", "image": "tools", "script": "make all",
        "caches": [{"name": "npm", "path": "/a"}]}, steps()[1]]}), vec![
        field(Some("lint"), "caches[0].name", None, Some("npm")),
        field(Some("lint"), "caches[0].path", None, Some("/a")),
        field(Some("lint"), "script", Some("make lint"), Some("make all")),
    ])]
    #[case(json!({"steps": [steps()[0], {"type": "image", "name": "image", "platforms": ["linux/amd64", "linux/arm64"]}]}),
        vec![field(Some("image"), "platforms", None, Some("linux/amd64, linux/arm64"))])]
    fn names_what_differs(#[case] change: Value, #[case] expected: Vec<Difference>) {
        assert_eq!(differences(&build(json!({})), &build(change)), expected);
    }
}
