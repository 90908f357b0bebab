//! Holds the reader against `serde_json`, on each shape that the wire has.

use super::read;
use crate::api::{Answer, builds::EditedBuild, connections::AllConnections, logs::LogOf};
use rstest::rstest;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;
use types::{
    ApiError, Name, Page, Version,
    build::{Build, BuildSummary},
    build_run::BuildRun,
    event::{LogFrame, MapFrame},
    log::LogWindow,
    map::{MapSummary, ServiceMap},
    plan::Plan,
    registry::TagFacts,
    run::Run,
    task::{MapTasks, Task},
};

/// What both read, which is the same.
fn same<T: DeserializeOwned + PartialEq + Debug>(text: &str) -> T {
    let known: T = serde_json::from_str(text).expect("serde_json understands it");
    let read: T = read(text).expect("the reader understands it");
    assert_eq!(read, known);
    read
}

#[rstest]
#[case::numbers("[0, 7, -1, 18446744073709551615, -9223372036854775808]")]
#[case::words("[true,false,null]")]
#[case::white_space(" \t\r\n{ \"a\" : [ ] , \"b\" : { } }\n")]
#[case::escapes(r#""\" \\ \/ \b \f \n \r \t \u0041\u00e9\u20ac""#)]
#[case::beyond_the_first_plane(r#""\ud83d\ude80 🚀 \uD834\uDD1E""#)]
#[case::escaped_and_plain(r#"{"a\nb":"c","d":"é\\"}"#)]
#[case::nested(r#"{"a":[{"b":[[],[{"c":"]}"}]]}]}"#)]
#[case::empty_text(r#""""#)]
fn any_json(#[case] text: &str) {
    same::<Value>(text);
}

#[rstest]
#[case::nothing("")]
#[case::two_values("1 2")]
#[case::half_a_sign(r#""\ud83d""#)]
#[case::half_a_sign_and_another(r#""\ud83d\u0041""#)]
#[case::no_escape(r#""\x""#)]
#[case::short_escape(r#""\u12""#)]
#[case::no_end("\"a")]
#[case::line_end_in_a_text("\"a\nb\"")]
#[case::no_comma("[1 2]")]
#[case::comma_at_the_end("[1,]")]
#[case::no_colon(r#"{"a" 1}"#)]
#[case::no_name("{1:2}")]
#[case::not_closed("[1")]
#[case::wrong_end("[1}")]
#[case::no_word("nul")]
#[case::no_digits("-")]
fn what_is_no_json_is_refused(#[case] text: &str) {
    serde_json::from_str::<Value>(text).expect_err("serde_json refuses it");
    read::<Value>(text).expect_err("the reader refuses it");
}

#[test]
fn fractions_are_told_as_they_are_written() {
    assert_eq!(read::<Value>("[1.5,2e3]").expect("read"), serde_json::json!(["1.5", "2e3"]));
    read::<u64>("1.5").expect_err("not a whole number");
}

#[rstest]
#[case("256")]
#[case("-1")]
#[case("\"1\"")]
#[case("null")]
fn numbers_that_do_not_fit_are_refused(#[case] text: &str) {
    serde_json::from_str::<u8>(text).expect_err("serde_json refuses it");
    read::<u8>(text).expect_err("the reader refuses it");
}

#[rstest]
#[case(r#"{"tag":"1.27.3"}"#)]
#[case(r#"{"digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}"#)]
#[case(r#"{"build_run":41}"#)]
#[case(r#"{"latest":true}"#)]
#[case(r#"{"build":{"reference":"main","build_args":{"A":"1","B":""}}}"#)]
#[case(r#" { "build" : {} } "#)]
fn versions(#[case] text: &str) {
    same::<Version>(text);
}

#[rstest]
#[case(r#"{"latest":false}"#)]
#[case(r#"{"newest":true}"#)]
#[case(r#""latest""#)]
#[case(r#"{"tag":"1","digest":"2"}"#)]
#[case(r#"{"build":{"later":1}}"#)]
#[case(r#"{"build_run":-1}"#)]
#[case("{}")]
#[case("[]")]
fn no_versions(#[case] text: &str) {
    serde_json::from_str::<Version>(text).expect_err("serde_json refuses it");
    read::<Version>(text).expect_err("the reader refuses it");
}

const ITEM: &str = r#"{"n":1,"task":"deployment/web/app","wave":1,"status":"rolling","reason":null,"changed":true,
"version":{"tag":"2"},"from":{"image":"r/web:1","repository":"r/web","tag":"1","digest":null},"to":null,
"build_run":{"build":"web","number":3},"ready":1,"replicas":2,"generation":-4,
"proof":{"state":"none","pods":1,"pods_proven":0,"why":"no \"digest\""},
"phases":[{"phase":"rolling","at":"2026-11-25T02:30:37.120Z","duration_ms":null}],
"waiting_for":{"kind":"slot","run":null,"item":2,"since":"2026-11-25T02:30:37Z"},
"trouble":{"code":"crash_loop","message":"m","evidence":[{"kind":"pod","name":"web-1","text":"a\nb"}],"since":"2026-11-25T02:30:37Z"},
"failure":{"code":"out_of_memory","message":"m","evidence":[]},"log_url":"/l"}"#;

fn run() -> String {
    format!(
        r#"{{"id":"0193f1a0-0000-7000-8000-000000000000","map":"shop","kind":"deploy","trigger":"user","of":null,
        "status":"running","requested_by":"ada","note":null,"on_failure":"stop","plan_hash":"h",
        "created_at":"2026-11-25T02:30:37.120Z","started_at":null,"ended_at":null,"url":"/u","retried_by":null,
        "undone_by":null,"reverted_by":null,"items":[{ITEM}],"added_by_a_newer_server":[{{"a":[1.5,"]"]}}]}}"#
    )
}

const TASK: &str = r#"{"id":"deployment/web/app","container":"app","role":"main","type":"built",
"deployed":{"image":"r/web:1","repository":"r/web","tag":"1","digest":null,"pods":2,"pods_proven":1,"mixed":false},
"build":{"name":"web","newest_run":{"number":3,"tag":"3","status":"failed","digest":null,"ended_at":null,"progress":"2/6"},
"newest_success":null,"usual_ms":42000,"tag_typed":false},"registry":"main",
"selection":{"version":{"latest":true},"by":null,"at":"2026-11-25T02:30:37Z"},"target_tag":"3",
"will":{"build":false,"deploy":true},"runnable":false,"blocked_by":[{"code":"same_version","message":"m"}],
"warnings":[{"code":"moved","message":"m"}],"current_run":{"run":"0193f1a0-0000-7000-8000-000000000000","item":1,
"status":"queued","by":"ada","since":"2026-11-25T02:30:37Z","to_tag":null,"trouble":null},
"last_failure":{"run":"0193f1a0-0000-7000-8000-000000000000","item":1,"at":null,
"failure":{"code":"probe_failing","message":"m","evidence":[],"advice":"a"},"from_tag":"1","to_tag":null},
"hold":{"reason":"r","by":"b","at":"2026-11-25T02:30:37Z","until":null},"newer":{"tag":"4","digest":null},
"registry_checked_at":null}"#;

fn tasks() -> String {
    format!(
        r#"{{"map":"shop","seq":"7","cluster":{{"name":"c","state":"reachable","since":null,"error":null,"stale_since":null}},
        "workloads":[{{"kind":"cronjob","name":"web","uid":"u","status":"suspended","ready":null,"replicas":null,
        "managed_by":null,"last_job":"Complete","tasks":[{TASK}]}}],"runnable_count":0}}"#
    )
}

const MAP: &str = r#"{"name":"shop","cluster":"c","namespace":"n","selector":null,"group":"g","color":null,
"written_form":"tag_digest","deadline_ms":600000,"undo_on_deadline":false"#;

const BUILD_RUN: &str = r#"{"build":"web","number":3,"kind":"try","status":"succeeded","reason":null,"tag":"3","image":null,
"digest":null,"size_bytes":38100000,"platforms":["linux/amd64"],"commit":null,"reference":null,"params":{},"note":null,
"repeat_of":2,"edited":true,"rejected":false,"requested_by":"ada","queue_position":null,"engine":"e","created_at":"2026-11-25T02:30:37Z",
"started_at":null,"ended_at":null,"duration_ms":5,"steps":[{"index":0,"name":"s","type":"git","status":"skipped",
"started_at":null,"duration_ms":null,"usual_ms":1200,"first_line":1,"last_line":null,"failure":{"code":"git_failed","message":"m"}}],
"failure":null,"used_by":[],"url":"/u","log_url":"/l"}"#;

const BUILD: &str = r#"{"name":"web","registry":"main","repository":"web","engine":"e","tag_rule":{"prefix":"v","type":"sequence"},
"steps":[{"type":"git","name":"g","url":"https://x","credentials":{"username":"u","password":"***"}},
{"name":"i","type":"image","build_args":{"A":"1"},"target":null}]}"#;

const ERROR: &str = r#"{"type":"about:blank","title":"T","status":422,"code":"blocked","detail":"d",
"fields":[{"path":"steps[1].url","message":"m"}],"request_id":"r","items":[{"n":1}],"plan":{"a":null}}"#;

#[test]
fn what_the_pipeline_page_reads() {
    same::<Task>(TASK);
    same::<Run>(&run());
    drop(same::<Result<(ServiceMap, MapTasks), ApiError>>(&format!(r#"{{"Ok":[{MAP}}},{}]}}"#, tasks())));
    let maps = format!(r#"{{"Ok":[{MAP},"workloads":3,"failed":1,"updating":0,"error":null}}]}}"#);
    drop(same::<Answer<Vec<MapSummary>>>(&maps));
    same::<Page<TagFacts>>(
        r#"{"items":[{"tag":"1","digest":null,"created_at":null,"size_bytes":null}],"next_cursor":null}"#,
    );
}

#[test]
fn errors_with_what_some_of_them_add() {
    let error: ApiError = same(ERROR);
    assert_eq!(error.more.len(), 2);
    drop(same::<Result<(), ApiError>>(&format!(r#"{{"Err":{ERROR}}}"#)));
    same::<ApiError>(r#"{"type":"a","title":"t","status":404,"code":"not_found","detail":"d"}"#);
    read::<ApiError>(r#"{"type":"a","title":"t","status":404,"detail":"d"}"#).expect_err("without a code");
}

#[test]
fn frames() {
    same::<MapFrame>(&format!(r#"{{"seq":"8","task":{TASK}}}"#));
    same::<MapFrame>(&format!(r#"{{"run":{},"seq":"8"}}"#, run()));
    same::<MapFrame>(&format!(r#"{{"build_run":{BUILD_RUN}}}"#));
    same::<MapFrame>(r#"{"seq":"8","removed":{"workload":"deployment/web"}}"#);
    same::<MapFrame>(r#"{"resync":true}"#);
    same::<LogFrame>(
        r#"{"lines":[{"n":1,"at":"2026-11-25T02:30:37Z","stream":"stderr","step":0,"text":"\u001b[1m✓"}]}"#,
    );
    same::<LogFrame>(r#"{"lagged":{"after":9}}"#);
    same::<LogFrame>(r#"{"end":{"status":"failed","last":9}}"#);
}

#[test]
fn what_other_pages_read() {
    same::<Page<BuildRun>>(&format!(r#"{{"items":[{BUILD_RUN}],"next_cursor":"c"}}"#));
    same::<Build>(BUILD);
    same::<EditedBuild>(&format!(r#"{{"build":{BUILD},"revision":-1}}"#));
    same::<Plan>(
        r#"{"plan_hash":"h","on_failure":"undo","items":[{"n":1,"task":"deployment/web/app","wave":1,"from":null,"to":null,
        "action":"build_deploy","build":{"name":"web","reference":null,"shared_with":[2]},"runnable":true,"blocked_by":[],
        "warnings":[],"queue_position":null,"patch":[{"op":"test","path":"/a","value":{"b":[1,"x",null,true]}}],
        "diff":{"size_bytes":-5,"config":[],"commits":["c"]}}],"runnable_count":1}"#,
    );
    same::<LogOf>(r#"{"BuildRun":{"build":"web","number":3}}"#);
    same::<LogWindow>(r#"{"lines":[],"first":null,"last":null,"total":0,"complete":true}"#);
    same::<AllConnections>(
        r#"{"clusters":[],"registries":[],"engines":[],"found_clusters":[{"context":"c","server":"s","added_as":null}],"found_engines":[]}"#,
    );
    same::<Vec<BuildSummary>>("[]");
    same::<Option<Name>>("null");
    same::<Option<Name>>("\"shop\"");
    read::<Name>("\"Shop\"").expect_err("not a name");
}
