//! Builds: how an image is made.

mod container;
mod git;
mod http;
mod image;
mod step;
mod transfer;

pub use container::{Cache, ContainerStep, ScriptStep};
pub use git::{GitStep, References};
pub use http::{Extract, HttpMethod, HttpStep};
pub use image::ImageStep;
pub use step::{STEP_TIME_LIMIT_MS, Step};
pub use transfer::{TransferDirection, TransferProtocol, TransferStep};

use crate::{Name, Time, task::BuildRunBrief as Brief};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use step::{step_time_limit, yes};

/// Time limit of a build run where none is said: two hours.
pub const BUILD_TIME_LIMIT_MS: u64 = 7_200_000;

/// How a build run gets its tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TagRule {
    /// Typed at each run.
    Typed {},
    /// Prefix and the build's own counter, at least five digits.
    Sequence {
        #[serde(default)]
        prefix: String,
    },
    /// Prefix and `YYYYMMDD-HHMMSS` in UTC.
    Datetime {
        #[serde(default)]
        prefix: String,
    },
    /// Prefix and the tag of the commit, else its short hash.
    Git {
        #[serde(default)]
        prefix: String,
    },
}

/// Credentials of a step; values may be `${secret:NAME}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    pub username: String,
    /// Write-only: answers hold `***` where a value of one's own is stored.
    pub password: String,
}

/// A value that a run of the build may be given, as `${param:NAME}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Param {
    /// Null: each run must give it.
    pub default: Option<String>,
    pub description: Option<String>,
}

/// How long runs and their logs are kept; null: as the settings say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LogRetention {
    pub days: Option<u32>,
    pub runs: Option<u32>,
    pub bytes: Option<u64>,
}

/// A build with its flow: the answer, and the body of POST and PUT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Build {
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// Name of a registry.
    pub registry: String,
    /// Unique together with the registry.
    pub repository: String,
    /// Name of a build engine.
    pub engine: String,
    pub tag_rule: TagRule,
    /// Runs of this build at once; 1 keeps Latest ordered.
    #[serde(default = "one")]
    pub max_parallel: u32,
    #[serde(default = "build_time_limit")]
    pub time_limit_ms: u64,
    #[serde(default)]
    pub log_retention: Option<LogRetention>,
    #[serde(default)]
    pub params: BTreeMap<String, Param>,
    pub steps: Vec<Step>,
}

/// A build in the list of builds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildSummary {
    pub name: Name,
    pub description: Option<String>,
    pub registry: Name,
    pub repository: String,
    /// `host/repository`, as a pod template names it.
    pub image: String,
    pub steps: u32,
    pub newest_run: Option<Brief>,
    pub newest_success: Option<Brief>,
    /// Of the newest runs that ended, oldest first: duration, and whether it succeeded.
    pub durations: Vec<BuildDuration>,
    pub size_bytes: Option<u64>,
    pub last_run_at: Option<Time>,
}

/// A bar of the sparkline of durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildDuration {
    pub duration_ms: u64,
    pub succeeded: bool,
}

fn one() -> u32 {
    1
}

fn build_time_limit() -> u64 {
    BUILD_TIME_LIMIT_MS
}

#[cfg(test)]
mod tests {
    use super::{Build, Step};
    use rstest::rstest;
    use serde_json::{Value, json};

    #[rstest]
    #[case::git(json!({"type": "git", "name": "source", "enabled": true, "time_limit_ms": 600_000,
        "url": "https://git.example/shop/api.git", "reference": "main", "folder": "api", "depth": 1,
        "submodules": false, "credentials": {"username": "ci", "password": "${secret:GIT}"}}))]
    #[case::transfer(json!({"type": "transfer", "name": "rates", "enabled": true, "time_limit_ms": 5000,
        "protocol": "sftp", "host": "files.example", "port": 22, "host_key": null, "direction": "fetch",
        "remote_path": "rates/*.csv", "local_path": "api/data", "insecure": false,
        "credentials": {"username": "ci", "password": "${secret:FILES}"}}))]
    #[case::http(json!({"type": "http", "name": "freeze", "enabled": true, "time_limit_ms": 5000, "method": "GET",
        "url": "https://status.example/freeze", "headers": {"Accept": "application/json"}, "body": null,
        "expected_status": [200], "extract": {"UNTIL": {"pointer": "/until", "masked": false}}}))]
    #[case::script(json!({"type": "script", "name": "lint", "enabled": true, "time_limit_ms": 5000,
        "image": "registry.example/tools:1", "script": "make lint", "environment": {"CI": "1"},
        "working_folder": "api", "caches": [{"name": "npm", "path": "/root/.npm"}]}))]
    #[case::container(json!({"type": "container", "name": "test", "enabled": false, "time_limit_ms": 5000,
        "image": "registry.example/tools:1", "command": ["make", "test"], "environment": {}, "working_folder": "api",
        "caches": []}))]
    #[case::image(json!({"type": "image", "name": "image", "enabled": true, "time_limit_ms": 5000, "context": "api",
        "dockerfile": "Dockerfile", "inline": null, "build_args": {"VERSION": "${build.tag}"},
        "secrets": {"npmrc": "${secret:NPMRC}"}, "target": null, "platforms": [], "no_cache": false,
        "cache_from": [], "cache_to": []}))]
    fn a_step_is_written_as_it_was_read(#[case] wire: Value) {
        let step: Step = serde_json::from_value(wire.clone()).expect("a step");
        assert_eq!(
            (step.kind(), step.name()),
            (wire["type"].as_str().expect("a type"), wire["name"].as_str().expect("a name"))
        );
        assert_eq!(Some(step.enabled()), wire["enabled"].as_bool());
        assert_eq!(Some(step.time_limit_ms()), wire["time_limit_ms"].as_u64());
        assert_eq!(serde_json::to_value(step).expect("JSON"), wire);
    }

    #[rstest]
    #[case(json!({"type": "git", "name": "a", "url": "https://git.example/a.git"}))]
    #[case(json!({"type": "transfer", "name": "a", "protocol": "ftps", "host": "files.example", "direction": "send",
        "remote_path": "a", "local_path": "b"}))]
    #[case(json!({"type": "http", "name": "a", "url": "https://status.example"}))]
    #[case(json!({"type": "script", "name": "a", "image": "tools", "script": "make"}))]
    #[case(json!({"type": "container", "name": "a", "image": "tools"}))]
    #[case(json!({"type": "image", "name": "a"}))]
    fn optional_fields_may_be_left_out_and_unknown_ones_are_refused(#[case] mut wire: Value) {
        let step: Step = serde_json::from_value(wire.clone()).expect("a step");
        assert!(step.enabled() && step.time_limit_ms() == super::STEP_TIME_LIMIT_MS);
        wire["privileged"] = json!(true);
        serde_json::from_value::<Step>(wire).expect_err("an unknown field");
    }

    #[test]
    fn a_build_keeps_parameters_and_retention() {
        let wire = json!({"name": "api", "registry": "local", "repository": "shop/api", "engine": "local",
            "tag_rule": {"type": "typed"}, "log_retention": {"days": 90, "runs": 200},
            "params": {"CHANNEL": {"default": "stable"}}, "steps": []});
        let build: Build = serde_json::from_value(wire).expect("a build");
        let written = serde_json::to_value(build).expect("JSON");
        assert_eq!(written["log_retention"], json!({"days": 90, "runs": 200, "bytes": null}));
        assert_eq!(written["params"], json!({"CHANNEL": {"default": "stable", "description": null}}));
    }
}
