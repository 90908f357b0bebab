//! The scene of a map, as the page and REST show it.

use super::{
    decision::{Asking, Deciding, decision},
    newer::{RecallTags, newer},
    scene::{KnownBuild, OPEN, Scene},
    target::{Recall, Running, choose, running},
};
use crate::{
    Principal,
    kube::{ContainerView, PodView, WorkloadView},
    service::{holds, runs},
    state::runnable::Decision,
    store::{self, run_item},
};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use types::{
    Image, TaskId, Time, Version,
    plan::Action,
    run::{Failure, ItemStatus},
    task::{
        ClusterState, CurrentRun, Deployed, External, LastFailure, MapTasks, Selection, Task, TaskBuild, TaskType,
        Will, Workload, WorkloadStatus,
    },
    version::True,
};

/// What registries are known to have said.
#[derive(Clone, Copy)]
pub(crate) struct Recalls<'a> {
    pub(crate) recall: &'a Recall<'a>,
    pub(crate) tags: &'a RecallTags<'a>,
}

/// The page as data.
pub(crate) fn tasks(scene: &Scene, who: &Principal, recalls: Recalls<'_>) -> MapTasks {
    let workloads: Vec<Workload> =
        scene.workloads.iter().map(|(workload, pods)| workload_wire(scene, who, workload, pods, recalls)).collect();
    let runnable = workloads.iter().flat_map(|workload| &workload.tasks).filter(|task| counts(task)).count();
    MapTasks {
        map: scene.name.clone(),
        seq: seq_of(&workloads, &scene.cluster),
        cluster: scene.cluster.clone(),
        workloads,
        runnable_count: u32::try_from(runnable).unwrap_or(u32::MAX),
    }
}

/// The `seq` of what a reader has.
fn seq_of(workloads: &[Workload], cluster: &ClusterState) -> String {
    let text = serde_json::to_vec(&(workloads, cluster)).unwrap_or_default();
    Sha256::digest(&text).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// A batch takes every runnable task, but a restart only where it was chosen by somebody.
pub(crate) fn counts(task: &Task) -> bool {
    let explicit = task.selection.as_ref().is_some_and(|selection| selection.at.is_some());
    let restarts = !task.will.deploy && !task.will.build;
    task.runnable && (explicit || !restarts)
}

fn workload_wire(
    scene: &Scene,
    who: &Principal,
    workload: &WorkloadView,
    pods: &[Arc<PodView>],
    recalls: Recalls<'_>,
) -> Workload {
    let tasks = workload.containers.iter();
    let tasks = tasks.filter_map(|container| task_wire(scene, who, workload, pods, container, recalls)).collect();
    let (ready, replicas) = pods_of(workload).unzip();
    Workload {
        kind: workload.key.kind,
        name: workload.key.name.clone(),
        uid: workload.uid.clone(),
        status: workload.status,
        ready,
        replicas,
        managed_by: workload.managed_by.clone(),
        last_job: workload.last_job.clone(),
        tasks,
    }
}

/// How many pods stand ready, of how many; none for a CronJob. While a rollout goes on, the new ones
/// count; at all other times whatever serves does, of which revision it may be.
fn pods_of(workload: &WorkloadView) -> Option<(u32, u32)> {
    let counts = workload.replicas;
    let serving = (counts.ready.min(counts.wanted), counts.wanted);
    if workload.key.kind == types::WorkloadKind::CronJob {
        return None;
    }
    let progress = crate::kube::rollout::progress(workload, workload.generation);
    let rolling = workload.status == WorkloadStatus::Updating && progress.proof_none.is_none();
    Some(if rolling { (progress.ready, progress.replicas) } else { serving })
}

fn task_wire(
    scene: &Scene,
    who: &Principal,
    workload: &WorkloadView,
    pods: &[Arc<PodView>],
    container: &ContainerView,
    Recalls { recall, tags }: Recalls<'_>,
) -> Option<Task> {
    let running = running(workload, pods, container, recall)?;
    let id = TaskId { kind: workload.key.kind, workload: workload.key.name.clone(), container: container.name.clone() };
    let build = scene.build(&running.image.repository);
    let selection = selection(scene, &id, build);
    let version = selection.as_ref().and_then(|selection| selection.version.as_ref());
    let chosen = choose(&running.image, version, build, scene.form(&id), recall);
    let current = current_of(scene, &id);
    let tags = if build.is_none() { tags(&running.image.repository) } else { None };
    let (target, asking) = (&chosen.target, Asking::of(version));
    let seen = scene.selections.get(&id.to_string()).and_then(|chosen| chosen.seen.as_ref());
    let decision = decision(Deciding { scene, who, workload, container, running: &running, target, asking, seen });
    Some(Task {
        container: container.name.clone(),
        role: container.role,
        kind: if build.is_some() { TaskType::Built } else { TaskType::Common },
        deployed: deployed(&running),
        registry: scene.registry(&running.image.repository).and_then(|entry| types::Name::parse(&entry.row.name).ok()),
        target_tag: chosen.image.as_ref().and_then(|image| image.tag.clone()),
        will: will(&decision),
        runnable: decision.runnable(),
        current_run: current.map(|(item, by)| current_run(item, by)),
        last_failure: last_failure(scene, &id),
        hold: scene.holds.get(&id.to_string()).map(holds::wire),
        newer: newer(&running, build, tags.as_ref(), recall),
        external: scene
            .externals
            .get(&id.to_string())
            .filter(|known| known.image == container.image)
            .map(|known| External { by: known.by.clone(), at: known.at, from: known.from.clone() }),
        settings: scene.settings.get(&id.to_string()).cloned(),
        registry_checked_at: tags.map(|tags| tags.at),
        build: build.and_then(build_wire),
        selection,
        blocked_by: decision.blocked_by,
        warnings: decision.warnings,
        id,
    })
}

/// The stored selection, or the default: `latest` for built images, none for common ones.
fn selection(scene: &Scene, id: &TaskId, build: Option<&KnownBuild>) -> Option<Selection> {
    if let Some(stored) = scene.selections.get(&id.to_string()) {
        return Some(Selection {
            version: Some(stored.version.clone()),
            by: Some(stored.by.clone()),
            at: Some(Time::from_millis(stored.at)),
        });
    }
    build.map(|_| Selection { version: Some(Version::Latest(True)), by: None, at: None })
}

fn deployed(running: &Running) -> Deployed {
    let image = match (&running.image.tag, &running.image.digest) {
        (Some(tag), Some(digest)) => format!("{}:{tag}@{digest}", running.image.written),
        (Some(tag), None) => format!("{}:{tag}", running.image.written),
        (None, Some(digest)) => format!("{}@{digest}", running.image.written),
        (None, None) => running.image.written.clone(),
    };
    Deployed {
        image,
        repository: running.image.repository.to_string(),
        tag: running.image.tag.clone(),
        digest: running.digest.clone(),
        pods: running.pods,
        pods_proven: running.pods_proven,
        mixed: running.mixed,
    }
}

fn build_wire(build: &KnownBuild) -> Option<TaskBuild> {
    Some(TaskBuild {
        name: types::Name::parse(&build.row.name).ok()?,
        newest_run: build.newest.clone(),
        newest_success: build.success.clone(),
        usual_ms: build.usual_ms,
        tag_typed: build.tag_typed,
    })
}

fn will(decision: &Decision) -> Will {
    let runs = decision.runnable();
    match decision.action {
        Action::BuildDeploy => Will { build: runs, deploy: runs },
        Action::Deploy => Will { build: false, deploy: runs },
        Action::Restart | Action::None => Will::default(),
    }
}

fn is_open(item: &run_item::Model) -> bool {
    OPEN.iter().any(|status| status.as_str() == item.status)
}

/// The first item in the queue of this task.
fn current_of<'a>(scene: &'a Scene, id: &TaskId) -> Option<(&'a run_item::Model, &'a str)> {
    let found = scene.items_on(id).iter().find(|(item, _)| is_open(item) && item.container == id.container);
    found.map(|(item, by)| (item, by.as_str()))
}

fn current_run(item: &run_item::Model, by: &str) -> CurrentRun {
    let to = item.to_image.as_ref().and_then(|image| store::read::<Image>(image).ok());
    CurrentRun {
        run: item.run_id,
        item: u32::try_from(item.n).unwrap_or_default(),
        status: store::read(&item.status.as_str().into()).unwrap_or(ItemStatus::Queued),
        by: by.to_owned(),
        since: Time::from_millis(runs::created_ms(item.run_id)),
        to_tag: to.and_then(|image| image.tag),
        trouble: item.trouble.as_ref().and_then(|trouble| store::read(trouble).ok()),
    }
}

/// The failure of the newest item of a task.
fn last_failure(scene: &Scene, id: &TaskId) -> Option<LastFailure> {
    let (item, _) = scene.items_on(id).iter().rfind(|(item, _)| item.latest && item.container == id.container)?;
    let failure: Failure = store::read(item.failure.as_ref()?).ok()?;
    let tag = |image: &Option<sea_orm::JsonValue>| {
        image.as_ref().and_then(|image| store::read::<Image>(image).ok()).and_then(|image| image.tag)
    };
    Some(LastFailure {
        run: item.run_id,
        item: u32::try_from(item.n).unwrap_or_default(),
        at: None,
        failure,
        from_tag: tag(&item.from_image),
        to_tag: tag(&item.to_image),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::testing;
    use rstest::rstest;
    use types::WorkloadKind::{CronJob, DaemonSet, StatefulSet};

    #[rstest]
    #[case::while_rolling_the_new_ones_count(StatefulSet, WorkloadStatus::Updating, Some((0, 2)))]
    #[case::after_a_failure_whatever_serves_does(StatefulSet, WorkloadStatus::Failed, Some((1, 2)))]
    #[case::at_rest_too(DaemonSet, WorkloadStatus::Running, Some((1, 2)))]
    #[case::a_cron_job_has_none(CronJob, WorkloadStatus::Running, None)]
    fn pods_that_stand_ready(
        #[case] kind: types::WorkloadKind,
        #[case] status: WorkloadStatus,
        #[case] expected: Option<(u32, u32)>,
    ) {
        let mut workload = testing::workload(kind, 2);
        workload.status = status;
        workload.ready_new = Some(0);
        (workload.replicas.ready, workload.replicas.available, workload.replicas.updated) = (1, 1, 1);
        assert_eq!(pods_of(&workload), expected);
    }
}
