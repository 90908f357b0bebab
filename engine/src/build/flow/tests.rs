//! Flows that are refused, and where.

use super::check;
use crate::Error;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use types::{ErrorCode, build::Build};

fn build(steps: &Value) -> Build {
    let text = json!({"name": "web", "registry": "local", "repository": "shop/web", "engine": "local",
        "tag_rule": {"type": "sequence", "prefix": "1."}, "params": {"CHANNEL": {"default": "stable"}},
        "steps": steps});
    serde_json::from_value(text).expect("a build")
}

fn refused(build: &Build) -> Option<String> {
    match check(build, &BTreeSet::from(["NPM".to_owned()])) {
        Ok(()) => None,
        Err(Error::Invalid(fields)) => fields.first().map(|field| field.path.clone()),
        Err(other) => panic!("{other}"),
    }
}

#[rstest]
#[case(json!([{"type": "image", "name": "image"}]), None)]
#[case(json!([]), Some("steps"))]
#[case(json!([{"type": "image", "name": "image", "enabled": false}]), Some("steps"))]
#[case(json!([{"type": "image", "name": "a"}, {"type": "image", "name": "b"}]), Some("steps"))]
#[case(json!([{"type": "image", "name": "Image"}]), Some("steps[0].name"))]
#[case(json!([{"type": "image", "name": "image", "dockerfile": "../Dockerfile"}]), Some("steps[0].dockerfile"))]
#[case(json!([{"type": "image", "name": "image", "context": "/etc"}]), Some("steps[0].context"))]
#[case(json!([{"type": "image", "name": "image", "build_args": {"A": "${nothing}"}}]), Some("steps[0].build_args.A"))]
#[case(json!([{"type": "image", "name": "image", "build_args": {"A": "${param:CHANNEL}"}}]), None)]
#[case(json!([{"type": "image", "name": "image", "build_args": {"A": "${param:X}"}}]), Some("steps[0].build_args.A"))]
#[case(json!([{"type": "image", "name": "image", "inline": "x".repeat(256 * 1024 + 1)}]), Some("steps[0].inline"))]
#[case(json!([{"type": "image", "name": "image", "platforms": ["linux/arm64", "linux/arm/v7"]}]), None)]
#[case(json!([{"type": "image", "name": "image", "platforms": ["linux"]}]), Some("steps[0].platforms[0]"))]
#[case(json!([{"type": "image", "name": "image", "platforms": ["linux/a,linux/b"]}]), Some("steps[0].platforms[0]"))]
#[case(json!([{"type": "image", "name": "image", "platforms": ["linux/a", "linux/a"]}]), Some("steps[0].platforms[1]"))]
#[case(json!([{"type": "image", "name": "image", "secrets": {"npm.rc": "token=${secret:NPM}"}}]), None)]
#[case(json!([{"type": "image", "name": "image", "secrets": {"n p": "x"}}]), Some("steps[0].secrets.n p"))]
#[case(json!([{"type": "image", "name": "image", "secrets": {"a": "${secret:X}"}}]), Some("steps[0].secrets.a"))]
#[case(json!([{"type": "image", "name": "image", "target": "build"}]), None)]
#[case(json!([{"type": "image", "name": "image", "target": "a b"}]), Some("steps[0].target"))]
#[case(json!([{"type": "image", "name": "image", "cache_from": ["a/b:1"], "cache_to": ["r.example/a:c"]}]), None)]
#[case(json!([{"type": "image", "name": "image", "cache_from": ["UP"]}]), Some("steps[0].cache_from[0]"))]
#[case(json!([{"type": "image", "name": "image", "cache_to": ["a,b"]}]), Some("steps[0].cache_to[0]"))]
#[case(json!([{"type": "image", "name": "image", "time_limit_ms": 1}]), Some("steps[0].time_limit_ms"))]
fn names_the_wrong_field(#[case] steps: Value, #[case] field: Option<&str>) {
    assert_eq!(refused(&build(&steps)).as_deref(), field);
}

fn script(change: Value) -> Value {
    let mut step = json!({"type": "script", "name": "lint", "image": "registry.example/tools:1", "script": "make lint",
        "environment": {"CI": "1", "TOKEN": "${secret:NPM}"}, "working_folder": "api",
        "caches": [{"name": "npm", "path": "/root/.npm"}]});
    let Value::Object(change) = change else { panic!("an object") };
    step.as_object_mut().expect("an object").extend(change);
    step
}

#[rstest]
#[case(json!({}), None)]
#[case(json!({"image": "UPPER"}), Some("image"))]
#[case(json!({"image": "a".repeat(513)}), Some("image"))]
#[case(json!({"script": " "}), Some("script"))]
#[case(json!({"script": "x".repeat(64 * 1024)}), None)]
#[case(json!({"script": "x".repeat(64 * 1024 + 1)}), Some("script"))]
#[case(json!({"script": "echo ${HOME} ${secret:ANY}"}), None)]
#[case(json!({"working_folder": "../api"}), Some("working_folder"))]
#[case(json!({"environment": {"A B": "1"}}), Some("environment.A B"))]
#[case(json!({"environment": {"1A": "1"}}), Some("environment.1A"))]
#[case(json!({"environment": {"A": "${secret:OTHER}"}}), Some("environment.A"))]
#[case(json!({"environment": {"A": "x".repeat(32 * 1024 + 1)}}), Some("environment.A"))]
#[case(json!({"environment": {"A": "a\u{0}b"}}), Some("environment.A"))]
#[case(json!({"environment": (0..101).map(|n| (format!("A{n}"), json!(""))).collect::<serde_json::Map<_, _>>()}), Some("environment"))]
#[case(json!({"caches": [{"name": "Npm", "path": "/a"}]}), Some("caches[0].name"))]
#[case(json!({"caches": [{"name": "a", "path": "/a"}, {"name": "a", "path": "/b"}]}), Some("caches[1].name"))]
#[case(json!({"caches": [{"name": "a", "path": "/a"}, {"name": "b", "path": "/a/"}]}), Some("caches[1].path"))]
#[case(json!({"caches": [{"name": "a", "path": "a"}]}), Some("caches[0].path"))]
#[case(json!({"caches": [{"name": "a", "path": "/"}]}), Some("caches[0].path"))]
#[case(json!({"caches": [{"name": "a", "path": "/a/../etc"}]}), Some("caches[0].path"))]
#[case(json!({"caches": [{"name": "a", "path": "/a:ro"}]}), Some("caches[0].path"))]
#[case(json!({"caches": [{"name": "a", "path": "/workspace/api"}]}), Some("caches[0].path"))]
#[case(json!({"caches": [{"name": "a", "path": "/workspaces"}]}), None)]
#[case(json!({"caches": [{"name": "a", "path": "/proc"}]}), Some("caches[0].path"))]
fn names_the_wrong_field_of_a_script(#[case] change: Value, #[case] field: Option<&str>) {
    let steps = json!([script(change), {"type": "image", "name": "image"}]);
    let expected = field.map(|field| format!("steps[0].{field}"));
    assert_eq!(refused(&build(&steps)), expected);
}

#[rstest]
#[case(json!(["make", "test"]), None)]
#[case(json!([]), None)]
#[case(json!(["sh", "-c", "echo ${HOME}"]), None)]
#[case(json!(["", "test"]), Some("steps[0].command"))]
#[case(json!(["a\u{0}b"]), Some("steps[0].command"))]
#[case(json!(["x".repeat(64 * 1024 + 1)]), Some("steps[0].command"))]
fn names_a_wrong_command(#[case] command: Value, #[case] field: Option<&str>) {
    let steps = json!([{"type": "container", "name": "test", "image": "tools", "command": command},
        {"type": "image", "name": "image"}]);
    assert_eq!(refused(&build(&steps)).as_deref(), field);
}

fn call(change: Value) -> Value {
    let mut step = json!({"type": "http", "name": "call", "url": "https://status.example/${build.tag}",
        "headers": {"Authorization": "Bearer ${secret:NPM}"}, "extract": {"UNTIL": {"pointer": "/until"}}});
    let Value::Object(change) = change else { panic!("an object") };
    step.as_object_mut().expect("an object").extend(change);
    step
}

#[rstest]
#[case(json!({}), None)]
#[case(json!({"url": "ftp://status.example"}), Some("url"))]
#[case(json!({"url": "https://status.example/${secret:NPM}"}), Some("url"))]
#[case(json!({"headers": {"A": "${secret:OTHER}"}}), Some("headers.A"))]
#[case(json!({"headers": {"Host": "inside"}}), Some("headers.Host"))]
#[case(json!({"method": "POST", "body": "${param:X}"}), Some("body"))]
#[case(json!({"body": "x".repeat(256 * 1024 + 1)}), Some("body"))]
#[case(json!({"expected_status": [42]}), Some("expected_status[0]"))]
#[case(json!({"extract": {"A": {"pointer": "until"}}}), Some("extract.A.pointer"))]
#[case(json!({"extract": {"1A": {"pointer": ""}}}), Some("extract.1A"))]
fn names_the_wrong_field_of_a_call(#[case] change: Value, #[case] field: Option<&str>) {
    let steps = json!([call(change), {"type": "image", "name": "image"}]);
    assert_eq!(refused(&build(&steps)), field.map(|field| format!("steps[0].{field}")));
}

fn files(change: Value) -> Value {
    let mut step = json!({"type": "transfer", "name": "rates", "protocol": "sftp", "host": "files.example",
        "direction": "fetch", "remote_path": "rates/*.csv", "local_path": "api/data",
        "credentials": {"username": "ci", "password": "${secret:NPM}"}});
    let Value::Object(change) = change else { panic!("an object") };
    step.as_object_mut().expect("an object").extend(change);
    step
}

#[rstest]
#[case(json!({}), None)]
#[case(json!({"host": "-oProxyCommand=x"}), Some("host"))]
#[case(json!({"protocol": "ftp"}), Some("insecure"))]
#[case(json!({"protocol": "ftp", "insecure": true}), None)]
#[case(json!({"host_key": "nothing"}), Some("host_key"))]
#[case(json!({"local_path": "../api"}), Some("local_path"))]
#[case(json!({"remote_path": "*/rates.csv"}), Some("remote_path"))]
#[case(json!({"credentials": null}), Some("credentials"))]
#[case(json!({"credentials": {"username": "ci", "password": "${secret:OTHER}"}}), Some("credentials.password"))]
fn names_the_wrong_field_of_a_transfer(#[case] change: Value, #[case] field: Option<&str>) {
    let steps = json!([files(change), {"type": "image", "name": "image"}]);
    assert_eq!(refused(&build(&steps)), field.map(|field| format!("steps[0].{field}")));
}

#[test]
fn a_secret_is_no_build_argument() {
    let steps = json!([{"type": "image", "name": "image", "build_args": {"A": "${secret:NPM}"}}]);
    let error = check(&build(&steps), &BTreeSet::from(["NPM".to_owned()])).expect_err("refused");
    assert_eq!(error.code(), ErrorCode::SecretInBuildArg);
}

#[rstest]
#[case(json!({"params": {"1A": {}}}), "params.1A")]
#[case(json!({"params": {"A": {"default": "x".repeat(32 * 1024 + 1)}}}), "params.A.default")]
#[case(json!({"params": {"A": {"description": "x".repeat(1001)}}}), "params.A.description")]
#[case(json!({"log_retention": {"days": 0}}), "log_retention.days")]
fn names_a_wrong_setting(#[case] change: Value, #[case] field: &str) {
    let mut wire = serde_json::to_value(build(&json!([{"type": "image", "name": "image"}]))).expect("JSON");
    let Value::Object(change) = change else { panic!("an object") };
    wire.as_object_mut().expect("an object").extend(change);
    assert_eq!(refused(&serde_json::from_value(wire).expect("a build")).as_deref(), Some(field));
}
