//! A group: the items of one run for one workload and wave. They go in one patch and make one
//! rollout, all or none.

use super::{
    item::{Move, move_item, touch_item},
    rollout,
    runs::wait_for,
};
use crate::{
    Engine, Error,
    auth::{On, Verb},
    image::ImageRef,
    kube::{
        Applied, Cluster, ContainerView, ImageChange, PatchError, PatchOutcome, WorkloadKey, WorkloadTarget,
        WorkloadView,
    },
    logs::{LogWriter, Masker},
    now,
    registry::DigestSet,
    service::runs::item_status,
    state::item::{Event, Turn},
    store::{self, run, run_item},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder};
use std::time::Duration;
use types::{
    Image, Name,
    cluster::Reach,
    run::{Cause, Evidence, Failure, ItemStatus, Proof, ProofState, WaitKind},
};

/// A change that the cluster did not take is tried again with pauses up to this.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// An item at work.
pub(super) struct Working {
    pub(super) row: run_item::Model,
    pub(super) to: Image,
    pub(super) set: DigestSet,
    pub(super) log: LogWriter,
    /// It was found in `applying`, after a stop: a target that is there may be of its own patch.
    found_applying: bool,
}

/// The group with what it needs of its cluster.
pub(super) struct Group {
    pub(super) engine: Engine,
    pub(super) run: run::Model,
    pub(super) cluster: Cluster,
    pub(super) key: WorkloadKey,
    pub(super) items: Vec<Working>,
}

/// Takes a group from its turn to its end. What fails within Slipway leaves the items where they
/// are: the run's driver takes them up again.
pub(super) async fn run(engine: &Engine, run: run::Model, rows: Vec<run_item::Model>) {
    let id = run.id;
    if let Err(why) = go(engine, run, rows).await {
        tracing::error!(%why, run = %id, "a rollout could not go on; it is taken up again");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn go(engine: &Engine, run: run::Model, rows: Vec<run_item::Model>) -> Result<(), Error> {
    let Some(first) = rows.first() else { return Ok(()) };
    let kind = first.kind.parse().map_err(Error::Internal)?;
    let key = WorkloadKey { namespace: first.namespace.clone(), kind, name: first.workload.clone() };
    let cluster = match engine.clusters.get(first.cluster_id) {
        Ok(cluster) => cluster,
        Err(why) => return fail_all(engine, &rows, Cause::ClusterUnreachable, &why).await,
    };
    let slots = engine.workers.slots(first.cluster_id);
    let slot = match slots.clone().try_acquire_owned() {
        Ok(slot) => slot,
        Err(_) => {
            for row in &rows {
                wait_for(engine, row, WaitKind::Slot, None, None).await?;
            }
            tokio::select! {
                slot = slots.acquire_owned() => slot.map_err(|why| Error::Internal(why.to_string()))?,
                () = engine.stop.cancelled() => return Ok(()),
            }
        }
    };
    if !reachable(engine, &cluster, &rows).await? {
        return Ok(());
    }
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(Working::open(engine, row).await?);
    }
    let mut group = Group { engine: engine.clone(), run, cluster, key, items };
    let worked = group.work().await;
    group.close_logs().await;
    drop(slot);
    worked
}

impl Working {
    async fn open(engine: &Engine, row: run_item::Model) -> Result<Self, Error> {
        let to = row
            .to_image
            .as_ref()
            .ok_or_else(|| Error::Internal(format!("item {} of {} has no target", row.n, row.run_id)))?;
        let set = row.digest_set.as_ref().map(store::read).transpose()?.unwrap_or_default();
        let log = engine.logs.open_writer(row.log_id, Masker::default()).await;
        let found_applying = item_status(&row.status)? == ItemStatus::Applying;
        Ok(Self { found_applying, to: store::read(to)?, set, log: log.map_err(crate::service::logs::log_error)?, row })
    }

    pub(super) fn status(&self) -> Result<ItemStatus, Error> {
        item_status(&self.row.status)
    }

    /// Writes a line into the item's log; the rollout does not fail with its log.
    pub(super) async fn best_effort_say(&self, text: &str) {
        if let Err(why) = self.log.system(0, text).await {
            tracing::warn!(%why, log = %self.row.log_id, "a line was not written");
        }
    }

    /// Moves the item; whether the event could still come.
    pub(super) async fn step(&mut self, engine: &Engine, step: Move) -> Result<bool, Error> {
        match move_item(engine, self.row.run_id, self.row.n, step).await? {
            Some(row) => {
                self.row = row;
                Ok(true)
            }
            None => {
                let row = run_item::Entity::find_by_id((self.row.run_id, self.row.n)).one(&engine.db).await?;
                if let Some(row) = row {
                    self.row = row;
                }
                Ok(false)
            }
        }
    }

    pub(super) async fn fail(&mut self, engine: &Engine, event: Event, failure: Failure) -> Result<(), Error> {
        self.best_effort_say(&format!("failed ({}): {}", failure.code.as_str(), failure.message)).await;
        self.step(engine, Move::failing(event, failure)).await?;
        Ok(())
    }
}

impl Group {
    async fn work(&mut self) -> Result<(), Error> {
        self.turn().await?;
        self.apply().await?;
        rollout::follow(self).await
    }

    async fn close_logs(&self) {
        for item in &self.items {
            let closed = match item.status() {
                Ok(status) if status.is_final() => item.log.close(status.as_str()).await.map(drop),
                Ok(_) | Err(_) => item.log.release().await,
            };
            if let Err(why) = closed {
                tracing::warn!(%why, log = %item.row.log_id, "a log was not closed");
            }
        }
    }

    pub(super) fn live(&self) -> Option<std::sync::Arc<WorkloadView>> {
        self.cluster.view().workload(self.key.kind, &self.key.namespace, &self.key.name)
    }

    /// Decides for each queued item whether it goes, from what the cluster shows now.
    async fn turn(&mut self) -> Result<(), Error> {
        let live = self.live();
        let allowed = still_allowed(&self.engine, &self.run).await?;
        for at in 0..self.items.len() {
            if self.items[at].status()? != ItemStatus::Queued {
                continue;
            }
            let step = self.decide(at, live.as_deref(), allowed).await?;
            if let Some(failure) = &step.failure {
                let text = format!("failed ({}): {}", failure.code.as_str(), failure.message);
                self.items[at].best_effort_say(&text).await;
            }
            let engine = self.engine.clone();
            self.items[at].step(&engine, step).await?;
        }
        Ok(())
    }

    async fn decide(&mut self, at: usize, live: Option<&WorkloadView>, allowed: bool) -> Result<Move, Error> {
        let item = &self.items[at];
        if !allowed {
            let words = format!("{} may not deploy to this map any more.", self.run.requested_by);
            return Ok(Move::failing(Event::Turn(Turn::Refused(Cause::Forbidden)), failure(Cause::Forbidden, words)));
        }
        let gone = || {
            let words = format!("{} is gone, or it is another one of the same name.", self.key);
            Move::failing(Event::WorkloadGone, failure(Cause::WorkloadGone, words))
        };
        let Some(live) = live else { return Ok(gone()) };
        if item.row.uid.as_ref().is_some_and(|uid| *uid != live.uid) {
            return Ok(gone());
        }
        let Some(container) = live.container(&item.row.container) else { return Ok(gone()) };
        if item.row.restart {
            return Ok(Move::by(Event::Turn(Turn::Go)));
        }
        let from = source(&item.row)?;
        if container.image == item.to.image {
            // Running again what did not come up repairs; what is whole is left alone.
            let whole = crate::kube::rollout::progress(live, live.generation).complete && from != container.image;
            return Ok(Move::by(Event::Turn(if whole { Turn::AlreadyThere } else { Turn::Go })));
        }
        if container.image == from || self.left_by_slipway(item, &container.image).await? {
            let mut step = Move::by(Event::Turn(Turn::Go));
            if container.image != from {
                step.columns.from_image = Set(Some(store::write(&image_of(&container.image))?));
            }
            return Ok(step);
        }
        Ok(Move::failing(Event::Turn(Turn::Conflict), conflict(container, &from)))
    }

    /// Whether the newest earlier item of this container that changed something left this image there.
    async fn left_by_slipway(&self, item: &Working, image: &str) -> Result<bool, Error> {
        let row = &item.row;
        let earlier = run_item::Entity::find()
            .filter(run_item::COLUMN.cluster_id.eq(row.cluster_id))
            .filter(run_item::COLUMN.namespace.eq(row.namespace.as_str()))
            .filter(run_item::COLUMN.kind.eq(row.kind.as_str()))
            .filter(run_item::COLUMN.workload.eq(row.workload.as_str()))
            .filter(run_item::COLUMN.container.eq(row.container.as_str()))
            .filter(run_item::COLUMN.changed.eq(true))
            .filter(run_item::COLUMN.run_id.lt(row.run_id))
            .order_by_desc(run_item::Column::RunId)
            .one(&self.engine.db)
            .await?;
        let left = earlier.and_then(|row| row.to_image).map(|image| store::read::<Image>(&image)).transpose()?;
        Ok(left.is_some_and(|left| left.image == image))
    }

    /// Sends the one patch for all items that go; what is temporary is tried again.
    async fn apply(&mut self) -> Result<(), Error> {
        let mut pause = Duration::from_millis(200);
        loop {
            let going = self.going(ItemStatus::Applying)?;
            let Some(&first) = going.first() else { return Ok(()) };
            let target =
                WorkloadTarget { key: self.key.clone(), uid: self.items[first].row.uid.clone().unwrap_or_default() };
            let restart = going.iter().all(|&at| self.items[at].row.restart);
            let sent = if restart {
                self.cluster.restart(&target, false).await
            } else {
                let changes = self.changes(&going)?;
                self.cluster.apply_images(&target, &changes, false).await
            };
            match sent {
                Ok(PatchOutcome::Applied(applied)) => return self.applied(&going, &applied, true).await,
                Ok(PatchOutcome::AlreadyThere(applied)) => return self.applied(&going, &applied, false).await,
                Err(why) if why.is_retryable() => {
                    for &at in &going {
                        self.items[at]
                            .best_effort_say(&format!("The cluster did not take the change ({why}). Trying again."))
                            .await;
                    }
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = self.engine.stop.cancelled() => return Ok(()),
                    }
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                Err(why) => return self.refused(&going, &why).await,
            }
        }
    }

    /// Places of the items in this state.
    pub(super) fn going(&self, wanted: ItemStatus) -> Result<Vec<usize>, Error> {
        let mut going = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            if item.status()? == wanted {
                going.push(at);
            }
        }
        Ok(going)
    }

    fn changes(&self, going: &[usize]) -> Result<Vec<ImageChange>, Error> {
        let change = |&at: &usize| {
            let item = &self.items[at];
            Ok(ImageChange {
                container: item.row.container.clone(),
                from_image: source(&item.row)?,
                to_image: item.to.image.clone(),
            })
        };
        going.iter().map(change).collect()
    }

    async fn applied(&mut self, going: &[usize], applied: &Applied, changed: bool) -> Result<(), Error> {
        let live = self.live();
        for &at in going {
            let engine = self.engine.clone();
            let item = &mut self.items[at];
            let no_pods =
                live.as_ref().and_then(|live| crate::kube::rollout::progress(live, applied.generation).proof_none);
            let ours = changed || item.found_applying;
            let mut step = Move::by(Event::Patched { no_pods: no_pods.is_some() });
            step.columns.changed = Set(ours);
            step.columns.generation = Set(Some(applied.generation));
            step.columns.uid = Set(Some(applied.uid.clone()));
            step.columns.applied_at = Set(Some(now().as_millis()));
            if let Some(when) = &no_pods {
                let proof = Proof { state: ProofState::None, pods: 0, pods_proven: 0, why: Some(when.clone()) };
                step.columns.proof = Set(Some(store::write(&proof)?));
            }
            let how = if changed { "Set" } else { "Already set:" };
            item.best_effort_say(&format!("{how} {} of {} to {}", item.row.container, self.key, item.to.image)).await;
            item.step(&engine, step).await?;
        }
        Ok(())
    }

    async fn refused(&mut self, going: &[usize], why: &PatchError) -> Result<(), Error> {
        let failure = why.failure();
        let event = match why {
            PatchError::Conflict(_) => Event::TestFailed { target_there: false },
            PatchError::WorkloadGone | PatchError::ContainerGone(_) => Event::WorkloadGone,
            PatchError::AdmissionDenied(_)
            | PatchError::AdmissionChanged { .. }
            | PatchError::Forbidden(_)
            | PatchError::Unavailable(_) => Event::Refused(failure.code),
        };
        for &at in going {
            let engine = self.engine.clone();
            self.items[at].fail(&engine, event, failure.clone()).await?;
        }
        Ok(())
    }
}

/// Waits until the cluster answers; false when Slipway stops or the run is cancelled meanwhile.
async fn reachable(engine: &Engine, cluster: &Cluster, rows: &[run_item::Model]) -> Result<bool, Error> {
    let mut statuses = cluster.view().status_changes();
    loop {
        if statuses.borrow_and_update().reach == Reach::Reachable {
            tokio::select! {
                () = cluster.view().settled() => return Ok(true),
                () = engine.stop.cancelled() => return Ok(false),
            }
        }
        for row in rows {
            wait_for(engine, row, WaitKind::Cluster, None, None).await?;
        }
        tokio::select! {
            changed = statuses.changed() => if changed.is_err() { return Ok(false) },
            () = engine.stop.cancelled() => return Ok(false),
        }
        let Some(first) = rows.first() else { return Ok(false) };
        let run = run::Entity::find_by_id(first.run_id).one(&engine.db).await?;
        if run.is_none_or(|run| run.cancel_requested) {
            return Ok(false);
        }
    }
}

/// Whether who asked for the run may still deploy to its map.
async fn still_allowed(engine: &Engine, run: &run::Model) -> Result<bool, Error> {
    let Some(user_id) = run.user_id.filter(|id| !id.is_nil()) else { return Ok(true) };
    let map = On::Map(Name::parse(&run.map_name).map_err(Error::Internal)?);
    match engine.active_user(user_id).await {
        Ok(user) => Ok(crate::service::grants_of(&user)?.iter().any(|scope| scope.allows(Verb::Deploy, &map))),
        Err(Error::Unauthenticated) => Ok(false),
        Err(other) => Err(other),
    }
}

async fn fail_all(engine: &Engine, rows: &[run_item::Model], cause: Cause, words: &str) -> Result<(), Error> {
    for row in rows {
        let step = Move::failing(Event::Turn(Turn::Refused(cause)), failure(cause, words.to_owned()));
        move_item(engine, row.run_id, row.n, step).await?;
        touch_item(engine, row.run_id, row.n, run_item::ActiveModel::default()).await?;
    }
    Ok(())
}

/// The reference that the template has before the item.
fn source(row: &run_item::Model) -> Result<String, Error> {
    let from = row
        .from_image
        .as_ref()
        .ok_or_else(|| Error::Internal(format!("item {} of {} has no source", row.n, row.run_id)))?;
    Ok(store::read::<Image>(from)?.image)
}

fn image_of(text: &str) -> Image {
    match ImageRef::parse(text) {
        Ok(image) => Image {
            image: text.to_owned(),
            repository: image.repository.to_string(),
            tag: image.tag,
            digest: image.digest,
        },
        Err(_) => Image { image: text.to_owned(), repository: text.to_owned(), tag: None, digest: None },
    }
}

fn conflict(container: &ContainerView, from: &str) -> Failure {
    let who = container.written_by.as_deref().unwrap_or("somebody");
    let message = format!("{} runs {}, set by {who}; the plan was made for {from}.", container.name, container.image);
    Failure {
        code: Cause::Conflict,
        evidence: vec![Evidence {
            kind: "api".to_owned(),
            name: container.name.clone(),
            text: container.image.clone(),
        }],
        message,
        advice: Some("Look at what runs now, and run again from there.".to_owned()),
    }
}

pub(super) fn failure(code: Cause, message: String) -> Failure {
    Failure { code, message, evidence: Vec::new(), advice: None }
}
