//! Pipeline tasks: the containers of a map's workloads, and the versions chosen for them.

mod cluster;
mod decision;
mod made;
mod memo;
mod newer;
mod scene;
mod target;
mod wire;

pub(crate) use decision::{Asking, Deciding, decision};
pub(crate) use memo::Memo;
pub(crate) use scene::{OPEN, Scene};
pub(crate) use target::{
    Asked, Chosen, Recall, Running, ask, choose, recorded, recorded_reference, reference_of, running, way_back, write,
};
pub(crate) use wire::{Recalls, counts, tasks};

use super::{Result, audit};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    bus::Change,
    image::{ImageRef, Repository},
    now,
    registry::Reference,
    store::{self, selection, service_map, write_tx},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, sea_query::OnConflict};
use std::sync::Arc;
use types::{
    Digest, ErrorCode, Name, TaskId, Version,
    task::{MapTasks, NewSelection, Task},
};

impl Engine {
    /// The pipeline page as data.
    pub async fn map_tasks(&self, who: &Principal, map: &Name) -> Result<Arc<MapTasks>> {
        let row = self.map_row(who, Verb::Read, map).await?;
        self.tasks_of(who, &row).await
    }

    /// One task.
    pub async fn task(&self, who: &Principal, map: &Name, task: &TaskId) -> Result<Task> {
        let row = self.map_row(who, Verb::Read, map).await?;
        self.task_of(who, &row, task).await
    }

    /// Chooses a version for a task, without touching the cluster.
    pub async fn select(&self, who: &Principal, map: &Name, task: &TaskId, new: NewSelection) -> Result<Task> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        let known = self.task_of(who, &row, task).await?;
        let NewSelection { version: chosen, seen } = new;
        check_version(&chosen, known.build.is_some())?;
        let seen = match seen {
            Some(seen) => Some(seen),
            None => self.stands_for(&known, &chosen).await?,
        };
        let tx = write_tx(&self.db).await?;
        let replace = OnConflict::columns([selection::Column::MapId, selection::Column::Task])
            .update_columns([selection::Column::Version, selection::Column::By])
            .update_columns([selection::Column::At, selection::Column::Seen])
            .to_owned();
        let version = store::write(&chosen)?;
        let chosen = selection::ActiveModel {
            map_id: Set(row.id),
            task: Set(task.to_string()),
            version: Set(version.clone()),
            by: Set(who.actor().to_owned()),
            at: Set(now().as_millis()),
            seen: Set(seen.map(|digest| digest.to_string())),
        };
        selection::Entity::insert(chosen).on_conflict(replace).exec_without_returning(&tx).await?;
        let thing = format!("maps/{map}/tasks/{task}");
        audit::record(&tx, who, audit::Entry { action: "selection.set", thing, from: None, to: Some(version) }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Map { id: row.id });
        self.task_of(who, &row, task).await
    }

    /// Takes a choice back; the default holds again.
    pub async fn clear_selection(&self, who: &Principal, map: &Name, task: &TaskId) -> Result<Task> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        let tx = write_tx(&self.db).await?;
        selection::Entity::delete_many()
            .filter(selection::COLUMN.map_id.eq(row.id))
            .filter(selection::COLUMN.task.eq(task.to_string()))
            .exec(&tx)
            .await?;
        let thing = format!("maps/{map}/tasks/{task}");
        audit::record(&tx, who, audit::Entry { action: "selection.clear", thing, from: None, to: None }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Map { id: row.id });
        self.task_of(who, &row, task).await
    }

    /// What the tag of a version is known to stand for now; no registry is asked.
    async fn stands_for(&self, task: &Task, version: &Version) -> Result<Option<Digest>> {
        let Version::Tag(tag) = version else { return Ok(None) };
        let repository = Repository::parse(&task.deployed.repository).map_err(Error::Internal)?;
        let Some(entry) = self.registry_of(&repository).await? else { return Ok(None) };
        Ok(entry.known(repository.path(), &Reference::Tag(tag.clone())).map(|known| known.digest))
    }

    async fn task_of(&self, who: &Principal, row: &service_map::Model, task: &TaskId) -> Result<Task> {
        let tasks = self.tasks_of(who, row).await?;
        let mut all = tasks.workloads.iter().flat_map(|workload| &workload.tasks);
        all.find(|known| known.id == *task).cloned().ok_or_else(|| Error::NotFound(format!("task {task}")))
    }

    /// The page as data, for whoever may read it.
    pub(crate) async fn tasks_of(&self, who: &Principal, row: &service_map::Model) -> Result<Arc<MapTasks>> {
        let (engine, asker, map) = (self.clone(), who.clone(), row.clone());
        let make = async move {
            let scene = engine.scene(&map).await?;
            let (recall, tags) = (engine.recall(&scene), engine.recall_tags(&scene));
            Ok(wire::tasks(&scene, &asker, Recalls { recall: &recall, tags: &tags }))
        };
        let (engine, cluster_id, namespace) = (self.clone(), row.cluster_id, row.namespace.clone());
        let version = move || {
            let cluster = engine.clusters.get(cluster_id);
            let seen = cluster.map(|cluster| cluster.view().version(&namespace)).unwrap_or_default();
            memo::Version { told: engine.bus.told(), seen }
        };
        self.task_memo.get(row.id, who, version, make).await
    }

    /// Addresses of tasks in any cluster whose container runs an image: of a repository, or only a tag
    /// or digest of it.
    pub(crate) async fn tasks_of_image(
        &self,
        repository: &str,
        version: Option<(&str, Option<&str>)>,
    ) -> Result<Vec<String>> {
        let Ok(wanted) = Repository::parse(repository) else { return Ok(Vec::new()) };
        let runs = |image: &str| {
            ImageRef::parse(image).is_ok_and(|image| {
                let fits = |(tag, digest): (&str, Option<&str>)| match &image.digest {
                    Some(own) => Some(own.as_str()) == digest,
                    None => image.tag.as_deref() == Some(tag),
                };
                image.repository == wanted && version.is_none_or(fits)
            })
        };
        let mut users = Vec::new();
        for row in service_map::Entity::find().all(&self.db).await? {
            let Ok(cluster) = self.clusters.get(row.cluster_id) else { continue };
            let selector = row.selector.as_deref().and_then(|text| crate::kube::Selector::parse(text).ok());
            for workload in cluster.view().snapshot(&row.namespace, selector.as_ref()) {
                let using = workload.containers.iter().filter(|container| runs(&container.image));
                users.extend(using.map(|container| {
                    format!("maps/{}/tasks/{}/{}/{}", row.name, workload.key.kind, workload.key.name, container.name)
                }));
            }
        }
        Ok(users)
    }
}

/// Refuses a version that does not fit the task.
pub(crate) fn check_version(version: &Version, built: bool) -> Result<()> {
    match version {
        Version::Tag(tag) => crate::image::parse_tag(tag).map(drop).map_err(|why| Error::field("version.tag", why)),
        Version::Digest(_) | Version::Restart(_) => Ok(()),
        Version::BuildRun(_) | Version::Latest(_) | Version::Build(_) if !built => Err(Error::refused(
            ErrorCode::NotBuilt,
            "No build of Slipway makes this image: choose a tag or a digest (for the tag of that name: {\"tag\":\"latest\"}).",
        )),
        Version::Build(params) => super::build_runs::check_params(params),
        Version::BuildRun(_) | Version::Latest(_) => Ok(()),
    }
}
