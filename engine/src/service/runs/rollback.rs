//! Rollback: one task to any version that its history has, past everything that waits.

use super::super::{
    Idempotency, PageRequest, Result, Started, history,
    history::record::Place,
    idempotency, page,
    plans::{Intent, Wanted},
};
use super::recorded::Recorded;
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    registry::DigestSet,
    service::{maps::check_deadline, tasks::Asking},
    store::{self, history as rows, service_map},
};
use std::collections::HashSet;
use types::{
    Image, Name, Page, TaskId,
    history::{Candidate, NewRollback, RollbackTo},
    run::{OnBlocked, OnFailure, Run, RunKind},
};

impl Engine {
    /// Takes one task back to a recorded version.
    pub async fn roll_back(
        &self,
        who: &Principal,
        map: &Name,
        task: &TaskId,
        new: NewRollback,
        key: Option<Idempotency>,
    ) -> Result<Started<Run>> {
        let NewRollback { to, hold, note, deadline_ms } = new;
        let row = self.map_row(who, Verb::Rollback, map).await?;
        if let Some(earlier) = idempotency::earlier(&self.db, who, key.as_ref()).await? {
            return self.replayed_run(&earlier).await;
        }
        check_deadline(deadline_ms)?;
        let target = self.recorded_version(&row, task, &to).await?;
        let name = target.image.tag.clone().unwrap_or_else(|| target.image.image.clone());
        let held = hold.unwrap_or(true);
        let wanted = Wanted { deadline_ms, ..at_the_head(target, task) };
        let intent = Intent { hold: held.then(|| format!("rolled back to {name}")), ..intent(vec![wanted], note) };
        let planned = self.plan_of(who, self.scene_to_plan(&row).await?, intent).await?;
        self.accept_run(who, &row, planned, key).await
    }

    /// The versions that a task could go back to, newest first, each checked now.
    pub async fn rollback_candidates(
        &self,
        who: &Principal,
        map: &Name,
        task: &TaskId,
        page: PageRequest,
    ) -> Result<Page<Candidate>> {
        let row = self.map_row(who, Verb::Read, map).await?;
        let limit = page::limit(&page)?;
        let mut entries = self.entries_of(&row, task).await?;
        let now = entries.first().filter(|entry| entry.until_at.is_none()).cloned();
        let mut seen: HashSet<String> = now.iter().map(identity).collect::<Result<_>>()?;
        let mut kept = Vec::new();
        for entry in entries.drain(..) {
            if seen.insert(identity(&entry)?) && kept.len() < limit {
                kept.push(entry);
            }
        }
        let recorded = |entry: &rows::Model| Ok(at_the_head(read(entry)?, task));
        let wanted = kept.iter().map(recorded).collect::<Result<Vec<_>>>()?;
        let planned = self.plan_of(who, self.scene_to_plan(&row).await?, intent(wanted, None)).await?;
        let entries = self.history_wire(kept).await?;
        let candidate = |(entry, shown): (_, types::plan::PlanItem)| Candidate {
            entry,
            runnable: shown.runnable,
            blocked_by: shown.blocked_by,
            warnings: shown.warnings,
        };
        Ok(Page::whole(entries.into_iter().zip(planned.plan.items).map(candidate).collect()))
    }

    async fn recorded_version(&self, map: &service_map::Model, task: &TaskId, to: &RollbackTo) -> Result<Recorded> {
        for entry in self.entries_of(map, task).await? {
            let fits = match to {
                RollbackTo::Run(run) => entry.run_id == Some(*run),
                RollbackTo::Digest(digest) => {
                    let recorded = read(&entry)?;
                    recorded.image.digest.as_ref() == Some(digest) || recorded.digests.contains(digest)
                }
            };
            if fits {
                return read(&entry);
            }
        }
        let (path, words) = match to {
            RollbackTo::Run(_) => ("to.run", "did not set this container's image"),
            RollbackTo::Digest(_) => ("to.digest", "is not in the history of this container"),
        };
        Err(Error::field(path, words))
    }

    /// Newest first.
    async fn entries_of(&self, map: &service_map::Model, task: &TaskId) -> Result<Vec<rows::Model>> {
        let place = Place {
            cluster_id: map.cluster_id,
            namespace: &map.namespace,
            kind: task.kind.as_str(),
            workload: &task.workload,
            container: &task.container,
        };
        history::entries(&self.db, place).await
    }
}

fn intent(wanted: Vec<Wanted>, note: Option<String>) -> Intent {
    Intent {
        kind: RunKind::Rollback,
        of: None,
        wanted,
        on_failure: OnFailure::Stop,
        on_blocked: OnBlocked::Refuse,
        note,
        plan_hash: None,
        override_hold: None,
        hold: None,
    }
}

fn at_the_head(target: Recorded, task: &TaskId) -> Wanted {
    let back = target.back(task.clone());
    Wanted { asking: Asking { at_the_head: true, ..back.asking }, ..back }
}

fn read(entry: &rows::Model) -> Result<Recorded> {
    let digests: DigestSet = store::read(&entry.digest_set)?;
    Ok(Recorded { image: store::read(&entry.image)?, digests })
}

/// Two entries of the same content are one candidate.
fn identity(entry: &rows::Model) -> Result<String> {
    let image: Image = store::read(&entry.image)?;
    Ok(image.digest.map_or(image.image, |digest| digest.to_string()))
}
