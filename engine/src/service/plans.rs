//! Plans: what running would do, asked from the registries afresh, changing nothing.

use super::{
    Result,
    maps::check_deadline,
    tasks::{Asked, Scene, check_version, choose, decision, reference_of, running},
};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    image::{ImageRef, Repository},
    kube::{ContainerView, ImageChange, PodView, WorkloadView, patch},
    registry::{DigestSet, Reference},
    state::runnable::Decision,
    store::{build_run, service_map},
};
use futures::{StreamExt, stream};
use sea_orm::{EntityTrait, QueryFilter};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use types::{
    Image, Name, TaskId, Version,
    plan::{Action, BlockedBy, Plan, PlanDiff, PlanItem, PlannedBuild, Wall},
    run::{NewItem, NewRun},
    version::BuildParams,
};

/// Items of a run.
const ITEMS_MAX: usize = 500;
/// Waves of a run.
const WAVE_MAX: u32 = 99;
/// Registries are asked about so many images at once.
const ASKED_AT_ONCE: usize = 16;

/// A plan with what the wire does not show.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) items: Vec<PlannedItem>,
    /// Builds of items, by the name of the build.
    pub(crate) scene: Scene,
}

/// An item of a plan.
pub(crate) struct PlannedItem {
    pub(crate) task: TaskId,
    pub(crate) version: Version,
    pub(crate) wave: u32,
    pub(crate) deadline_ms: Option<u64>,
    pub(crate) uid: Option<String>,
    pub(crate) digests: DigestSet,
    pub(crate) same_version: bool,
}

/// What an item asks for, with its task found.
struct Wanted {
    task: TaskId,
    version: Version,
    wave: u32,
    deadline_ms: Option<u64>,
}

impl Engine {
    /// What would happen; nothing does.
    pub async fn plan(&self, who: &Principal, map: &Name, new: NewRun) -> Result<Plan> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        Ok(self.planned(who, &row, &new).await?.plan)
    }

    /// Resolves every item of a request.
    pub(crate) async fn planned(&self, who: &Principal, map: &service_map::Model, new: &NewRun) -> Result<Planned> {
        super::build_runs::check_note(new.note.as_deref())?;
        let mut scene = self.scene(map).await?;
        let wanted = self.wanted(who, &scene, new)?;
        self.appoint(&mut scene, &wanted).await?;
        let answers = self.answers(&scene, &wanted).await;
        let recall = |repository: &Repository, reference: &Reference| {
            answers.get(&(repository.clone(), reference.clone())).cloned().unwrap_or(Asked::Unknown)
        };
        let mut items = Vec::with_capacity(wanted.len());
        let mut wire = Vec::with_capacity(wanted.len());
        for (at, wanted) in wanted.into_iter().enumerate() {
            let n = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let (item, shown) = plan_item(&scene, who, n, wanted, &recall)?;
            items.push(item);
            wire.push(shown);
        }
        share_builds(&items, &mut wire);
        let runnable = wire.iter().filter(|item| item.runnable).count();
        let plan = Plan {
            plan_hash: hash(&items, &wire),
            on_failure: new.on_failure,
            runnable_count: u32::try_from(runnable).unwrap_or(u32::MAX),
            items: wire,
        };
        Ok(Planned { plan, items, scene })
    }

    /// The tasks that a request names: items, or the batch of all that can run.
    fn wanted(&self, who: &Principal, scene: &Scene, new: &NewRun) -> Result<Vec<Wanted>> {
        match (&new.items, new.batch) {
            (Some(items), None | Some(false)) => {
                if items.is_empty() || items.len() > ITEMS_MAX {
                    return Err(Error::field(
                        "items",
                        format!("must be 1 to {ITEMS_MAX} items, found {}", items.len()),
                    ));
                }
                let mut wanted = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    wanted.extend(wanted_by(scene, at, item)?);
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
        let recall = self.recall(scene);
        let tasks = super::tasks::tasks(scene, who, &recall);
        let all = tasks.workloads.into_iter().flat_map(|workload| workload.tasks);
        all.filter(super::tasks::counts)
            .filter_map(|task| {
                let version = task.selection?.version?;
                Some(Wanted { task: task.id, version, wave: 1, deadline_ms: None })
            })
            .collect()
    }

    /// Reads the build runs that items appoint.
    async fn appoint(&self, scene: &mut Scene, wanted: &[Wanted]) -> Result<()> {
        let numbers: Vec<i32> = wanted
            .iter()
            .filter_map(|wanted| match wanted.version {
                Version::BuildRun(number) => i32::try_from(number).ok(),
                Version::Tag(_) | Version::Digest(_) | Version::Latest(_) | Version::Build(_) | Version::Restart(_) => {
                    None
                }
            })
            .collect();
        if numbers.is_empty() {
            return Ok(());
        }
        for build in &mut scene.builds {
            let rows = build_run::Entity::find()
                .filter(build_run::COLUMN.build_id.eq(build.row.id))
                .filter(build_run::COLUMN.number.is_in(numbers.clone()))
                .all(&self.db)
                .await?;
            build.appointed.extend(rows.into_iter().map(|row| (row.number, row)));
        }
        Ok(())
    }

    /// Asks the registries about every source and target, a few at once, each once.
    async fn answers(&self, scene: &Scene, wanted: &[Wanted]) -> HashMap<(Repository, Reference), Asked> {
        let mut questions = HashSet::new();
        for wanted in wanted {
            let Some((_, container)) = container_of(scene, &wanted.task) else { continue };
            let Ok(image) = ImageRef::parse(&container.image) else { continue };
            let now = image.digest.clone().map(Reference::Digest);
            let now = now.or_else(|| image.tag.clone().map(Reference::Tag));
            let then = reference_of(&wanted.version, scene.build(&image.repository));
            questions.extend(now.into_iter().chain(then).map(|reference| (image.repository.clone(), reference)));
        }
        let ask = |(repository, reference): (Repository, Reference)| {
            let entry = scene.registry(&repository).cloned();
            async move {
                let answer = super::tasks::ask(entry.as_ref(), &repository, &reference).await;
                ((repository, reference), answer)
            }
        };
        stream::iter(questions).map(ask).buffer_unordered(ASKED_AT_ONCE).collect().await
    }
}

fn wanted_by(scene: &Scene, at: usize, item: &NewItem) -> Result<Vec<Wanted>> {
    let NewItem { task, repository, version, wave, deadline_ms } = item;
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
    let wanted = |task| Wanted { task, version: version.clone(), wave, deadline_ms: *deadline_ms };
    Ok(tasks.into_iter().map(wanted).collect())
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

type Found<'a> = (&'a (Arc<WorkloadView>, Vec<Arc<PodView>>), &'a ContainerView);

fn container_of<'a>(scene: &'a Scene, task: &TaskId) -> Option<Found<'a>> {
    let found = scene.workload(task)?;
    Some((found, found.0.container(&task.container)?))
}

fn plan_item(
    scene: &Scene,
    who: &Principal,
    n: u32,
    wanted: Wanted,
    recall: &super::tasks::Recall<'_>,
) -> Result<(PlannedItem, PlanItem)> {
    let Wanted { task, version, wave, deadline_ms } = wanted;
    let mut item = PlannedItem {
        task: task.clone(),
        version: version.clone(),
        wave,
        deadline_ms,
        uid: None,
        digests: DigestSet::new(),
        same_version: false,
    };
    let found = container_of(scene, &task);
    let running = found.and_then(|((workload, pods), container)| running(workload, pods, container, recall));
    let Some((((workload, _), container), running)) = found.zip(running) else {
        return Ok((item, missing(scene, n, task, wave)));
    };
    let build = scene.build(&running.image.repository);
    check_version(&version, build.is_some())?;
    let chosen = choose(&running.image, Some(&version), build, scene.form, recall);
    let Decision { action, blocked_by, warnings } =
        decision(scene, who, workload, container, &running, build.is_some(), &chosen.target);
    let from = Image {
        image: container.image.clone(),
        repository: running.image.repository.to_string(),
        tag: running.image.tag.clone(),
        digest: running.digest.clone(),
    };
    let to = if action == Action::Restart { Some(from.clone()) } else { chosen.image };
    let planned_build = build.filter(|_| action == Action::BuildDeploy).map(|build| PlannedBuild {
        name: build.row.name.clone(),
        reference: params_of(&version).reference,
        shared_with: Vec::new(),
    });
    item.uid = Some(workload.uid.clone());
    item.digests = if action == Action::Restart { running.digests.clone() } else { chosen.digests };
    item.same_version = !blocked_by.is_empty() && blocked_by.iter().all(|wall| wall.code == Wall::SameVersion);
    let patch = to.as_ref().filter(|_| action == Action::Deploy).map(|to| patch_of(workload, container, &to.image));
    let shown = PlanItem {
        n,
        task,
        wave,
        from: Some(from),
        to,
        action: if blocked_by.is_empty() { action } else { Action::None },
        build: planned_build,
        runnable: blocked_by.is_empty(),
        blocked_by,
        warnings,
        queue_position: None,
        patch: patch.unwrap_or_default(),
        diff: PlanDiff::default(),
    };
    Ok((item, shown))
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

/// The parameters of the build that an item asks for.
pub(crate) fn params_of(version: &Version) -> BuildParams {
    match version {
        Version::Build(params) => params.clone(),
        Version::Tag(_) | Version::Digest(_) | Version::BuildRun(_) | Version::Latest(_) | Version::Restart(_) => {
            BuildParams::default()
        }
    }
}

/// Items that need the same build with the same parameters share one run.
fn share_builds(items: &[PlannedItem], wire: &mut [PlanItem]) {
    let key = |item: &PlannedItem, shown: &PlanItem| {
        shown.build.as_ref().map(|build| (build.name.clone(), params_of(&item.version)))
    };
    let keys: Vec<_> = items.iter().zip(wire.iter()).map(|(item, shown)| key(item, shown)).collect();
    for (at, shown) in wire.iter_mut().enumerate() {
        let Some(build) = &mut shown.build else { continue };
        let others = keys.iter().enumerate().filter(|(other, key)| *other != at && **key == keys[at]);
        build.shared_with = others.filter_map(|(other, _)| u32::try_from(other + 1).ok()).collect();
    }
}

/// A hash over all that was resolved: another one means that another thing would happen.
fn hash(items: &[PlannedItem], wire: &[PlanItem]) -> String {
    let resolved: Vec<_> = items
        .iter()
        .zip(wire)
        .map(|(item, shown)| (&shown.task, &item.version, shown.wave, &shown.from, &shown.to, shown.action))
        .collect();
    let text = serde_json::to_vec(&resolved).unwrap_or_default();
    Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect()
}
