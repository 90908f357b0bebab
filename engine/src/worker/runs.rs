//! Runs: each is driven by one task, which decides from the database what may go on.

use super::{
    group,
    item::{self, Move, move_item, touch_item},
    lock,
};
use crate::{
    Engine, Error,
    bus::Change,
    now,
    service::{build_runs::status_of, runs::item_status, tasks::OPEN},
    state::item::{EARLIER_FAILURE, Event, SAME_VERSION},
    store::{self, build_run, run, run_item, write_tx},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder};
use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};
use tokio::{sync::broadcast::error::RecvError, task::JoinSet};
use types::{
    Digest, Image, Time,
    build_run::{BuildFailure, BuildRunStatus},
    map::WrittenForm,
    run::{Cause, Evidence, Failure, ItemStatus, OnFailure, WaitKind, WaitingFor},
};
use uuid::Uuid;

/// A signal that was lost costs at most this.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// Starts a driver for every run that has none.
pub(super) async fn run(engine: Engine) {
    loop {
        if let Err(why) = pass(&engine).await {
            tracing::warn!(%why, "runs could not be looked for");
        }
        tokio::select! {
            () = engine.workers.runs.notified() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

async fn pass(engine: &Engine) -> Result<(), Error> {
    let open = run::Entity::find()
        .filter(run::COLUMN.ended_at.is_null())
        .order_by_asc(run::Column::Id)
        .all(&engine.db)
        .await?;
    for row in open {
        if !lock(&engine.workers.driving).insert(row.id) {
            continue;
        }
        let engine = engine.clone();
        engine.tasks.clone().spawn(async move {
            let id = row.id;
            if let Err(why) = drive(&engine, id).await {
                tracing::error!(%why, run = %id, "a run could not be driven; it is taken up again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            lock(&engine.workers.driving).remove(&id);
            engine.workers.runs.notify_one();
        });
    }
    Ok(())
}

/// Groups at work: `kind/workload` and wave.
type GroupKey = (String, i32);

async fn drive(engine: &Engine, id: Uuid) -> Result<(), Error> {
    let mut bus = engine.bus.listen();
    let mut at_work: JoinSet<GroupKey> = JoinSet::new();
    let mut keys: HashSet<GroupKey> = HashSet::new();
    loop {
        let view = View::read(engine, id).await?;
        if view.settled() {
            if view.run.ended_at.is_none() {
                let tx = write_tx(&engine.db).await?;
                let map_id = item::derive(&tx, id).await?;
                tx.commit().await?;
                engine.bus.tell(Change::Run { id, map_id });
            }
            // Their last moves are committed, but not yet told, nor are their logs closed.
            while at_work.join_next().await.is_some() {}
            return Ok(());
        }
        let moved =
            view.follow_builds(engine).await? || view.cancel(engine).await? || view.skip_after_failure(engine).await?;
        if moved {
            continue;
        }
        for (key, items) in view.ready_groups(engine).await? {
            if keys.insert(key.clone()) {
                let (engine, run) = (engine.clone(), view.run.clone());
                at_work.spawn(async move {
                    group::run(&engine, run, items).await;
                    key
                });
            }
        }
        tokio::select! {
            Some(done) = at_work.join_next() => { done.iter().for_each(|key| { keys.remove(key); }); }
            () = relevant(&mut bus) => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = engine.stop.cancelled() => {
                // Groups notice the stop themselves and leave their items where they are.
                while at_work.join_next().await.is_some() {}
                return Ok(());
            }
        }
    }
}

/// Waits for a change that may matter: of any run (queues) or build run.
async fn relevant(bus: &mut tokio::sync::broadcast::Receiver<Change>) {
    loop {
        match bus.recv().await {
            Ok(Change::Run { .. } | Change::BuildRun { .. }) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
            Ok(Change::Map { .. } | Change::Settings) => {}
        }
    }
}

/// A run as it stands in the database.
struct View {
    run: run::Model,
    on_failure: OnFailure,
    items: Vec<(run_item::Model, ItemStatus)>,
}

impl View {
    async fn read(engine: &Engine, id: Uuid) -> Result<Self, Error> {
        let run =
            run::Entity::find_by_id(id).one(&engine.db).await?.ok_or_else(|| Error::NotFound(format!("run {id}")))?;
        let rows = run_item::Entity::find()
            .filter(run_item::COLUMN.run_id.eq(id))
            .order_by_asc(run_item::Column::N)
            .all(&engine.db)
            .await?;
        let items = rows
            .into_iter()
            .map(|row| {
                let status = item_status(&row.status)?;
                Ok((row, status))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { on_failure: store::read(&run.on_failure.as_str().into())?, run, items })
    }

    fn settled(&self) -> bool {
        self.items.iter().all(|(_, status)| status.is_final())
    }

    /// Items whose build run has ended take what it made, or end with it.
    async fn follow_builds(&self, engine: &Engine) -> Result<bool, Error> {
        let mut moved = false;
        for (row, _) in self.items.iter().filter(|(_, status)| *status == ItemStatus::Building) {
            let build = match row.build_run_id {
                Some(id) => build_run::Entity::find_by_id(id).one(&engine.db).await?,
                None => None,
            };
            let Some(build) = build else { continue };
            let step = match status_of(&build.status)? {
                BuildRunStatus::Succeeded => {
                    Move { columns: made(engine, &self.run, row, &build).await?, ..Move::by(Event::BuildSucceeded) }
                }
                BuildRunStatus::Failed => Move::failing(Event::BuildFailed, build_failure(engine, &build)),
                BuildRunStatus::Canceled => {
                    let words = format!("build {} #{} was cancelled", build.build_name, build.number);
                    Move::because(Event::BuildCanceled, words)
                }
                BuildRunStatus::Queued | BuildRunStatus::Running | BuildRunStatus::Canceling => {
                    wait_for(engine, row, WaitKind::Build, None, None).await?;
                    continue;
                }
            };
            moved |= move_item(engine, row.run_id, row.n, step).await?.is_some();
        }
        Ok(moved)
    }

    /// A cancel ends what has not begun, and the builds that nobody else waits for.
    async fn cancel(&self, engine: &Engine) -> Result<bool, Error> {
        if !self.run.cancel_requested {
            return Ok(false);
        }
        let mut moved = false;
        let waiting = |status: ItemStatus| matches!(status, ItemStatus::Queued | ItemStatus::Building);
        for (row, status) in self.items.iter().filter(|(_, status)| waiting(*status)) {
            let step = Move::because(Event::Cancel { rollback: false }, "cancelled before it began");
            moved |= move_item(engine, row.run_id, row.n, step).await?.is_some();
            if let (ItemStatus::Building, Some(build)) = (*status, row.build_run_id)
                && engine.open_items_of_build_run(build).await?.is_empty()
            {
                engine.request_build_cancel(build).await?;
            }
        }
        Ok(moved)
    }

    /// Under `stop`, what has not begun is skipped once an item has failed.
    async fn skip_after_failure(&self, engine: &Engine) -> Result<bool, Error> {
        if self.on_failure == OnFailure::Continue || !self.items.iter().any(|(row, status)| stops(row, *status)) {
            return Ok(false);
        }
        let mut moved = false;
        for (row, _) in self.items.iter().filter(|(_, status)| *status == ItemStatus::Queued) {
            moved |= move_item(engine, row.run_id, row.n, Move::by(Event::EarlierFailure)).await?.is_some();
        }
        Ok(moved)
    }

    /// Groups of items of one workload and wave whose turn has come, or that were at work before a stop.
    async fn ready_groups(&self, engine: &Engine) -> Result<BTreeMap<GroupKey, Vec<run_item::Model>>, Error> {
        let mut groups: BTreeMap<GroupKey, Vec<&(run_item::Model, ItemStatus)>> = BTreeMap::new();
        for item in self.items.iter().filter(|(_, status)| !status.is_final()) {
            let key = (format!("{}/{}", item.0.kind, item.0.workload), item.0.wave);
            groups.entry(key).or_default().push(item);
        }
        let mut ready = BTreeMap::new();
        for (key, items) in groups {
            let begun = items.iter().any(|(_, status)| matches!(status, ItemStatus::Applying | ItemStatus::Rolling));
            if begun || self.may_begin(engine, key.1, &items).await? {
                ready.insert(key, items.into_iter().map(|(row, _)| row.clone()).collect());
            }
        }
        Ok(ready)
    }

    async fn may_begin(
        &self,
        engine: &Engine,
        wave: i32,
        items: &[&(run_item::Model, ItemStatus)],
    ) -> Result<bool, Error> {
        let building = |(_, status): &(run_item::Model, ItemStatus)| *status == ItemStatus::Building;
        if items.iter().any(|item| building(item)) {
            return Ok(false);
        }
        if self.on_failure != OnFailure::Continue && self.items.iter().any(building) {
            for (row, _) in items {
                wait_for(engine, row, WaitKind::Build, None, None).await?;
            }
            return Ok(false);
        }
        let before = self.items.iter().find(|(row, status)| row.wave < wave && !status.is_final());
        if let Some((before, _)) = before {
            for (row, _) in items {
                wait_for(engine, row, WaitKind::Wave, Some(before.run_id), Some(before.n)).await?;
            }
            return Ok(false);
        }
        for (row, _) in items {
            if let Some(holder) = holder(engine, row).await? {
                for (row, _) in items {
                    wait_for(engine, row, WaitKind::Workload, Some(holder.run_id), Some(holder.n)).await?;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether an item keeps later ones of its run from beginning.
fn stops(row: &run_item::Model, status: ItemStatus) -> bool {
    match status {
        ItemStatus::Failed | ItemStatus::Canceled | ItemStatus::Superseded | ItemStatus::Undone => true,
        ItemStatus::Skipped => {
            !matches!(row.reason.as_deref(), Some(SAME_VERSION | EARLIER_FAILURE)) && row.failure.is_some()
        }
        ItemStatus::Queued
        | ItemStatus::Building
        | ItemStatus::Applying
        | ItemStatus::Rolling
        | ItemStatus::Undoing
        | ItemStatus::Succeeded => false,
    }
}

/// The item of an earlier run that has the workload in hand, or waits for it before us.
async fn holder(engine: &Engine, row: &run_item::Model) -> Result<Option<run_item::Model>, Error> {
    let open = OPEN.iter().map(|status| status.as_str());
    let query = run_item::Entity::find()
        .filter(run_item::COLUMN.cluster_id.eq(row.cluster_id))
        .filter(run_item::COLUMN.namespace.eq(row.namespace.as_str()))
        .filter(run_item::COLUMN.kind.eq(row.kind.as_str()))
        .filter(run_item::COLUMN.workload.eq(row.workload.as_str()))
        .filter(run_item::COLUMN.status.is_in(open))
        .filter(run_item::COLUMN.run_id.lt(row.run_id))
        .order_by_asc(run_item::Column::RunId);
    Ok(query.one(&engine.db).await?)
}

/// Writes what an item waits for, once.
pub(super) async fn wait_for(
    engine: &Engine,
    row: &run_item::Model,
    kind: WaitKind,
    run: Option<Uuid>,
    n: Option<i32>,
) -> Result<(), Error> {
    let item = n.and_then(|n| u32::try_from(n).ok());
    let known: Option<WaitingFor> = row.waiting_for.as_ref().map(store::read).transpose()?;
    if known.is_some_and(|known| known.kind == kind && known.run == run && known.item == item) {
        return Ok(());
    }
    let waiting = WaitingFor { kind, run, item, since: now() };
    let columns = run_item::ActiveModel { waiting_for: Set(Some(store::write(&waiting)?)), ..Default::default() };
    touch_item(engine, row.run_id, row.n, columns).await
}

/// What a succeeded build run gives to the item: the image it goes to.
async fn made(
    engine: &Engine,
    run: &run::Model,
    row: &run_item::Model,
    build: &build_run::Model,
) -> Result<run_item::ActiveModel, Error> {
    let broken = |what: &str| Error::Internal(format!("build run {} has no {what}", build.id));
    let digest =
        build.digest.as_deref().and_then(|digest| Digest::parse(digest).ok()).ok_or_else(|| broken("digest"))?;
    let from: Image = store::read(row.from_image.as_ref().ok_or_else(|| broken("source"))?)?;
    let written = crate::image::ImageRef::parse(&from.image).map_err(Error::Internal)?.written;
    let form = match engine.map_of_run(run).await? {
        Some(map) => crate::service::maps::form_of(&map.written_form),
        None => WrittenForm::TagDigest,
    };
    let to = Image {
        image: crate::service::tasks::write(&written, build.tag.as_deref(), Some(&digest), form),
        repository: from.repository,
        tag: build.tag.clone(),
        digest: Some(digest.clone()),
    };
    let entry = engine.registry_entry(build.registry_id).await?;
    let path = crate::build::path_of(&build.repository);
    let resolved = entry.resolve(&path, &crate::registry::Reference::Digest(digest.clone())).await;
    let set = resolved.map(|resolved| resolved.digest_set).unwrap_or_else(|_| std::iter::once(digest).collect());
    Ok(run_item::ActiveModel {
        to_image: Set(Some(store::write(&to)?)),
        digest_set: Set(Some(store::write(&set)?)),
        ..Default::default()
    })
}

fn build_failure(engine: &Engine, build: &build_run::Model) -> Failure {
    let name = format!("build {} #{}", build.build_name, build.number);
    let known: Option<BuildFailure> = build.failure.as_ref().and_then(|failure| store::read(failure).ok());
    let words = known.map_or_else(|| "it failed".to_owned(), |failure| failure.message);
    let link = format!("{}/builds/{}/runs/{}/log", engine.config.url, build.build_name, build.number);
    Failure {
        code: Cause::BuildFailed,
        message: format!("The {name} failed: {words}"),
        evidence: vec![Evidence { kind: "build".to_owned(), name, text: link }],
        advice: Some("Read the build's log, mend what failed, and run it again.".to_owned()),
    }
}

/// When a moment of the database lies, for how long ago it is.
pub(super) fn since(ms: Option<i64>) -> Duration {
    let passed = ms.map_or(0, |ms| now().since_ms(Time::from_millis(ms)));
    Duration::from_millis(passed)
}
