//! One task of a plan: where it stands, where it goes, and what is in the way.

use super::{Aim, PlannedItem, Wanted};
use crate::{
    Principal,
    kube::{ContainerView, ImageChange, PodView, WorkloadView, patch},
    registry::DigestSet,
    service::{
        Result,
        tasks::{self, Chosen, Deciding, Recall, Running, Scene, check_version, choose, decision, running, way_back},
    },
    state::runnable::{Decision, Target},
    store::run_item,
};
use std::sync::Arc;
use types::{
    Image, TaskId,
    plan::{Action, BlockedBy, PlanDiff, PlanItem, PlannedBuild, Wall},
};

type Found<'a> = (&'a (Arc<WorkloadView>, Vec<Arc<PodView>>), &'a ContainerView);

pub(super) fn container_of<'a>(scene: &'a Scene, task: &TaskId) -> Option<Found<'a>> {
    let found = scene.workload(task)?;
    Some((found, found.0.container(&task.container)?))
}

/// Plans one task.
pub(super) fn plan_item(
    scene: &Scene,
    who: &Principal,
    n: u32,
    wanted: Wanted,
    recall: &Recall<'_>,
) -> Result<(PlannedItem, PlanItem)> {
    let found = container_of(scene, &wanted.task);
    let running = found.and_then(|((workload, pods), container)| running(workload, pods, container, recall));
    let Some((((workload, _), container), running)) = found.zip(running) else {
        let shown = missing(scene, n, wanted.task.clone(), wanted.wave);
        return Ok((PlannedItem::of(wanted), shown));
    };
    let form = scene.form(&wanted.task);
    let own = scene.settings.get(&wanted.task.to_string()).cloned().unwrap_or_default();
    let chosen = target_of(scene, &wanted, &running, recall)?;
    let (target, asking) = (&chosen.target, wanted.asking);
    let decided = decision(Deciding {
        scene,
        who,
        workload,
        container,
        running: &running,
        target,
        asking,
        seen: wanted.seen.as_ref(),
    });
    let same_version = decided.is_same_version();
    let Decision { action, blocked_by, warnings, in_progress } = decided;
    let from = source_of(container, &running);
    let to = if action == Action::Restart { Some(from.clone()) } else { chosen.image };
    let build = scene.build(&running.image.repository).filter(|_| action == Action::BuildDeploy);
    let planned_build = build.map(|build| PlannedBuild {
        name: build.row.name.clone(),
        reference: super::params_of(&wanted.version).reference,
        shared_with: Vec::new(),
    });
    let patch = to.as_ref().filter(|_| action == Action::Deploy).map(|to| patch_of(workload, container, &to.image));
    let superseded = superseded(&wanted, container);
    let runnable = blocked_by.is_empty() && superseded.is_none();
    let shown = PlanItem {
        n,
        task: wanted.task.clone(),
        wave: wanted.wave,
        from: Some(from),
        to,
        action: if runnable { action } else { Action::None },
        build: planned_build,
        runnable,
        blocked_by,
        warnings,
        queue_position: queue_position(scene, &wanted.task),
        patch: patch.unwrap_or_default(),
        diff: PlanDiff::default(),
    };
    let item = PlannedItem {
        uid: Some(workload.uid.clone()),
        digests: if action == Action::Restart { running.digests.clone() } else { chosen.digests },
        same_version,
        in_progress,
        superseded,
        back: Some((way_back(container, &running, form), running.digests)),
        deadline_ms: wanted.deadline_ms.or(own.deadline_ms),
        undo_on_deadline: own.undo_on_deadline,
        ..PlannedItem::of(wanted)
    };
    Ok((item, shown))
}

/// Where the item leads to.
fn target_of(scene: &Scene, wanted: &Wanted, running: &Running, recall: &Recall<'_>) -> Result<Chosen> {
    let form = scene.form(&wanted.task);
    let nothing = Chosen { target: Target::Nothing, image: None, digests: DigestSet::new() };
    Ok(match &wanted.aim {
        Aim::Version => {
            let build = scene.build(&running.image.repository);
            check_version(&wanted.version, build.is_some())?;
            choose(&running.image, Some(&wanted.version), build, form, recall)
        }
        Aim::Recorded { image, digests } => tasks::recorded(image, digests, form, recall).unwrap_or(nothing),
    })
}

/// What the template has now, with what it is known to stand for.
fn source_of(container: &ContainerView, running: &Running) -> Image {
    Image {
        image: container.image.clone(),
        repository: running.image.repository.to_string(),
        tag: running.image.tag.clone(),
        digest: running.digest.clone(),
    }
}

/// Who has changed since what the item would undo.
fn superseded(wanted: &Wanted, container: &ContainerView) -> Option<String> {
    let expected = wanted.expects.as_ref().filter(|expected| **expected != container.image)?;
    let who = container.written_by.as_deref().unwrap_or("somebody");
    Some(format!("{who} set {} since; the run had set {expected}", container.image))
}

/// How many runs have the workload in hand or wait for it before this one could; null: none.
fn queue_position(scene: &Scene, task: &TaskId) -> Option<u32> {
    let open = |item: &&run_item::Model| tasks::OPEN.iter().any(|status| status.as_str() == item.status);
    let items = scene.items_on(task).iter().map(|(item, _)| item);
    let runs: std::collections::BTreeSet<_> = items.filter(open).map(|item| item.run_id).collect();
    u32::try_from(runs.len()).ok().filter(|ahead| *ahead > 0)
}

/// A task whose workload or container is not there.
fn missing(scene: &Scene, n: u32, task: TaskId, wave: u32) -> PlanItem {
    let wall = match scene.cluster_error() {
        Some(error) => {
            BlockedBy { code: Wall::ClusterUnreachable, message: format!("The cluster does not answer: {error}") }
        }
        None => BlockedBy { code: Wall::TaskNotFound, message: format!("There is no {task} in this map.") },
    };
    PlanItem {
        n,
        task,
        wave,
        from: None,
        to: None,
        action: Action::None,
        build: None,
        runnable: false,
        blocked_by: vec![wall],
        warnings: Vec::new(),
        queue_position: None,
        patch: Vec::new(),
        diff: PlanDiff::default(),
    }
}

fn patch_of(workload: &WorkloadView, container: &ContainerView, to: &str) -> Vec<serde_json::Value> {
    let change =
        ImageChange { container: container.name.clone(), from_image: container.image.clone(), to_image: to.to_owned() };
    let place = patch::Place { list: container.list, index: container.index, change };
    let patch = patch::build_patch(workload.key.kind, &workload.uid, &[place]);
    match serde_json::to_value(patch) {
        Ok(serde_json::Value::Array(operations)) => operations,
        Ok(_) | Err(_) => Vec::new(),
    }
}
