//! Build runs that are stopped.

use super::super::{Result, audit};
use super::status_of;
use crate::{Engine, Error, Principal, auth::Verb, build as flow, state::build_run::Event};
use types::{
    ErrorCode, Name,
    build_run::{BuildRun, BuildRunStatus},
};
use uuid::Uuid;

impl Engine {
    /// Stops a run; one that has ended is refused.
    pub async fn cancel_build_run(&self, who: &Principal, name: &Name, number: u32) -> Result<BuildRun> {
        let row = self.build_run_row(who, Verb::Build, name, number).await?;
        if status_of(&row.status)?.is_final() {
            let words = format!("Build run {number} of {name} has ended already: {}.", row.status);
            return Err(Error::refused(ErrorCode::Settled, words));
        }
        let thing = format!("builds/{name}/runs/{number}");
        audit::record(&self.db, who, audit::Entry { action: "build_run.cancel", thing, from: None, to: None }).await?;
        self.request_build_cancel(row.id).await?;
        self.build_run_by_id(row.id).await
    }

    /// Moves a run towards its cancelled end and wakes what runs it.
    pub(crate) async fn request_build_cancel(&self, id: Uuid) -> Result<()> {
        let ending = flow::Ending { event: Event::Cancel, failure: None, reason: None, made: None };
        let status = flow::finish(self, id, flow::By::Anybody, ending).await?;
        if status == BuildRunStatus::Canceled
            && let Err(why) = self.close_log_of_unstarted(id, status).await
        {
            tracing::warn!(%why, "the log of a cancelled run was not closed");
        }
        self.workers.cancel_build(id);
        Ok(())
    }

    async fn close_log_of_unstarted(&self, id: Uuid, status: BuildRunStatus) -> Result<()> {
        let failed = |why: crate::logs::LogError| Error::Internal(why.to_string());
        let writer = self.logs.open_writer(id, crate::logs::Masker::default()).await.map_err(failed)?;
        writer.close(status.as_str()).await.map_err(failed)?;
        Ok(())
    }
}
