//! New build runs: of a build's own flow, of the flow of an earlier run, of steps given for one run.

use super::super::{Idempotency, Result, Started, audit, idempotency};
use super::{NewRow, Origin, Prepared, check_note, check_params, insert, newest::runs_of};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    build as flow,
    store::{self, build, build_run, write_tx},
};
use sea_orm::QueryFilter;
use types::{
    Name,
    build::{Build, Step},
    build_run::{BuildRun, BuildRunStatus, NewBuildRun},
    version::BuildParams,
};
use uuid::Uuid;

/// A run that is wanted, as far as it is known before its transaction.
pub(super) struct Wanted {
    pub(super) prepared: Prepared,
    pub(super) params: BuildParams,
    pub(super) note: Option<String>,
    pub(super) overwrite: bool,
    pub(super) origin: Origin,
}

impl Engine {
    pub async fn start_build_run(
        &self,
        who: &Principal,
        name: &Name,
        new: NewBuildRun,
        key: Option<Idempotency>,
    ) -> Result<Started<BuildRun>> {
        let verb = if new.steps.is_some() { Verb::Manage } else { Verb::Build };
        let row = self.build_row(who, verb, name).await?;
        if let Some(earlier) = idempotency::earlier(&self.db, who, key.as_ref()).await? {
            return self.replayed_build_run(&earlier).await;
        }
        let wanted = self.wanted_run(&row, new).await?;
        self.accept_build_run(who, &row, wanted, key).await
    }

    async fn wanted_run(&self, row: &build::Model, new: NewBuildRun) -> Result<Wanted> {
        let NewBuildRun { tag, reference, build_args, no_cache, params, note, overwrite, repeat_of, steps } = new;
        check_note(note.as_deref())?;
        let mut params = BuildParams { reference, tag, build_args, no_cache, params };
        let mut prepared = self.prepare_build_run(row).await?;
        let edited = steps.is_some();
        if let Some(number) = repeat_of {
            let earlier = earlier_run(self, row, number).await?;
            params = again(params, &earlier, !edited)?;
            // Where it goes and how it is tagged is the build's; what is run is that of the earlier run.
            let Build { steps, params: of_build, time_limit_ms, .. } = store::read(&earlier.flow)?;
            prepared.flow = Build { steps, params: of_build, time_limit_ms, ..prepared.flow };
        }
        if let Some(steps) = steps {
            prepared.flow.steps = self.given_steps(row, &prepared.flow, steps).await?;
        }
        check_params(&params)?;
        let origin = match repeat_of.and_then(|number| i32::try_from(number).ok()) {
            Some(of) => Origin::Repeat { of, edited },
            None if edited => Origin::Edited,
            None => Origin::Build,
        };
        Ok(Wanted { prepared, params, note, overwrite, origin })
    }

    /// Steps given for one run, checked as those of a build are; hidden passwords are those of the flow they replace.
    async fn given_steps(&self, row: &build::Model, flow: &Build, steps: Vec<Step>) -> Result<Vec<Step>> {
        let given = Build { steps, ..flow.clone() };
        self.check_build(&given, Some(row.id)).await?;
        flow::seal(&self.secrets, &row.name, &given.steps, &flow.steps)
    }

    /// Takes a run in, with its tag, its number, its steps, its log and the key of the call, or not at all.
    pub(super) async fn accept_build_run(
        &self,
        who: &Principal,
        row: &build::Model,
        wanted: Wanted,
        key: Option<Idempotency>,
    ) -> Result<Started<BuildRun>> {
        let Wanted { prepared, params, note, overwrite, origin } = wanted;
        let tx = write_tx(&self.db).await?;
        if let Some(earlier) = idempotency::earlier(&tx, who, key.as_ref()).await? {
            drop(tx);
            return self.replayed_build_run(&earlier).await;
        }
        let action = if origin == Origin::Try { "build_run.try" } else { "build_run.start" };
        let requested_by = who.actor();
        let new = NewRow { build: row, prepared: &prepared, params, note, overwrite, requested_by, origin };
        let run = insert(&tx, new).await?;
        idempotency::remember(&tx, who, key.as_ref(), run.id.to_string()).await?;
        let thing = format!("builds/{}/runs/{}", row.name, run.number);
        let to = run.tag.clone().map(Into::into);
        audit::record(&tx, who, audit::Entry { action, thing, from: None, to }).await?;
        tx.commit().await?;
        flow::tell(self, &run);
        Ok(Started { value: self.build_run_wire(run).await?, replayed: false })
    }

    pub(super) async fn replayed_build_run(&self, id: &str) -> Result<Started<BuildRun>> {
        let id = Uuid::parse_str(id).map_err(|why| Error::Internal(why.to_string()))?;
        Ok(Started { value: self.build_run_by_id(id).await?, replayed: true })
    }

    /// What a new run needs to know before its transaction: the tags that the registry already has.
    pub(crate) async fn prepare_build_run(&self, row: &build::Model) -> Result<Prepared> {
        let entry = self.registry_entry(row.registry_id).await?;
        let image = self.image_of(row).await?;
        // A registry that is down does not keep a run from being queued: the push will tell.
        let tags = entry.observe(entry.client.tags(&row.repository).await).unwrap_or_default();
        let flow = Build { steps: store::read(&row.steps)?, ..self.build_wire(row).await? };
        let engine_name = flow.engine.clone();
        Ok(Prepared { in_registry: tags.into_iter().collect(), image, flow, engine_name })
    }
}

async fn earlier_run(engine: &Engine, row: &build::Model, number: u32) -> Result<build_run::Model> {
    let number = i32::try_from(number).unwrap_or(-1);
    let found = runs_of(row.id).filter(build_run::COLUMN.number.eq(number)).one(&engine.db).await?;
    found.ok_or_else(|| Error::field("repeat_of", "is not a run of this build"))
}

/// The parameters of a run once more. What is given counts more; without edited steps its very commit is built again.
fn again(given: BuildParams, earlier: &build_run::Model, at_its_commit: bool) -> Result<BuildParams> {
    let then: BuildParams = store::read(&earlier.params)?;
    let commit = earlier.commit.clone().filter(|_| at_its_commit);
    // A tag is free again when the run that took it came to nothing.
    let freed = [BuildRunStatus::Failed, BuildRunStatus::Canceled].map(BuildRunStatus::as_str);
    let tag = then.tag.filter(|_| freed.contains(&earlier.status.as_str()));
    Ok(BuildParams {
        reference: given.reference.or(commit).or(then.reference),
        tag: given.tag.or(tag),
        build_args: then.build_args.into_iter().chain(given.build_args).collect(),
        no_cache: given.no_cache || then.no_cache,
        params: then.params.into_iter().chain(given.params).collect(),
    })
}
