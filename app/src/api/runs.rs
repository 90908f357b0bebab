//! Runs.

use super::*;
use leptos::prelude::*;
use types::{Name, Page, run};
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

#[server(prefix = "/api/ui", endpoint = "cancel_run", protocol = Ask)]
pub(crate) async fn cancel_run(run: Uuid, cancel: run::CancelRun) -> Answer<run::Run> {
    answer(engine()?.cancel_run(&principal()?, run, cancel).await)
}
