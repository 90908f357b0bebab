//! What is run, as it is written on the command line.

use std::str::FromStr;
use types::{
    Digest, TaskId, Version,
    run::NewItem,
    version::{BuildParams, True},
};

/// A task and the version that it shall run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ItemSpec {
    task: TaskId,
    version: Version,
}

impl ItemSpec {
    /// A build that names no reference itself takes the one that stands for all.
    pub(super) fn with_reference(self, reference: Option<&str>) -> NewItem {
        let Self { task, version } = self;
        let version = match version {
            Version::Build(params) => {
                let reference = params.reference.or_else(|| reference.map(str::to_owned));
                Version::Build(BuildParams { reference, ..params })
            }
            other @ (Version::Tag(_)
            | Version::Digest(_)
            | Version::BuildRun(_)
            | Version::Latest(_)
            | Version::Restart(_)) => other,
        };
        NewItem { task: Some(task), repository: None, version, wave: None, deadline_ms: None, seen: None }
    }
}

impl FromStr for ItemSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (task, version) = text.split_once('=').unwrap_or((text, "build"));
        Ok(Self { task: task.parse()?, version: version_of(version)? })
    }
}

fn version_of(text: &str) -> Result<Version, String> {
    let (word, value) = text.split_once(':').map_or((text, None), |(word, value)| (word, Some(value)));
    match (word, value.filter(|value| !value.is_empty())) {
        ("tag", Some(tag)) => Ok(Version::Tag(tag.to_owned())),
        ("digest", Some(digest)) => Digest::parse(digest).map(Version::Digest).map_err(|why| format!("digest {why}")),
        ("appointed", Some(number)) => {
            let wrong = |_| "appointed needs the number of a build run, as in appointed:41".to_owned();
            number.trim_start_matches('#').parse().map(Version::BuildRun).map_err(wrong)
        }
        ("latest", None) => Ok(Version::Latest(True)),
        ("restart", None) => Ok(Version::Restart(True)),
        ("build", reference) => {
            let reference = reference.map(str::to_owned);
            Ok(Version::Build(BuildParams { reference, ..BuildParams::default() }))
        }
        _ => Err("the version is one of tag:TAG, digest:sha256:…, appointed:NUMBER, latest, build, build:REF, restart"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::ItemSpec;
    use rstest::rstest;
    use serde_json::{Value, json};

    #[rstest]
    #[case("deployment/web/app=tag:1.27.3", json!({"tag": "1.27.3"}))]
    #[case("cronjob/report/report=latest", json!({"latest": true}))]
    #[case("deployment/web/app=appointed:41", json!({"build_run": 41}))]
    #[case("deployment/web/app=appointed:#41", json!({"build_run": 41}))]
    #[case("deployment/web/app=restart", json!({"restart": true}))]
    #[case(
        &format!("deployment/web/app=digest:sha256:{}", "a".repeat(64)),
        json!({"digest": format!("sha256:{}", "a".repeat(64))})
    )]
    fn versions(#[case] text: &str, #[case] version: Value) {
        let item = text.parse::<ItemSpec>().expect("an item").with_reference(Some("main"));
        assert_eq!(serde_json::to_value(&item.version).expect("JSON"), version);
    }

    #[rstest]
    #[case("deployment/web/app", Some("main"))]
    #[case("deployment/web/app=build", Some("main"))]
    #[case("deployment/web/app=build:v2", Some("v2"))]
    fn builds_take_the_reference_that_is_nearest(#[case] text: &str, #[case] reference: Option<&str>) {
        let item = text.parse::<ItemSpec>().expect("an item").with_reference(Some("main"));
        let version = serde_json::to_value(&item.version).expect("JSON");
        assert_eq!(version["build"]["reference"], json!(reference));
    }

    #[rstest]
    #[case("web=tag:1")]
    #[case("deployment/web/app=1.27.3")]
    #[case("deployment/web/app=tag:")]
    #[case("deployment/web/app=digest:sha256:12")]
    #[case("deployment/web/app=appointed:last")]
    #[case("deployment/web/app=latest:1")]
    #[case("pod/web/app=tag:1")]
    fn refuses(#[case] text: &str) {
        assert!(text.parse::<ItemSpec>().is_err());
    }
}
