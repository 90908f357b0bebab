//! Asks registries and engines now and then whether they answer, so that what is down shows as down
//! and what came back is used again.

use crate::{
    Engine, Error,
    store::{build_engine, registry},
};
use futures::future::join_all;
use sea_orm::EntityTrait;
use std::time::Duration;

/// How often everything is asked.
const EVERY: Duration = Duration::from_secs(20);

pub(super) async fn run(engine: Engine) {
    loop {
        if let Err(why) = pass(&engine).await {
            tracing::warn!(%why, "registries and engines could not be looked after");
        }
        if let Err(why) = engine.logs.tidy().await {
            tracing::warn!(%why, "logs could not be tidied");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

async fn pass(engine: &Engine) -> Result<(), Error> {
    let registries = registry::Entity::find().all(&engine.db).await?;
    join_all(registries.iter().map(|row| ask_registry(engine, row.id))).await;
    let engines = build_engine::Entity::find().all(&engine.db).await?;
    join_all(engines.iter().map(|row| ask_engine(engine, row.id))).await;
    engine.workers.builds.notify_one();
    Ok(())
}

async fn ask_registry(engine: &Engine, id: i64) {
    match engine.registry_entry(id).await {
        Ok(entry) => {
            let answer = entry.observe(entry.client.check().await);
            tracing::debug!(registry = entry.row.name, ok = answer.is_ok(), "asked");
        }
        Err(why) => tracing::warn!(%why, "a registry cannot be used"),
    }
}

async fn ask_engine(engine: &Engine, id: i64) {
    match engine.engine_entry(id).await {
        Ok(entry) => {
            let answer = entry.check().await;
            tracing::debug!(engine = entry.row.name, ok = answer.is_ok(), "asked");
        }
        Err(why) => tracing::warn!(%why, "a build engine cannot be used"),
    }
}
