//! One step, tried in a work space that is thrown away.

use super::super::{Idempotency, Result, Started, idempotency};
use super::{Origin, Prepared, check_params, newest::tries_of, remove_all, start::Wanted, status_of};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    build as flow,
    store::{build, build_run, write_tx},
};
use sea_orm::QueryOrder;
use types::{
    FieldError, Name,
    build::{Param, Step},
    build_run::{BuildRun, TryStep},
    version::BuildParams,
};

/// What is said of a parameter that a try names and nobody gives.
const NEEDED: &str = "is needed by this step: it has no default";

/// Tries of a build that are kept, with their logs.
const TRIES_KEPT: usize = 10;

impl Engine {
    /// Runs one step of a build, which need not be stored; nothing is pushed, and the build's history does not show it.
    pub async fn try_step(
        &self,
        who: &Principal,
        name: &Name,
        new: TryStep,
        key: Option<Idempotency>,
    ) -> Result<Started<BuildRun>> {
        let row = self.build_row(who, Verb::Manage, name).await?;
        if let Some(earlier) = idempotency::earlier(&self.db, who, key.as_ref()).await? {
            return self.replayed_build_run(&earlier).await;
        }
        let TryStep { step, with_source, reference, params } = new;
        let params = BuildParams { reference, params, ..BuildParams::default() };
        check_params(&params)?;
        let prepared = self.prepare_try(&row, step, with_source, &params).await?;
        let (note, overwrite, origin) = (None, false, Origin::Try);
        let wanted = Wanted { prepared, params, note, overwrite, origin };
        let started = self.accept_build_run(who, &row, wanted, key).await?;
        if let Err(why) = self.forget_tries(row.id).await {
            tracing::warn!(%why, build = row.name, "old tries were not removed");
        }
        Ok(started)
    }

    async fn prepare_try(
        &self,
        row: &build::Model,
        mut step: Step,
        with_source: bool,
        given: &BuildParams,
    ) -> Result<Prepared> {
        let mut prepared = self.prepare_build_run(row).await?;
        let stored = std::mem::take(&mut prepared.flow.steps);
        let is_source = |source: &&Step| {
            with_source && matches!(source, Step::Git(_)) && source.enabled() && source.name() != step.name()
        };
        let before: Vec<Step> = stored.iter().filter(is_source).cloned().collect();
        let secrets = self.secret_names(Some(row.id)).await?;
        flow::check_try(&prepared.flow, &before, &step, &secrets)?;
        let is_open = |name: &String, param: &Param| param.default.is_none() && !given.params.contains_key(name);
        let open: Vec<String> =
            prepared.flow.params.extract_if(.., |name, param| is_open(name, param)).map(|(name, _)| name).collect();
        if flow::check_try(&prepared.flow, &before, &step, &secrets).is_err() {
            let needed = |name| FieldError { path: format!("params.{name}"), message: NEEDED.to_owned() };
            return Err(Error::Invalid(open.into_iter().map(needed).collect()));
        }
        step = flow::seal_one(&self.secrets, &row.name, &step, &stored, "step")?;
        step.set_enabled(true);
        prepared.flow.steps = before.into_iter().chain([step]).collect();
        Ok(prepared)
    }

    async fn forget_tries(&self, build_id: i64) -> Result<()> {
        let tries = tries_of(build_id).order_by_desc(build_run::Column::Number).all(&self.db).await?;
        let mut ended = Vec::new();
        for row in tries.into_iter().skip(TRIES_KEPT) {
            if status_of(&row.status)?.is_final() {
                ended.push(row.id);
            }
        }
        if ended.is_empty() {
            return Ok(());
        }
        let tx = write_tx(&self.db).await?;
        remove_all(&tx, &ended).await?;
        tx.commit().await?;
        for id in ended {
            self.logs.delete(id).await.map_err(|why| Error::Internal(why.to_string()))?;
        }
        Ok(())
    }
}
