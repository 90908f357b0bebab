//! Runs.

use super::*;
use leptos::prelude::*;
use types::{Name, Page, history as way_back, run};
use uuid::Uuid;

#[server(prefix = "/api/ui", endpoint = "runs", protocol = Ask)]
pub(crate) async fn runs(map: Option<Name>, cursor: Option<String>) -> Answer<Page<run::Run>> {
    let filter = engine::RunFilter { map, ..Default::default() };
    answer(engine()?.runs(&principal()?, filter, engine::PageRequest { limit: PAGE, cursor }).await)
}

#[server(prefix = "/api/ui", endpoint = "run", protocol = Ask)]
pub(crate) async fn run(run: Uuid) -> Answer<run::Run> {
    answer(engine()?.run(&principal()?, run).await)
}

#[server(prefix = "/api/ui", endpoint = "cancel_run", protocol = Tell)]
pub(crate) async fn cancel_run(run: Uuid, cancel: run::CancelRun) -> Answer<run::Run> {
    answer(engine()?.cancel_run(&principal()?, run, cancel).await)
}

#[server(prefix = "/api/ui", endpoint = "retry_run", protocol = Ask)]
pub(crate) async fn retry_run(run: Uuid, key: String) -> Answer<run::Run> {
    let retry = way_back::RetryRun::default();
    let press = pressed(key, format!("/runs/{run}/retry"), &retry);
    answer(engine()?.retry_run(&principal()?, run, retry, press).await.map(|started| started.value))
}

#[server(prefix = "/api/ui", endpoint = "undo_run", protocol = Ask)]
pub(crate) async fn undo_run(run: Uuid, undo: way_back::UndoRun, key: String) -> Answer<run::Run> {
    let press = pressed(key, format!("/runs/{run}/undo"), &undo);
    answer(engine()?.undo_run(&principal()?, run, undo, press).await.map(|started| started.value))
}
