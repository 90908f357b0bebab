use super::*;
use crate::api::builds::EditedBuild;
use rstest::rstest;
use serde_json::{Value, json};

fn steps() -> Value {
    json!([
        {"type": "git", "name": "source", "enabled": false, "time_limit_ms": 5, "url": "https://git.example/a.git",
            "reference": "main", "folder": "a", "depth": 0, "submodules": true,
            "credentials": {"username": "ci", "password": "***"}},
        {"type": "transfer", "name": "rates", "time_limit_ms": 90_000, "protocol": "ftp", "host": "files.example",
            "port": 2121, "host_key": "SHA256:abc", "direction": "send", "remote_path": "rates/*.csv",
            "local_path": "api/data", "insecure": true, "credentials": {"username": "ci", "password": "***"}},
        {"type": "http", "name": "freeze", "method": "POST", "url": "https://status.example/freeze",
            "headers": {"Accept": "application/json"}, "body": " a\n b\n", "expected_status": [200, 204],
            "extract": {"UNTIL": {"pointer": "/until", "masked": true}}},
        {"type": "script", "name": "lint", "image": "tools", "script": "make lint\n", "environment": {"CI": " 1\n2"},
            "working_folder": "api", "caches": [{"name": "npm", "path": "/root/.npm"}]},
        {"type": "container", "name": "test", "image": "tools", "command": ["sh", "-c", "make \"$A\"\nmake b"],
            "environment": {"A": "${secret:A}"}, "working_folder": "api", "caches": [{"name": "a", "path": "/a"}]},
        {"type": "image", "name": "image", "time_limit_ms": 7_000, "context": "a", "dockerfile": "b/Dockerfile",
            "inline": "FROM scratch\n", "build_args": {"A": "1=2"}, "secrets": {"npmrc": "${secret:NPMRC}"},
            "target": "app", "platforms": ["linux/arm64"], "no_cache": true,
            "cache_from": ["registry.example/cache"], "cache_to": ["registry.example/cache:2"]},
    ])
}

fn edited() -> EditedBuild {
    let build = json!({"name": "api", "description": "API", "registry": "local", "repository": "shop/api",
        "engine": "local", "tag_rule": {"type": "git", "prefix": "v"}, "max_parallel": 3, "time_limit_ms": 1_800_000,
        "log_retention": {"days": 90},
        "params": {"CHANNEL": {"default": "stable", "description": "of the release"}, "TEAM": {}}, "steps": steps()});
    EditedBuild { build: serde_json::from_value(build).expect("a build"), revision: 4 }
}

/// Works on the form of the build above.
fn with_form(work: impl FnOnce(BuildForm)) {
    Owner::new().with(|| work(BuildForm::of(edited())));
}

fn names(form: BuildForm) -> Vec<String> {
    untrack(|| form.read()).0.steps.iter().map(|step| step.name().to_owned()).collect()
}

const NAMES: [&str; 6] = ["source", "rates", "freeze", "lint", "test", "image"];

#[test]
fn a_stored_build_comes_back_as_it_was() {
    with_form(|form| assert_eq!(untrack(|| form.read()), (edited().build, Vec::new())));
}

#[rstest]
#[case::up(1, 0, Some(0), ["rates", "source", "freeze", "lint", "test", "image"])]
#[case::down(1, 3, Some(2), ["source", "freeze", "rates", "lint", "test", "image"])]
#[case::to_the_end(0, 6, Some(5), ["rates", "freeze", "lint", "test", "image", "source"])]
#[case::before_itself(2, 2, None, NAMES)]
#[case::below_itself(2, 3, None, NAMES)]
#[case::beyond(5, 7, None, NAMES)]
fn a_step_is_put_before_another(
    #[case] key: usize,
    #[case] to: usize,
    #[case] place: Option<usize>,
    #[case] expected: [&str; 6],
) {
    with_form(|form| {
        assert_eq!(form.put(key, to), place);
        assert_eq!(names(form), expected);
    });
}

#[rstest]
#[case(0, false, None)]
#[case(0, true, Some(1))]
#[case(5, true, None)]
#[case(5, false, Some(4))]
fn a_step_moves_by_one_as_far_as_there_is_a_place(
    #[case] key: usize,
    #[case] down: bool,
    #[case] place: Option<usize>,
) {
    with_form(|form| assert_eq!(form.shift(key, down), place));
}

#[test]
fn a_copy_stands_below_and_has_a_name_of_its_own() {
    with_form(|form| {
        let lint = form.steps.with_untracked(|steps| steps[3]);
        let copy = form.duplicate(lint);
        form.duplicate(copy);
        assert_eq!(names(form), ["source", "rates", "freeze", "lint", "lint-2", "lint-3", "test", "image"]);
        let build = untrack(|| form.read()).0;
        let mut renamed = build.steps[4].clone();
        renamed.set_name("lint".to_owned());
        assert_eq!(renamed, build.steps[3]);
    });
}

#[test]
fn a_removed_step_comes_back_to_its_place_whatever_was_added_since() {
    with_form(|form| {
        let removed = form.remove(5).expect("a step");
        let added = form.add(StepType::Image);
        assert_ne!(added.key, removed.step.key);
        form.restore(removed);
        assert_eq!(names(form), ["source", "rates", "freeze", "lint", "test", "image", "image"]);
    });
}

#[rstest]
#[case("steps[1].script", "steps[7].script")]
#[case("steps[0].expected_status[2]", "steps[9].expected_status")]
#[case("steps[0].caches[2].name", "steps[9].caches[2].name")]
#[case("steps[5].script", "steps[5].script")]
#[case("steps", "steps")]
#[case("tag_rule.prefix", "tag_rule.prefix")]
fn an_error_stays_with_its_step(#[case] sent: &str, #[case] shown: &str) {
    let field = FieldError { path: sent.to_owned(), message: "is wrong".to_owned() };
    let error = ApiError { fields: vec![field], ..ApiError::new(types::ErrorCode::Invalid, "wrong") };
    assert_eq!(placed(error, &[9, 7]).fields[0].path, shown);
}

#[test]
fn every_type_can_be_added() {
    with_form(|form| {
        for kind in StepType::ALL {
            assert_eq!(form.add(kind).kind.kind(), kind);
        }
        let (build, wrong) = untrack(|| form.read());
        assert_eq!((build.steps.len(), wrong.len()), (12, 0));
    });
}
