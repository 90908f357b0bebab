//! What a request asks for, task by task: items, containers of a repository, or the batch of all that can run.

use super::{Aim, Intent, Wanted};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    image::{ImageRef, Repository},
    kube::WorkloadView,
    service::{
        Result,
        holds::check_reason,
        maps::check_deadline,
        tasks::{Asking, Recalls, Scene, counts, tasks},
    },
    state::{hold, source},
    store::build_run,
};
use sea_orm::QueryFilter;
use std::{collections::HashSet, sync::Arc};
use types::{
    Digest, TaskId, Version,
    run::{NewItem, NewRun, OnFailure, RunKind},
};

/// Items of a run.
const ITEMS_MAX: usize = 500;
/// Waves of a run.
pub(super) const WAVE_MAX: u32 = 99;

impl Engine {
    /// What a body of `POST /maps/{map}/runs` asks for.
    pub(super) fn intent(&self, who: &Principal, scene: &Scene, new: &NewRun) -> Result<Intent> {
        let on = On::Map(scene.name.clone());
        if new.on_failure == OnFailure::Undo {
            who.need(Verb::Rollback, &on, &format!("service map {}", scene.name))?;
        }
        if let Some(reason) = &new.override_hold {
            check_reason("override_hold", reason)?;
            who.need(Verb::Rollback, &on, &format!("service map {}", scene.name))?;
        }
        Ok(Intent {
            kind: RunKind::Deploy,
            of: None,
            wanted: self.wanted(who, scene, new)?,
            on_failure: new.on_failure,
            on_blocked: new.on_blocked,
            note: new.note.clone(),
            plan_hash: new.plan_hash.clone(),
            override_hold: new.override_hold.clone(),
            hold: None,
        })
    }

    /// The tasks that a request names.
    fn wanted(&self, who: &Principal, scene: &Scene, new: &NewRun) -> Result<Vec<Wanted>> {
        match (&new.items, new.batch) {
            (Some(items), None | Some(false)) => {
                if items.is_empty() || items.len() > ITEMS_MAX {
                    let words = format!("must be 1 to {ITEMS_MAX} items, found {}", items.len());
                    return Err(Error::field("items", words));
                }
                let mut wanted = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    wanted.extend(wanted_by(scene, at, item, new.override_hold.is_some())?);
                }
                let mut seen = HashSet::new();
                match wanted.iter().find(|wanted| !seen.insert(wanted.task.clone())) {
                    Some(twice) => Err(Error::field("items", format!("{} stands in it twice", twice.task))),
                    None => Ok(wanted),
                }
            }
            (None, Some(true)) => Ok(self.batch(who, scene)),
            _ => Err(Error::field("items", "exactly one of items and batch is needed")),
        }
    }

    fn batch(&self, who: &Principal, scene: &Scene) -> Vec<Wanted> {
        let (recall, tags) = (self.recall(scene), self.recall_tags(scene));
        let all = tasks(scene, who, Recalls { recall: &recall, tags: &tags })
            .workloads
            .into_iter()
            .flat_map(|workload| workload.tasks);
        all.filter(counts)
            .filter_map(|task| {
                let version = task.selection?.version?;
                let asking = Asking { hold: in_batch(&version), ..Asking::of(Some(&version)) };
                let seen = seen_by(scene, &task.id, &version);
                Some(Wanted { asking, seen, ..Wanted::new(task.id, version) })
            })
            .collect()
    }

    /// Reads the build runs that items appoint.
    pub(super) async fn appoint(&self, scene: &mut Scene, wanted: &[Wanted]) -> Result<()> {
        let numbers: Vec<i32> = wanted
            .iter()
            .filter_map(|wanted| match wanted.version {
                Version::BuildRun(number) => i32::try_from(number).ok(),
                Version::Tag(_) | Version::Digest(_) | Version::Latest(_) | Version::Build(_) | Version::Restart(_) => {
                    None
                }
            })
            .collect();
        let Scene { builds, workloads, .. } = scene;
        self.find_made(builds, workloads, wanted.iter().map(|wanted| &wanted.version)).await?;
        if numbers.is_empty() {
            return Ok(());
        }
        for build in &mut scene.builds {
            let rows = crate::service::build_runs::runs_of(build.row.id)
                .filter(build_run::COLUMN.number.is_in(numbers.clone()))
                .all(&self.db)
                .await?;
            build.appointed.extend(rows.into_iter().map(|row| (row.number, row)));
        }
        Ok(())
    }
}

impl Wanted {
    /// A version in the first wave, from whatever Slipway left there.
    pub(crate) fn new(task: TaskId, version: Version) -> Self {
        Self {
            task,
            wave: 1,
            deadline_ms: None,
            asking: Asking::of(Some(&version)),
            aim: Aim::Version,
            version,
            source: source::Rule::Ours,
            expects: None,
            seen: None,
        }
    }
}

/// Of a batch nobody named each version.
fn in_batch(version: &Version) -> hold::Rule {
    match version {
        Version::Latest(_) | Version::Build(_) => hold::Rule::Automatic,
        Version::Tag(_) | Version::Digest(_) | Version::BuildRun(_) | Version::Restart(_) => hold::Rule::Explicit,
    }
}

fn wanted_by(scene: &Scene, at: usize, item: &NewItem, overrides: bool) -> Result<Vec<Wanted>> {
    let NewItem { task, repository, version, wave, deadline_ms, seen } = item;
    let path = |name: &str| format!("items[{at}].{name}");
    let wave = wave.unwrap_or(1);
    if !(1..=WAVE_MAX).contains(&wave) {
        return Err(Error::field(path("wave"), format!("must be 1 to {WAVE_MAX}")));
    }
    check_deadline(*deadline_ms)
        .map_err(|_| Error::field(path("deadline_ms"), "must be 10000 to 86400000 (10 s to 24 h)"))?;
    let tasks = match (task, repository) {
        (Some(task), None) => vec![task.clone()],
        (None, Some(repository)) => {
            let wanted = Repository::parse(repository).map_err(|why| Error::field(path("repository"), why))?;
            let tasks = tasks_with(scene, &wanted);
            if tasks.is_empty() {
                return Err(Error::field(path("repository"), "no container of this map has an image of it"));
            }
            tasks
        }
        _ => return Err(Error::field(path("task"), "exactly one of task and repository is needed")),
    };
    let mut asking = Asking::of(Some(version));
    if overrides && asking.hold == hold::Rule::Explicit {
        asking.hold = hold::Rule::Overrides;
    }
    let deadline_ms = *deadline_ms;
    let wanted = |task: TaskId| {
        let seen = seen.clone().or_else(|| seen_by(scene, &task, version));
        Wanted { wave, deadline_ms, asking, seen, ..Wanted::new(task, version.clone()) }
    };
    Ok(tasks.into_iter().map(wanted).collect())
}

/// What a stored selection of this very version has seen.
fn seen_by(scene: &Scene, task: &TaskId, version: &Version) -> Option<Digest> {
    let chosen = scene.selections.get(&task.to_string()).filter(|chosen| chosen.version == *version)?;
    chosen.seen.clone()
}

fn tasks_with(scene: &Scene, repository: &Repository) -> Vec<TaskId> {
    let of = |workload: &Arc<WorkloadView>| {
        let with = workload
            .containers
            .iter()
            .filter(|container| ImageRef::parse(&container.image).is_ok_and(|image| image.repository == *repository));
        with.map(|container| TaskId {
            kind: workload.key.kind,
            workload: workload.key.name.clone(),
            container: container.name.clone(),
        })
        .collect::<Vec<_>>()
    };
    scene.workloads.iter().flat_map(|(workload, _)| of(workload)).collect()
}
