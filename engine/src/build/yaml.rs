//! A build as YAML, both ways: what is by default is left out, what people look for comes first.

use crate::Error;
use serde::{Serialize, Serializer, de::DeserializeOwned, ser::SerializeMap};
use serde_json::{Map, Value};
use types::build::{Build, Param, Step};

/// Members in the order in which they are read; the others follow by name.
const FIRST: [&str; 10] =
    ["type", "name", "description", "registry", "repository", "engine", "tag_rule", "params", "image", "username"];
/// Members that stand at the end.
const LAST: [&str; 2] = ["credentials", "steps"];

/// Most bytes of a build as YAML.
const TEXT_MAX: usize = 1024 * 1024;

/// The text of a build; passwords are in it as the build has them, which is `***` where it is shown.
pub fn to_yaml(build: &Build) -> Result<String, Error> {
    let failed = |why: String| Error::Internal(format!("build {} as YAML: {why}", build.name));
    let mut whole = short(build).map_err(|why| failed(why.to_string()))?;
    let steps: Result<Vec<Value>, _> = build.steps.iter().map(short::<Step>).collect();
    let params: Result<Map<String, Value>, _> =
        build.params.iter().map(|(name, param)| Ok((name.clone(), short::<Param>(param)?))).collect();
    if let Value::Object(members) = &mut whole {
        members.insert("steps".to_owned(), Value::Array(steps.map_err(|why| failed(why.to_string()))?));
        let params = params.map_err(|why: serde_json::Error| failed(why.to_string()))?;
        if !params.is_empty() {
            members.insert("params".to_owned(), Value::Object(params));
        }
    }
    serde_saphyr::to_string(&Ordered(&whole)).map_err(|why| failed(why.to_string()))
}

/// The build of a text; what is wrong with it is said with its line.
pub fn from_yaml(text: &str) -> Result<Build, Error> {
    if text.len() > TEXT_MAX {
        return Err(Error::field("yaml", format!("must be at most {TEXT_MAX} bytes")));
    }
    serde_saphyr::from_str(text).map_err(|why| Error::field("yaml", why.to_string()))
}

/// A thing without the members that it has by default: each is left out that comes back by itself.
fn short<T: Serialize + DeserializeOwned + PartialEq>(thing: &T) -> Result<Value, serde_json::Error> {
    let Value::Object(mut members) = serde_json::to_value(thing)? else { return serde_json::to_value(thing) };
    for name in members.keys().cloned().collect::<Vec<_>>() {
        let mut without: Map<String, Value> = members.clone();
        without.remove(&name);
        if serde_json::from_value::<T>(Value::Object(without.clone())).is_ok_and(|same| same == *thing) {
            members = without;
        }
    }
    Ok(Value::Object(members))
}

struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let mut members: Vec<(&String, &Value)> = members.iter().collect();
                members.sort_by_key(|(name, _)| place(name));
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &Ordered(value))?;
                }
                map.end()
            }
            Value::Array(list) => serializer.collect_seq(list.iter().map(Ordered)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.0.serialize(serializer),
        }
    }
}

fn place(name: &str) -> usize {
    let last = LAST.iter().position(|last| *last == name).map(|at| FIRST.len() + 1 + at);
    FIRST.iter().position(|first| *first == name).or(last).unwrap_or(FIRST.len())
}

#[cfg(test)]
mod tests {
    use super::{from_yaml, to_yaml};
    use crate::Error;
    use rstest::rstest;
    use serde_json::{Value, json};
    use types::build::Build;

    fn build(steps: Value) -> Build {
        let build = json!({"name": "api", "registry": "local", "repository": "shop/api", "engine": "local",
            "tag_rule": {"type": "sequence", "prefix": "2.4-"}, "params": {"CHANNEL": {"default": "stable"}},
            "steps": steps});
        serde_json::from_value(build).expect("a build")
    }

    #[test]
    fn says_what_people_look_for_first_and_nothing_that_is_by_default() {
        let steps = json!([
            {"type": "git", "name": "source", "url": "https://git.example/api.git",
                "credentials": {"username": "ci", "password": "***"}},
            {"type": "script", "name": "lint", "enabled": false, "image": "tools:1",
                "script": "set -e\nmake lint # \"all\"\n", "environment": {"CI": "1", "ON": "yes"}},
            {"type": "image", "name": "image"},
        ]);
        let expected = r#"name: api
registry: local
repository: shop/api
engine: local
tag_rule:
  type: sequence
  prefix: 2.4-
params:
  CHANNEL:
    default: stable
steps:
- type: git
  name: source
  url: https://git.example/api.git
  credentials:
    username: ci
    password: "***"
- type: script
  name: lint
  image: tools:1
  enabled: false
  environment:
    CI: "1"
    "ON": "yes"
  script: |
    set -e
    make lint # "all"
- type: image
  name: image
"#;
        assert_eq!(to_yaml(&build(steps)).expect("a text"), expected);
    }

    #[rstest]
    #[case(json!([{"type": "image", "name": "image"}]))]
    #[case(json!([{"type": "transfer", "name": "files", "protocol": "sftp", "host": "a.example", "port": 22,
        "direction": "fetch", "remote_path": "*.csv", "local_path": "data"},
        {"type": "http", "name": "call", "url": "https://a.example", "headers": {"A": ": #"}, "body": "{\"a\": 1}",
        "expected_status": [200, 204], "extract": {"V": {"pointer": "/v", "masked": true}}},
        {"type": "container", "name": "task", "image": "tools", "command": ["sh", "-c", "echo 'a\tb'"],
        "caches": [{"name": "npm", "path": "/root/.npm"}]},
        {"type": "image", "name": "image", "inline": "FROM scratch\n\n  COPY . /\n", "build_args": {"N": "007"}}]))]
    #[case(json!([{"type": "script", "name": "odd", "image": "tools", "script": "  two spaces\n\tand a tab \n\n\n"},
        {"type": "image", "name": "image", "build_args": {"A": "", "B": "null", "C": "~", "D": "2026-11-25", "E": "é \u{202e} \u{7}"}}]))]
    fn comes_back_as_it_was(#[case] steps: Value) {
        let build = build(steps);
        let text = to_yaml(&build).expect("a text");
        assert_eq!(from_yaml(&text).expect("a build"), build, "{text}");
    }

    #[rstest]
    #[case("", "")]
    #[case("name: api\nsteps:\n- type: nothing\n", "line 3")]
    #[case("name: [", "line 1")]
    #[case("a: &a [1,1,1,1]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n", "")]
    fn what_is_wrong_is_said(#[case] text: &str, #[case] place: &str) {
        let Err(Error::Invalid(fields)) = from_yaml(text) else { panic!("{text} is refused") };
        assert_eq!(fields[0].path, "yaml");
        assert!(fields[0].message.contains(place), "{}", fields[0].message);
    }
}
