//! Retry: what did not succeed is planned anew, with the digests and build runs that there are already.

use super::super::{
    Idempotency, Result, Started, idempotency,
    plans::{Aim, Intent, Wanted},
    task_settings, tasks,
};
use super::{
    item_status,
    recorded::{Recorded, Settled},
    wire::task_of,
};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    image::ImageRef,
    service::{build_runs::status_of, tasks::Asking},
    state::{hold, item::SAME_VERSION},
    store::{self, build_run, run_item, service_map},
};
use sea_orm::EntityTrait;
use types::{
    Digest, ErrorCode, Image,
    build_run::BuildRunStatus,
    history::RetryRun,
    run::{ItemStatus, OnBlocked, OnFailure, Run, RunKind},
};
use uuid::Uuid;

impl Engine {
    /// Retries a settled run by a new one.
    pub async fn retry_run(
        &self,
        who: &Principal,
        id: Uuid,
        retry: RetryRun,
        key: Option<Idempotency>,
    ) -> Result<Started<Run>> {
        let verb = verb_of(&self.run_row(who, Verb::Read, id).await?.kind);
        self.run_row(who, verb, id).await?;
        if let Some(earlier) = idempotency::earlier(&self.db, who, key.as_ref()).await? {
            return self.replayed_run(&earlier).await;
        }
        let Settled { run, map, items } = self.settled_run(who, verb, id).await?;
        let on_failure: OnFailure = store::read(&run.on_failure.as_str().into())?;
        if on_failure == OnFailure::Undo {
            who.need(Verb::Rollback, &On::Map(super::super::stored_name(&run.map_name)?), &format!("run {id}"))?;
        }
        let mut wanted = Vec::new();
        for row in items {
            if did_not_succeed(&row)? {
                wanted.push(self.again(&map, &row, verb).await?);
            }
        }
        if wanted.is_empty() {
            return Err(Error::refused(ErrorCode::NothingToDo, "Every item of the run has succeeded."));
        }
        let intent = Intent {
            kind: RunKind::Retry,
            of: Some(run.id),
            wanted,
            on_failure,
            on_blocked: OnBlocked::Refuse,
            note: retry.note.or(run.note),
            plan_hash: None,
            override_hold: None,
            hold: None,
        };
        let planned = self.plan_of(who, self.scene_to_plan(&map).await?, intent).await?;
        self.accept_run(who, &map, planned, key).await
    }

    /// The same once more: to the image that was planned or made, or through a new build where none was.
    async fn again(&self, map: &service_map::Model, row: &run_item::Model, verb: Verb) -> Result<Wanted> {
        let version: types::Version = store::read(&row.version)?;
        let hold = match hold::Rule::stored(&row.hold_rule)? {
            hold::Rule::Passes => hold::Rule::Passes,
            hold::Rule::Automatic => hold::Rule::Automatic,
            // The reason was given for another run.
            hold::Rule::Explicit | hold::Rule::Overrides => hold::Rule::Explicit,
        };
        let mut again = Wanted {
            wave: u32::try_from(row.wave).unwrap_or(1),
            deadline_ms: u64::try_from(row.deadline_ms).ok(),
            asking: Asking { hold, at_the_head: false, recorded: false, verb },
            ..Wanted::new(task_of(row)?, version)
        };
        if row.restart {
            return Ok(again);
        }
        let planned = Recorded::read(row.to_image.as_ref(), row.digest_set.as_ref())?;
        let known = match planned {
            Some(planned) => Some(planned),
            None => self.made_for(map, row).await?,
        };
        if let Some(Recorded { image, digests }) = known {
            again.aim = Aim::Recorded { image, digests };
            again.asking.recorded = true;
        }
        Ok(again)
    }

    /// What the build run of an item made, if it has succeeded since.
    async fn made_for(&self, map: &service_map::Model, row: &run_item::Model) -> Result<Option<Recorded>> {
        let Some(id) = row.build_run_id else { return Ok(None) };
        let Some(build) = build_run::Entity::find_by_id(id).one(&self.db).await? else { return Ok(None) };
        let digest = build.digest.as_deref().and_then(|digest| Digest::parse(digest).ok());
        let Some(digest) = digest.filter(|_| status_of(&build.status).is_ok_and(is_success)) else { return Ok(None) };
        let from: Option<Image> = row.from_image.as_ref().map(store::read).transpose()?;
        let Some(from) = from.and_then(|from| ImageRef::parse(&from.image).ok()) else { return Ok(None) };
        let form = task_settings::form(&self.db, map, &task_of(row)?).await?;
        let image = Image {
            image: tasks::write(&from.written, build.tag.as_deref(), Some(&digest), form),
            repository: from.repository.to_string(),
            tag: build.tag,
            digest: Some(digest.clone()),
        };
        Ok(Some(Recorded { image, digests: std::iter::once(digest).collect() }))
    }
}

fn is_success(status: BuildRunStatus) -> bool {
    status == BuildRunStatus::Succeeded
}

/// A way back needs the same scope again.
fn verb_of(kind: &str) -> Verb {
    let way_back = [RunKind::Rollback, RunKind::Undo].iter().any(|known| known.as_str() == kind);
    if way_back { Verb::Rollback } else { Verb::Deploy }
}

fn did_not_succeed(row: &run_item::Model) -> Result<bool> {
    Ok(match item_status(&row.status)? {
        ItemStatus::Failed | ItemStatus::Canceled => true,
        ItemStatus::Skipped => row.reason.as_deref() != Some(SAME_VERSION),
        ItemStatus::Queued
        | ItemStatus::Building
        | ItemStatus::Applying
        | ItemStatus::Rolling
        | ItemStatus::Undoing
        | ItemStatus::Succeeded
        | ItemStatus::Superseded
        | ItemStatus::Undone => false,
    })
}
