//! Build runs: started, listed, waited for, cancelled.

mod cancel;
mod insert;
mod newest;
mod references;
mod start;
mod try_step;
mod wire;

pub(crate) use insert::{NewRow, Origin, Prepared, insert};
pub(crate) use newest::runs_of;

use super::{PageRequest, Result, audit, builds, page};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    build as flow,
    bus::Change,
    store::{self, build, build_run, build_step, write_tx},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::time::Duration;
use types::{
    Name, Page,
    build::{Build, TagRule},
    build_run::{BuildRun, BuildRunPatch, BuildRunStatus},
    version::BuildParams,
};
use uuid::Uuid;

/// Characters of a note.
pub(crate) const NOTE_MAX: usize = 1000;

impl Engine {
    /// Newest first.
    pub async fn build_runs(&self, who: &Principal, name: &Name, page: PageRequest) -> Result<Page<BuildRun>> {
        let row = self.build_row(who, Verb::Read, name).await?;
        let limit = page::limit(&page)?;
        let mut query = runs_of(row.id).order_by_desc(build_run::Column::Number).limit(limit as u64 + 1);
        if let Some(cursor) = &page.cursor {
            let before: i32 = cursor.parse().map_err(|_| page::wrong_cursor())?;
            query = query.filter(build_run::COLUMN.number.lt(before));
        }
        let mut rows = query.all(&self.db).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.number.to_string());
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(self.build_run_wire(row).await?);
        }
        Ok(Page { items, next_cursor })
    }

    pub async fn build_run(&self, who: &Principal, name: &Name, number: u32) -> Result<BuildRun> {
        let row = self.build_run_row(who, Verb::Read, name, number).await?;
        self.build_run_wire(row).await
    }

    /// The flow that a run ran, as it was then.
    pub async fn build_run_flow(&self, who: &Principal, name: &Name, number: u32) -> Result<Build> {
        let row = self.build_run_row(who, Verb::Read, name, number).await?;
        let then: Build = store::read(&row.flow)?;
        Ok(Build { steps: flow::shown(&then.steps), ..then })
    }

    /// The run when it has ended, or as it is when the time is up.
    pub async fn wait_for_build_run(
        &self,
        who: &Principal,
        name: &Name,
        number: u32,
        timeout: Duration,
    ) -> Result<BuildRun> {
        let id = self.build_run_row(who, Verb::Read, name, number).await?.id;
        let mut changes = self.bus.listen();
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            let run = self.build_run_by_id(id).await?;
            if run.status.is_final() {
                return Ok(run);
            }
            let ours = |change: Change| matches!(change, Change::BuildRun { id: changed, .. } if changed == id);
            if !super::feed::changed_before(&mut changes, deadline, &self.stop, ours).await {
                return self.build_run_by_id(id).await;
            }
        }
    }

    /// Sets a note, or that the run must not be deployed.
    pub async fn patch_build_run(
        &self,
        who: &Principal,
        name: &Name,
        number: u32,
        patch: BuildRunPatch,
    ) -> Result<BuildRun> {
        let row = self.build_run_row(who, Verb::Build, name, number).await?;
        let BuildRunPatch { note, rejected } = patch;
        check_note(note.as_deref())?;
        // An empty note takes it away.
        let note = note.map_or_else(|| row.note.clone(), |note| Some(note).filter(|note| !note.trim().is_empty()));
        let change = build_run::ActiveModel {
            id: Set(row.id),
            note: Set(note),
            rejected: Set(rejected.unwrap_or(row.rejected)),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        let changed = build_run::Entity::update(change).exec(&tx).await?;
        let thing = format!("builds/{name}/runs/{number}");
        audit::record(&tx, who, audit::Entry { action: "build_run.mark", thing, from: None, to: None }).await?;
        tx.commit().await?;
        crate::build::tell(self, &changed);
        self.build_run_wire(changed).await
    }

    /// Deletes a run that has ended and that nobody uses, with its log; the image stays.
    pub async fn delete_build_run(&self, who: &Principal, name: &Name, number: u32) -> Result<()> {
        let row = self.build_run_row(who, Verb::Manage, name, number).await?;
        let mut users = self.users_of(&row).await?;
        if !status_of(&row.status)?.is_final() {
            users.push("itself: it has not ended".to_owned());
        }
        users.extend(self.open_items_of_build_run(row.id).await?);
        if !users.is_empty() {
            return Err(Error::InUse { what: format!("Build run {number} of {name}"), users });
        }
        let tx = write_tx(&self.db).await?;
        remove_all(&tx, &[row.id]).await?;
        let thing = format!("builds/{name}/runs/{number}");
        audit::record(
            &tx,
            who,
            audit::Entry { action: "build_run.delete", thing, from: row.tag.map(Into::into), to: None },
        )
        .await?;
        tx.commit().await?;
        self.logs.delete(row.id).await.map_err(|why| Error::Internal(why.to_string()))?;
        self.bus.tell(Change::BuildRun { id: row.id, build_id: row.build_id });
        Ok(())
    }

    pub(crate) async fn build_run_row(
        &self,
        who: &Principal,
        verb: Verb,
        name: &Name,
        number: u32,
    ) -> Result<build_run::Model> {
        let build = self.build_row(who, verb, name).await?;
        let row = build_run::Entity::find()
            .filter(build_run::COLUMN.build_id.eq(build.id))
            .filter(build_run::COLUMN.number.eq(i32::try_from(number).unwrap_or(-1)))
            .one(&self.db)
            .await?;
        row.ok_or_else(|| Error::NotFound(format!("run {number} of build {name}")))
    }
}

/// Removes runs with their steps; their logs go when this is committed.
pub(crate) async fn remove_all<C: ConnectionTrait>(tx: &C, ids: &[Uuid]) -> Result<()> {
    build_step::Entity::delete_many().filter(build_step::COLUMN.build_run_id.is_in(ids.to_vec())).exec(tx).await?;
    build_run::Entity::delete_many().filter(build_run::COLUMN.id.is_in(ids.to_vec())).exec(tx).await?;
    Ok(())
}

/// A stored word of state.
pub(crate) fn status_of(word: &str) -> Result<BuildRunStatus> {
    store::read(&word.into())
}

pub(crate) fn check_note(note: Option<&str>) -> Result<()> {
    if note.is_none_or(|note| note.chars().count() <= NOTE_MAX) {
        return Ok(());
    }
    Err(Error::field("note", format!("must be at most {NOTE_MAX} characters")))
}

/// Refuses a reference and build arguments that could not be used.
pub(crate) fn check_params(params: &BuildParams) -> Result<()> {
    if let Some(reference) = &params.reference {
        crate::git::GitReference::parse(reference).map_err(|why| Error::field("reference", why))?;
    }
    flow::check_run_args(&params.build_args)
}

/// Whether each run of this build needs a tag typed by a person.
pub(crate) fn tag_typed(row: &build::Model) -> Result<bool> {
    Ok(builds::tag_rule(row)? == TagRule::Typed {})
}
