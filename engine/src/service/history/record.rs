//! What is written into the history, in the transaction of the change that made it so.

use super::super::Result;
use crate::{
    now,
    registry::DigestSet,
    store::{self, history, run_item},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use types::{Image, history::ChangeSource, run::Proof};
use uuid::Uuid;

/// A container in a cluster: where its history is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) cluster_id: i64,
    pub(crate) namespace: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) workload: &'a str,
    pub(crate) container: &'a str,
}

impl<'a> Place<'a> {
    pub(crate) fn of(row: &'a run_item::Model) -> Self {
        Self {
            cluster_id: row.cluster_id,
            namespace: &row.namespace,
            kind: &row.kind,
            workload: &row.workload,
            container: &row.container,
        }
    }

    /// The entries of this container.
    pub(crate) fn entries(self) -> Condition {
        let Self { cluster_id, namespace, kind, workload, container } = self;
        Condition::all()
            .add(history::Column::ClusterId.eq(cluster_id))
            .add(history::Column::Namespace.eq(namespace))
            .add(history::Column::Kind.eq(kind))
            .add(history::Column::Workload.eq(workload))
            .add(history::Column::Container.eq(container))
    }
}

/// What the template has from now on.
pub(crate) struct Ran {
    pub(crate) image: Image,
    pub(crate) digests: DigestSet,
}

/// A new entry, as far as its maker knows.
pub(crate) struct Entry<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) ran: Ran,
    pub(crate) source: ChangeSource,
    pub(crate) manager: Option<String>,
    pub(crate) by: Option<(Uuid, i32)>,
    pub(crate) from_at: i64,
    pub(crate) until_at: Option<i64>,
    pub(crate) found: bool,
}

/// What a container has now, as the history knows it.
pub(crate) async fn open_entry<C: ConnectionTrait>(db: &C, place: Place<'_>) -> Result<Option<history::Model>> {
    let query = history::Entity::find()
        .filter(place.entries())
        .filter(history::COLUMN.until_at.is_null())
        .order_by_desc(history::Column::Id);
    Ok(query.one(db).await?)
}

/// Ends the present entry and begins another.
pub(crate) async fn begin<C: ConnectionTrait>(tx: &C, entry: Entry<'_>) -> Result<()> {
    let ended = history::ActiveModel { until_at: Set(Some(entry.from_at)), ..Default::default() };
    history::Entity::update_many()
        .set(ended)
        .filter(entry.place.entries())
        .filter(history::COLUMN.until_at.is_null())
        .exec(tx)
        .await?;
    insert(tx, entry).await
}

/// Adds an entry and leaves the others as they are.
pub(crate) async fn insert<C: ConnectionTrait>(tx: &C, entry: Entry<'_>) -> Result<()> {
    let Entry { place, ran, source, manager, by, from_at, until_at, found } = entry;
    let row = history::ActiveModel {
        id: Set(Uuid::now_v7()),
        cluster_id: Set(place.cluster_id),
        namespace: Set(place.namespace.to_owned()),
        kind: Set(place.kind.to_owned()),
        workload: Set(place.workload.to_owned()),
        container: Set(place.container.to_owned()),
        image: Set(store::write(&ran.image)?),
        digest_set: Set(store::write(&ran.digests)?),
        source: Set(source.as_str().to_owned()),
        manager: Set(manager),
        run_id: Set(by.map(|(run, _)| run)),
        item: Set(by.map(|(_, item)| item)),
        proof: Set(None),
        from_at: Set(from_at),
        until_at: Set(until_at),
        found: Set(found),
    };
    history::Entity::insert(row).exec(tx).await?;
    Ok(())
}

/// An item has set an image. Where nothing is known of the time before, its source is what was found.
pub(crate) async fn ran<C: ConnectionTrait>(tx: &C, row: &run_item::Model, ran: Ran) -> Result<()> {
    let (place, at) = (Place::of(row), now().as_millis());
    if open_entry(tx, place).await?.is_none()
        && let Some(back) = &row.back_image
    {
        let digests = row.back_digest_set.as_ref().map(store::read).transpose()?.unwrap_or_default();
        let before = Ran { image: store::read(back)?, digests };
        let source = ChangeSource::External;
        let found =
            Entry { place, ran: before, source, manager: None, by: None, from_at: at, until_at: None, found: true };
        insert(tx, found).await?;
    }
    let entry = Entry {
        place,
        ran,
        source: ChangeSource::Slipway,
        manager: Some(crate::kube::patch::FIELD_MANAGER.to_owned()),
        by: Some((row.run_id, row.n)),
        from_at: at,
        until_at: None,
        found: false,
    };
    begin(tx, entry).await
}

/// The pods of what an item has set were looked at.
pub(crate) async fn proven<C: ConnectionTrait>(tx: &C, row: &run_item::Model, proof: &Proof) -> Result<()> {
    let Some(open) = open_entry(tx, Place::of(row)).await? else { return Ok(()) };
    if open.run_id != Some(row.run_id) {
        return Ok(());
    }
    let change =
        history::ActiveModel { id: Set(open.id), proof: Set(Some(store::write(proof)?)), ..Default::default() };
    history::Entity::update(change).exec(tx).await?;
    Ok(())
}
