//! Everything that decides about the tasks of one map, read at once.

use super::{
    super::{
        Result, build_runs, freezes,
        history::{self, SetByOthers},
        task_settings,
    },
    made::Made,
};
use crate::{
    Engine,
    hub::RegistryEntry,
    image::{ImageRef, Repository},
    kube::{PodView, Selector, WorkloadView, workload::Platform},
    registry::host_matches,
    store::{self, build, build_run, hold, registry, run, run_item, selection, service_map},
};
use sea_orm::{EntityTrait, ExprTrait, QueryFilter, QueryOrder};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use types::{
    Digest, ErrorCode, Name, TaskId, Version, WorkloadKind,
    cluster::Reach,
    map::WrittenForm,
    run::ItemStatus,
    task::{BuildRunBrief, ClusterState, TaskSettings},
};
use uuid::Uuid;

/// A build and what its runs made.
pub(crate) struct KnownBuild {
    pub(crate) row: build::Model,
    pub(crate) image: Repository,
    pub(crate) newest: Option<BuildRunBrief>,
    pub(crate) newest_success: Option<build_run::Model>,
    pub(crate) success: Option<BuildRunBrief>,
    pub(crate) usual_ms: Option<u64>,
    /// Runs that a selection appoints, by number.
    pub(crate) appointed: HashMap<i32, build_run::Model>,
    /// Which runs made the images that are looked at.
    pub(crate) made: Vec<Made>,
    pub(crate) tag_typed: bool,
}

/// A stored selection.
pub(crate) struct Selected {
    pub(crate) version: Version,
    pub(crate) by: String,
    pub(crate) at: i64,
    /// What its tag stood for when it was chosen.
    pub(crate) seen: Option<Digest>,
}

/// A workload with the pods of all its revisions.
pub(crate) type WithPods = (Arc<WorkloadView>, Vec<Arc<PodView>>);

/// One map as it is now.
pub(crate) struct Scene {
    pub(crate) map: service_map::Model,
    pub(crate) name: Name,
    form: WrittenForm,
    /// What tasks do otherwise than the map says.
    pub(crate) settings: HashMap<String, TaskSettings>,
    pub(crate) cluster: ClusterState,
    pub(crate) workloads: Vec<WithPods>,
    pub(crate) builds: Vec<KnownBuild>,
    pub(crate) registries: Vec<(Vec<String>, Arc<RegistryEntry>)>,
    pub(crate) selections: HashMap<String, Selected>,
    /// Items that have not ended, and the newest of each task, with who asked for them: by `kind/workload`, in the
    /// order of their runs.
    pub(crate) items: HashMap<String, Vec<(run_item::Model, String)>>,
    /// Holds in force, by task.
    pub(crate) holds: HashMap<String, hold::Model>,
    /// What others than Slipway have set while it looked on, by task.
    pub(crate) externals: HashMap<String, SetByOthers>,
    /// Why the map takes no runs now.
    pub(crate) frozen: Option<String>,
    /// Platforms of the cluster's nodes, as far as they are known.
    pub(crate) nodes: Option<BTreeSet<Platform>>,
    /// Kinds of workloads that Slipway may not patch.
    pub(crate) forbidden: BTreeSet<WorkloadKind>,
}

impl Engine {
    /// Reads the map's scene; neither the cluster nor a registry is asked.
    pub(crate) async fn scene(&self, map: &service_map::Model) -> Result<Scene> {
        let cluster_name = async {
            let row = store::cluster::Entity::find_by_id(map.cluster_id).one(&self.db).await?;
            super::super::stored_name(&row.map(|row| row.name).unwrap_or_default())
        };
        // All at once: no answer needs another, and the page waits for the slowest alone.
        let (cluster_name, registries, selections, settings, items, holds, externals, frozen) = futures::try_join!(
            cluster_name,
            self.known_registries(),
            self.selections_of(map.id),
            task_settings::of_map(&self.db, map.id),
            self.items_of(map),
            self.holds_of(map),
            history::set_by_others(&self.db, map),
            freezes::in_force(&self.db, &map.name),
        )?;
        let (cluster, workloads) = self.workloads_of(map, cluster_name);
        let builds = self.known_builds(&workloads, &selections).await?;
        let (nodes, forbidden) = self.known_of_cluster(map, &workloads);
        Ok(Scene {
            name: super::super::stored_name(&map.name)?,
            form: super::super::maps::form_of(&map.written_form),
            map: map.clone(),
            cluster,
            workloads,
            builds,
            registries,
            selections,
            settings,
            items,
            holds,
            externals,
            frozen,
            nodes,
            forbidden,
        })
    }

    fn workloads_of(&self, map: &service_map::Model, name: Name) -> (ClusterState, Vec<WithPods>) {
        match self.clusters.get(map.cluster_id) {
            Ok(cluster) => {
                let view = cluster.view();
                let status = view.status();
                let selector = map.selector.as_deref().and_then(|text| Selector::parse(text).ok());
                let workloads = view.snapshot(&map.namespace, selector.as_ref());
                let with_pods = |workload: Arc<WorkloadView>| {
                    let pods = view.pods_of(&workload);
                    (workload, pods)
                };
                let state = ClusterState {
                    name,
                    state: status.reach,
                    since: status.since,
                    error: status.error,
                    stale_since: status.stale_since,
                };
                (state, workloads.into_iter().map(with_pods).collect())
            }
            Err(error) => {
                let error = Some(error);
                (ClusterState { name, state: Reach::Unreachable, since: None, error, stale_since: None }, Vec::new())
            }
        }
    }

    pub(crate) async fn known_registries(&self) -> Result<Vec<(Vec<String>, Arc<RegistryEntry>)>> {
        let mut known = Vec::new();
        for row in registry::Entity::find().all(&self.db).await? {
            known.push((store::read(&row.pull_hosts)?, self.registry_entry(row.id).await?));
        }
        Ok(known)
    }

    async fn selections_of(&self, map_id: i64) -> Result<HashMap<String, Selected>> {
        let rows = selection::Entity::find().filter(selection::COLUMN.map_id.eq(map_id)).all(&self.db).await?;
        rows.into_iter()
            .map(|row| {
                let seen = row.seen.as_deref().and_then(|seen| Digest::parse(seen).ok());
                Ok((row.task, Selected { version: store::read(&row.version)?, by: row.by, at: row.at, seen }))
            })
            .collect()
    }

    /// Builds whose image a workload of the map runs.
    async fn known_builds(
        &self,
        workloads: &[WithPods],
        selections: &HashMap<String, Selected>,
    ) -> Result<Vec<KnownBuild>> {
        let images: Vec<Repository> = workloads
            .iter()
            .flat_map(|(workload, _)| &workload.containers)
            .filter_map(|container| ImageRef::parse(&container.image).ok())
            .map(|image| image.repository)
            .collect();
        let numbers: Vec<i32> = selections.values().filter_map(|chosen| appointed_number(&chosen.version)).collect();
        let mut known = Vec::new();
        for row in build::Entity::find().order_by_asc(build::Column::Name).all(&self.db).await? {
            let Some(image) = self.used_image(&row, &images).await? else { continue };
            known.push(self.known_build(row, image, &numbers).await?);
        }
        let versions = selections.values().map(|chosen| &chosen.version);
        self.find_made(&mut known, workloads, versions).await?;
        Ok(known)
    }

    /// The repository, under whatever pull host it is used.
    async fn used_image(&self, row: &build::Model, images: &[Repository]) -> Result<Option<Repository>> {
        let entry = self.registry_entry(row.registry_id).await?;
        let hosts: Vec<String> = store::read(&entry.row.pull_hosts)?;
        let used = images.iter().find(|image| host_matches(&hosts, image) && image.path() == row.repository);
        Ok(used.cloned())
    }

    pub(crate) async fn known_build(
        &self,
        row: build::Model,
        image: Repository,
        numbers: &[i32],
    ) -> Result<KnownBuild> {
        let newest = self.newest_run(row.id).await?;
        let newest_success = self.newest_success(row.id).await?;
        let appointed = if numbers.is_empty() {
            Vec::new()
        } else {
            build_runs::runs_of(row.id).filter(build_run::COLUMN.number.is_in(numbers.to_vec())).all(&self.db).await?
        };
        Ok(KnownBuild {
            image,
            newest: self.brief(newest).await?,
            success: self.brief(newest_success.clone()).await?,
            newest_success,
            usual_ms: self.usual_ms(row.id).await?,
            appointed: appointed.into_iter().map(|run| (run.number, run)).collect(),
            made: Vec::new(),
            tag_typed: build_runs::tag_typed(&row)?,
            row,
        })
    }

    /// Items of the map's namespace that have not ended, and the newest of each task.
    async fn items_of(&self, map: &service_map::Model) -> Result<HashMap<String, Vec<(run_item::Model, String)>>> {
        let open: Vec<&str> = OPEN.iter().map(|status| status.as_str()).collect();
        let wanted = run_item::COLUMN.latest.eq(true).or(run_item::COLUMN.status.is_in(open));
        let rows = run_item::Entity::find()
            .filter(run_item::COLUMN.cluster_id.eq(map.cluster_id))
            .filter(run_item::COLUMN.namespace.eq(map.namespace.as_str()))
            .filter(wanted)
            .order_by_asc(run_item::Column::RunId)
            .all(&self.db)
            .await?;
        let ids: std::collections::BTreeSet<Uuid> = rows.iter().map(|row| row.run_id).collect();
        let runs = run::Entity::find().filter(run::COLUMN.id.is_in(ids)).all(&self.db).await?;
        let by: BTreeMap<Uuid, String> = runs.into_iter().map(|run| (run.id, run.requested_by)).collect();
        let mut items: HashMap<String, Vec<(run_item::Model, String)>> = HashMap::new();
        for row in rows {
            let who = by.get(&row.run_id).cloned().unwrap_or_default();
            items.entry(format!("{}/{}", row.kind, row.workload)).or_default().push((row, who));
        }
        Ok(items)
    }
}

/// States in which an item has its task in hand.
pub(crate) const OPEN: [ItemStatus; 5] =
    [ItemStatus::Queued, ItemStatus::Building, ItemStatus::Applying, ItemStatus::Rolling, ItemStatus::Undoing];

impl Scene {
    /// The workload of a task.
    pub(crate) fn workload(&self, task: &TaskId) -> Option<&WithPods> {
        self.workloads.iter().find(|(workload, _)| workload.key.kind == task.kind && workload.key.name == task.workload)
    }

    /// How the image of a task is written.
    pub(crate) fn form(&self, task: &TaskId) -> WrittenForm {
        self.settings.get(&task.to_string()).and_then(|own| own.written_form).unwrap_or(self.form)
    }

    /// Items on the workload of a task.
    pub(crate) fn items_on(&self, task: &TaskId) -> &[(run_item::Model, String)] {
        self.items.get(&task.workload_key()).map_or(&[], Vec::as_slice)
    }

    /// The registry that an image belongs to.
    pub(crate) fn registry(&self, repository: &Repository) -> Option<&Arc<RegistryEntry>> {
        self.registries.iter().find(|(hosts, _)| host_matches(hosts, repository)).map(|(_, entry)| entry)
    }

    /// The build that makes an image.
    pub(crate) fn build(&self, repository: &Repository) -> Option<&KnownBuild> {
        self.builds.iter().find(|known| known.image == *repository)
    }

    /// What the cluster said last, while it cannot be reached.
    pub(crate) fn cluster_error(&self) -> Option<&str> {
        match self.cluster.state {
            Reach::Reachable => None,
            Reach::Unknown => Some("it was not contacted yet"),
            Reach::Unreachable => Some(self.cluster.error.as_deref().unwrap_or(ErrorCode::ClusterUnreachable.as_str())),
        }
    }
}

fn appointed_number(version: &Version) -> Option<i32> {
    match version {
        Version::BuildRun(number) => i32::try_from(*number).ok(),
        Version::Tag(_) | Version::Digest(_) | Version::Latest(_) | Version::Build(_) | Version::Restart(_) => None,
    }
}
