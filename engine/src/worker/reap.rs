//! Removes what build runs that are no more have left: containers and volumes in engines, folders here.
//!
//! What belongs to whom is told by labels and names alone, so that it does not matter how a run
//! ended: well, by a cancel that was not confirmed, or with a kill of Slipway.

use crate::{
    Engine, Error,
    docker::{DockerError, Living},
    store::{build, build_engine, build_run},
};
use sea_orm::{EntityTrait, QueryFilter, QuerySelect};
use std::{path::PathBuf, time::Duration};
use types::build_run::BuildRunStatus;
use uuid::Uuid;

/// How often it is looked for; what is left over costs disk, no more.
const EVERY: Duration = Duration::from_secs(60);

/// States in which a run may still use what it has.
const LIVING: [BuildRunStatus; 3] = [BuildRunStatus::Queued, BuildRunStatus::Running, BuildRunStatus::Canceling];

pub(super) async fn run(engine: Engine) {
    loop {
        if let Err(why) = pass(&engine).await {
            tracing::warn!(%why, "what dead runs left could not be looked for");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

async fn pass(engine: &Engine) -> Result<(), Error> {
    // Listed before the runs, so that a folder whose run is not among them has lost it.
    let folders = work_folders(engine).await?;
    let living = living(engine).await?;
    for folder in folders {
        let dead = folder.file_name().is_some_and(|name| !living.runs.contains(name.to_string_lossy().as_ref()));
        if dead && let Err(why) = tokio::fs::remove_dir_all(&folder).await {
            tracing::warn!(%why, folder = %folder.display(), "a work space was not removed");
        }
    }
    for row in build_engine::Entity::find().all(&engine.db).await? {
        if let Err(why) = of_engine(engine, &row, &living).await {
            tracing::debug!(%why, engine = row.name, "what dead runs left in an engine stays for now");
        }
    }
    Ok(())
}

async fn of_engine(engine: &Engine, row: &build_engine::Model, living: &Living) -> Result<(), DockerError> {
    let entry = engine.engine_entry(row.id).await.map_err(|why| DockerError::EngineRefused(why.to_string()))?;
    let reaped = entry.connection().await?.reap(living).await?;
    if reaped.containers + reaped.volumes + reaped.images > 0 {
        tracing::info!(
            engine = row.name,
            reaped.containers,
            reaped.volumes,
            reaped.images,
            "removed what dead runs left"
        );
    }
    Ok(())
}

/// Runs that have not ended, and builds that are there.
async fn living(engine: &Engine) -> Result<Living, Error> {
    let runs: Vec<Uuid> = build_run::Entity::find()
        .select_only()
        .column(build_run::Column::Id)
        .filter(build_run::COLUMN.status.is_in(LIVING.map(BuildRunStatus::as_str)))
        .into_tuple()
        .all(&engine.db)
        .await?;
    let builds: Vec<i64> =
        build::Entity::find().select_only().column(build::Column::Id).into_tuple().all(&engine.db).await?;
    Ok(Living { runs: runs.iter().map(Uuid::to_string).collect(), builds: builds.iter().map(i64::to_string).collect() })
}

/// Private folders of build runs; none if there never was one.
async fn work_folders(engine: &Engine) -> Result<Vec<PathBuf>, Error> {
    let work = engine.config.data_dir.join("work");
    let broken = |why: std::io::Error| Error::Internal(format!("{}: {why}", work.display()));
    let mut entries = match tokio::fs::read_dir(&work).await {
        Ok(entries) => entries,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(broken(why)),
    };
    let mut folders = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(broken)? {
        folders.push(entry.path());
    }
    Ok(folders)
}
