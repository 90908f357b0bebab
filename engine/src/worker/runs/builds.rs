//! Items that wait for a build run: they take what it made, or end with it.

use super::{View, turn::wait_for};
use crate::{
    Engine, Error,
    service::{build_runs::status_of, runs::task_of, task_settings},
    state::item::Event,
    store::{self, build_run, run, run_item},
    worker::item::{Move, move_item},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use types::{
    Digest, Image,
    build_run::{BuildFailure, BuildRunStatus},
    map::WrittenForm,
    run::{Cause, Evidence, Failure, ItemStatus, WaitKind},
};

impl View {
    /// Items whose build run has ended take what it made, or end with it.
    pub(super) async fn follow_builds(&self, engine: &Engine) -> Result<bool, Error> {
        let mut moved = false;
        for (row, _) in self.items.iter().filter(|(_, status)| *status == ItemStatus::Building) {
            let build = match row.build_run_id {
                Some(id) => build_run::Entity::find_by_id(id).one(&engine.db).await?,
                None => None,
            };
            let Some(build) = build else { continue };
            let step = match status_of(&build.status)? {
                BuildRunStatus::Succeeded => {
                    Move { columns: made(engine, &self.run, row, &build).await?, ..Move::by(Event::BuildSucceeded) }
                }
                BuildRunStatus::Failed => Move::failing(Event::BuildFailed, build_failure(engine, &build)),
                BuildRunStatus::Canceled => {
                    let words = format!("build {} #{} was cancelled", build.build_name, build.number);
                    Move::because(Event::BuildCanceled, words)
                }
                BuildRunStatus::Queued | BuildRunStatus::Running | BuildRunStatus::Canceling => {
                    wait_for(engine, row, WaitKind::Build, None, None).await?;
                    continue;
                }
            };
            moved |= move_item(engine, row.run_id, row.n, step).await?.is_some();
        }
        Ok(moved)
    }
}

/// What a succeeded build run gives to the item: the image it goes to.
async fn made(
    engine: &Engine,
    run: &run::Model,
    row: &run_item::Model,
    build: &build_run::Model,
) -> Result<run_item::ActiveModel, Error> {
    let broken = |what: &str| Error::Internal(format!("build run {} has no {what}", build.id));
    let digest =
        build.digest.as_deref().and_then(|digest| Digest::parse(digest).ok()).ok_or_else(|| broken("digest"))?;
    let from: Image = store::read(row.from_image.as_ref().ok_or_else(|| broken("source"))?)?;
    let written = crate::image::ImageRef::parse(&from.image).map_err(Error::Internal)?.written;
    let form = match engine.map_of_run(run).await? {
        Some(map) => task_settings::form(&engine.db, &map, &task_of(row)?).await?,
        None => WrittenForm::TagDigest,
    };
    let to = Image {
        image: crate::service::tasks::write(&written, build.tag.as_deref(), Some(&digest), form),
        repository: from.repository,
        tag: build.tag.clone(),
        digest: Some(digest.clone()),
    };
    let entry = engine.registry_entry(build.registry_id).await?;
    let path = crate::build::path_of(&build.repository);
    let resolved = entry.resolve(&path, &crate::registry::Reference::Digest(digest.clone())).await;
    let set = resolved.map(|resolved| resolved.digest_set).unwrap_or_else(|_| std::iter::once(digest).collect());
    Ok(run_item::ActiveModel {
        to_image: Set(Some(store::write(&to)?)),
        digest_set: Set(Some(store::write(&set)?)),
        ..Default::default()
    })
}

fn build_failure(engine: &Engine, build: &build_run::Model) -> Failure {
    let name = format!("build {} #{}", build.build_name, build.number);
    let known: Option<BuildFailure> = build.failure.as_ref().and_then(|failure| store::read(failure).ok());
    let words = known.map_or_else(|| "it failed".to_owned(), |failure| failure.message);
    let link = format!("{}/builds/{}/runs/{}/log", engine.config.url, build.build_name, build.number);
    Failure {
        code: Cause::BuildFailed,
        message: format!("The {name} failed: {words}"),
        evidence: vec![Evidence { kind: "build".to_owned(), name, text: link }],
        advice: Some("Read the build's log, mend what failed, and run it again.".to_owned()),
        at_deadline: false,
    }
}
