//! Builds and their runs.

use super::*;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Name, Page,
    build::{self, BuildSummary},
    build_run::{self, NewBuildRun},
};

/// A build and the revision that was read: saving it over a newer one is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EditedBuild {
    pub(crate) build: build::Build,
    pub(crate) revision: i64,
}

#[server(prefix = "/api/ui", endpoint = "builds", protocol = Ask)]
pub(crate) async fn builds() -> Answer<Vec<BuildSummary>> {
    answer(engine()?.builds(&principal()?).await)
}

#[server(prefix = "/api/ui", endpoint = "build", protocol = Ask)]
pub(crate) async fn build(build: Name) -> Answer<EditedBuild> {
    answer(engine()?.build(&principal()?, &build).await.map(EditedBuild::from))
}

#[server(prefix = "/api/ui", endpoint = "create_build", protocol = Tell)]
pub(crate) async fn create_build(build: build::Build) -> Answer<EditedBuild> {
    answer(engine()?.create_build(&principal()?, build).await.map(EditedBuild::from))
}

#[server(prefix = "/api/ui", endpoint = "replace_build", protocol = Tell)]
pub(crate) async fn replace_build(name: Name, edited: EditedBuild) -> Answer<EditedBuild> {
    let EditedBuild { build, revision } = edited;
    let expected = engine::Revision(revision);
    answer(engine()?.replace_build(&principal()?, &name, expected, build).await.map(EditedBuild::from))
}

#[server(prefix = "/api/ui", endpoint = "build_to_yaml", protocol = Ask)]
pub(crate) async fn build_to_yaml(build: build::Build) -> Answer<String> {
    principal()?;
    answer(engine::build_to_yaml(&build))
}

/// The build is not stored by it.
#[server(prefix = "/api/ui", endpoint = "build_from_yaml", protocol = Ask)]
pub(crate) async fn build_from_yaml(text: String) -> Answer<build::Build> {
    principal()?;
    answer(engine::build_from_yaml(&text))
}

#[server(prefix = "/api/ui", endpoint = "delete_build", protocol = Tell)]
pub(crate) async fn delete_build(build: Name) -> Answer<()> {
    answer(engine()?.delete_build(&principal()?, &build).await)
}

#[server(prefix = "/api/ui", endpoint = "build_runs", protocol = Ask)]
pub(crate) async fn build_runs(build: Name, cursor: Option<String>) -> Answer<Page<build_run::BuildRun>> {
    answer(engine()?.build_runs(&principal()?, &build, engine::PageRequest { limit: PAGE, cursor }).await)
}

#[server(prefix = "/api/ui", endpoint = "build_run", protocol = Ask)]
pub(crate) async fn build_run(build: Name, number: u32) -> Answer<build_run::BuildRun> {
    answer(engine()?.build_run(&principal()?, &build, number).await)
}

#[server(prefix = "/api/ui", endpoint = "start_build_run", protocol = Tell)]
pub(crate) async fn start_build_run(build: Name, new: NewBuildRun) -> Answer<build_run::BuildRun> {
    answer(engine()?.start_build_run(&principal()?, &build, new, None).await.map(|started| started.value))
}

#[server(prefix = "/api/ui", endpoint = "patch_build_run", protocol = Tell)]
pub(crate) async fn patch_build_run(
    build: Name,
    number: u32,
    patch: build_run::BuildRunPatch,
) -> Answer<build_run::BuildRun> {
    answer(engine()?.patch_build_run(&principal()?, &build, number, patch).await)
}

#[server(prefix = "/api/ui", endpoint = "delete_build_run", protocol = Tell)]
pub(crate) async fn delete_build_run(build: Name, number: u32) -> Answer<()> {
    answer(engine()?.delete_build_run(&principal()?, &build, number).await)
}

#[server(prefix = "/api/ui", endpoint = "try_step", protocol = Tell)]
pub(crate) async fn try_step(build: Name, new: build_run::TryStep) -> Answer<build_run::BuildRun> {
    answer(engine()?.try_step(&principal()?, &build, new, None).await.map(|started| started.value))
}

#[server(prefix = "/api/ui", endpoint = "build_run_flow", protocol = Ask)]
pub(crate) async fn build_run_flow(build: Name, number: u32) -> Answer<build::Build> {
    answer(engine()?.build_run_flow(&principal()?, &build, number).await)
}

#[server(prefix = "/api/ui", endpoint = "references", protocol = Ask)]
pub(crate) async fn references(build: Name) -> Answer<build::References> {
    answer(engine()?.references(&principal()?, &build).await)
}

#[server(prefix = "/api/ui", endpoint = "cancel_build_run", protocol = Tell)]
pub(crate) async fn cancel_build_run(build: Name, number: u32) -> Answer<build_run::BuildRun> {
    answer(engine()?.cancel_build_run(&principal()?, &build, number).await)
}
