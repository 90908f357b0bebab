//! Plans: what running would do, asked from the registries afresh, changing nothing.

mod item;
mod stored;
mod trial;
mod wanted;

use super::{
    Result,
    tasks::{Asked, Asking, Scene, recorded_reference, reference_of},
};
use crate::{
    Engine, Principal,
    auth::Verb,
    image::{ImageRef, Repository},
    registry::{DigestSet, Reference},
    state::source,
    store::service_map,
};
use futures::{StreamExt, stream};
use item::{container_of, plan_item};
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use types::{
    Digest, Image, Name, TaskId, Version,
    plan::{Plan, PlanItem},
    run::{NewRun, OnBlocked, OnFailure, RunKind},
    version::BuildParams,
};
use uuid::Uuid;

/// Registries are asked about so many images at once.
const ASKED_AT_ONCE: usize = 16;

/// What shall be done: the same for every kind of run.
pub(crate) struct Intent {
    pub(crate) kind: RunKind,
    /// The run that it retries or undoes.
    pub(crate) of: Option<Uuid>,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) on_failure: OnFailure,
    pub(crate) on_blocked: OnBlocked,
    pub(crate) note: Option<String>,
    pub(crate) plan_hash: Option<String>,
    /// Why holds are passed over.
    pub(crate) override_hold: Option<String>,
    /// Why the tasks are held afterwards.
    pub(crate) hold: Option<String>,
}

/// What is asked of one task.
pub(crate) struct Wanted {
    pub(crate) task: TaskId,
    pub(crate) version: Version,
    pub(crate) wave: u32,
    pub(crate) deadline_ms: Option<u64>,
    pub(crate) asking: Asking,
    pub(crate) aim: Aim,
    /// Which source is taken for granted.
    pub(crate) source: source::Rule,
    /// The reference that must be there: what the run to be undone has set.
    pub(crate) expects: Option<String>,
    /// What the tag stood for when it was chosen.
    pub(crate) seen: Option<Digest>,
}

/// Where a task is taken to.
pub(crate) enum Aim {
    /// Where its version leads to now.
    Version,
    /// To this very image.
    Recorded { image: Image, digests: DigestSet },
}

/// A plan with what the wire does not show.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) items: Vec<PlannedItem>,
    pub(crate) intent: Intent,
    /// Builds of items, by the name of the build.
    pub(crate) scene: Scene,
}

/// An item of a plan.
pub(crate) struct PlannedItem {
    pub(crate) task: TaskId,
    pub(crate) version: Version,
    pub(crate) wave: u32,
    pub(crate) deadline_ms: Option<u64>,
    /// None: as the map says.
    pub(crate) undo_on_deadline: Option<bool>,
    pub(crate) asking: Asking,
    pub(crate) source: source::Rule,
    pub(crate) uid: Option<String>,
    pub(crate) digests: DigestSet,
    pub(crate) same_version: bool,
    /// The run that does this very thing already.
    pub(crate) in_progress: Option<Uuid>,
    /// Who has changed since what it would undo.
    pub(crate) superseded: Option<String>,
    /// The source as it is written when the item goes back.
    pub(crate) back: Option<(Image, DigestSet)>,
}

impl Planned {
    /// Counts and hashes what was resolved.
    fn sum_up(&mut self) {
        let runnable = self.plan.items.iter().filter(|item| item.runnable).count();
        self.plan.runnable_count = u32::try_from(runnable).unwrap_or(u32::MAX);
        self.plan.plan_hash = hash(&self.items, &self.plan.items);
    }
}

impl PlannedItem {
    fn of(wanted: Wanted) -> Self {
        let Wanted { task, version, wave, deadline_ms, asking, aim: _, source, expects: _, seen: _ } = wanted;
        Self {
            task,
            version,
            wave,
            deadline_ms,
            undo_on_deadline: None,
            asking,
            source,
            uid: None,
            digests: DigestSet::new(),
            same_version: false,
            in_progress: None,
            superseded: None,
            back: None,
        }
    }
}

impl Engine {
    /// What would happen; nothing does.
    pub async fn plan(&self, who: &Principal, map: &Name, new: NewRun) -> Result<Plan> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        self.plan_on(who, &row, &new).await
    }

    /// The plan of a request on a map, for whoever may see that.
    async fn plan_on(&self, who: &Principal, map: &service_map::Model, new: &NewRun) -> Result<Plan> {
        let mut planned = self.planned(who, map, new).await?;
        self.try_patches(&mut planned).await;
        self.add_diffs(&mut planned).await;
        Ok(planned.plan)
    }

    /// Resolves every item of a request.
    pub(crate) async fn planned(&self, who: &Principal, map: &service_map::Model, new: &NewRun) -> Result<Planned> {
        let scene = self.scene_to_plan(map).await?;
        let intent = self.intent(who, &scene, new)?;
        self.plan_of(who, scene, intent).await
    }

    /// Resolves what shall be done, whatever the kind.
    pub(crate) async fn plan_of(&self, who: &Principal, mut scene: Scene, mut intent: Intent) -> Result<Planned> {
        super::build_runs::check_note(intent.note.as_deref())?;
        let wanted = std::mem::take(&mut intent.wanted);
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
        let plan = Plan { plan_hash: String::new(), on_failure: intent.on_failure, runnable_count: 0, items: wire };
        let mut planned = Planned { plan, items, intent, scene };
        planned.sum_up();
        Ok(planned)
    }

    /// Asks the registries about every source and target, a few at once, each once.
    async fn answers(&self, scene: &Scene, wanted: &[Wanted]) -> HashMap<(Repository, Reference), Asked> {
        let mut questions = HashSet::new();
        for wanted in wanted {
            let Some((_, container)) = container_of(scene, &wanted.task) else { continue };
            let Ok(image) = ImageRef::parse(&container.image) else { continue };
            let now = image.digest.clone().map(Reference::Digest);
            let now = now.or_else(|| image.tag.clone().map(Reference::Tag));
            questions.extend(now.map(|reference| (image.repository.clone(), reference)));
            questions.extend(target_question(scene, wanted, &image.repository));
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

fn target_question(scene: &Scene, wanted: &Wanted, repository: &Repository) -> Option<(Repository, Reference)> {
    match &wanted.aim {
        Aim::Version => Some((repository.clone(), reference_of(&wanted.version, scene.build(repository))?)),
        Aim::Recorded { image, digests: _ } => {
            Some((ImageRef::parse(&image.image).ok()?.repository, recorded_reference(image)?))
        }
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
