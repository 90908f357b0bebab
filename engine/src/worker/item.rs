//! What of an item is written down: moves by events, compare-and-set, with the run's state derived
//! from it and the history kept in the same transaction.

use super::lease;
use crate::{
    Engine, Error,
    bus::Change,
    now,
    registry::DigestSet,
    service::{
        history::record::{self, Ran},
        runs::{item_status, run_status},
    },
    state::{
        item::{self, Event, Next},
        run::{ItemFacts, RunFacts, status},
        undo,
    },
    store::{self, run, run_item, write_tx},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use types::{
    Image, Time,
    run::{Failure, ItemStatus, OnFailure, Phase, PhaseName, Proof, RunStatus},
};
use uuid::Uuid;

/// An event and what is written with it.
pub(crate) struct Move {
    /// None: nothing moves, and what is known is written.
    pub(crate) event: Option<Event>,
    /// Columns beside status, reason, failure and phases.
    pub(crate) columns: run_item::ActiveModel,
    /// Why, where the event leads to `failed`.
    pub(crate) failure: Option<Failure>,
    /// Words that say why it ended as it did.
    pub(crate) reason: Option<String>,
    /// What the template has from now on.
    pub(crate) ran: Option<(Image, DigestSet)>,
    /// What shows that it runs.
    pub(crate) proof: Option<Proof>,
    /// The run that moves it, where that is another one than its own.
    pub(crate) by: Option<Uuid>,
}

impl Move {
    pub(crate) fn by(event: Event) -> Self {
        Self { event: Some(event), ..Self::none() }
    }

    /// Writes what is known of an item without moving it.
    pub(crate) fn none() -> Self {
        Self {
            event: None,
            columns: run_item::ActiveModel::default(),
            failure: None,
            reason: None,
            ran: None,
            proof: None,
            by: None,
        }
    }

    pub(crate) fn failing(event: Event, failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::by(event) }
    }

    pub(crate) fn because(event: Event, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::by(event) }
    }
}

/// Moves an item by an event; the row it has then, or none if the event cannot come any more.
pub(crate) async fn move_item(
    engine: &Engine,
    run_id: Uuid,
    n: i32,
    step: Move,
) -> Result<Option<run_item::Model>, Error> {
    let Move { event, mut columns, failure, reason, ran, proof, by } = step;
    let tx = write_tx(&engine.db).await?;
    let run = match by {
        Some(other) => {
            run_of(engine, &tx, other).await?;
            find_run(&tx, run_id).await?
        }
        None => run_of(engine, &tx, run_id).await?,
    };
    let row = run_item::Entity::find_by_id((run_id, n)).one(&tx).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("item {n} of run {run_id}")))?;
    if let Some(event) = event {
        let from = item_status(&row.status)?;
        let Some(next) = item::next(from, event) else { return Ok(None) };
        columns.phases = Set(store::write(&phases(&row, from, next.to)?)?);
        move_columns(&mut columns, next, failure, reason)?;
    }
    if let Some(proof) = &proof {
        columns.proof = Set(Some(store::write(proof)?));
    }
    let row = update(&tx, &row, columns).await?;
    if let Some((image, digests)) = ran {
        record::ran(&tx, &row, Ran { image, digests }).await?;
    }
    if let Some(proof) = &proof {
        record::proven(&tx, &row, proof).await?;
    }
    derive(&tx, &run).await?;
    tx.commit().await?;
    engine.bus.tell(Change::Run { id: run_id, map_id: run.map_id });
    Ok(Some(row))
}

/// Writes what is known of an item without moving it.
pub(crate) async fn touch_item(
    engine: &Engine,
    run_id: Uuid,
    n: i32,
    columns: run_item::ActiveModel,
) -> Result<(), Error> {
    move_item(engine, run_id, n, Move { columns, ..Move::none() }).await?;
    Ok(())
}

fn move_columns(
    columns: &mut run_item::ActiveModel,
    next: Next,
    failure: Option<Failure>,
    reason: Option<String>,
) -> Result<(), Error> {
    let Next { to, cause, reason: word } = next;
    columns.status = Set(to.as_str().to_owned());
    columns.waiting_for = Set(None);
    if let Some(reason) = word.map(str::to_owned).or(reason) {
        columns.reason = Set(Some(reason));
    }
    if let Some(code) = cause {
        let known = failure.map(|known| Failure { code, ..known });
        let failure = known.unwrap_or_else(|| Failure {
            code,
            message: code.as_str().replace('_', " "),
            evidence: Vec::new(),
            advice: None,
            at_deadline: false,
        });
        columns.failure = Set(Some(store::write(&failure)?));
    }
    if to.is_final() {
        columns.trouble = Set(None);
    }
    Ok(())
}

async fn update(
    tx: &DatabaseTransaction,
    row: &run_item::Model,
    mut columns: run_item::ActiveModel,
) -> Result<run_item::Model, Error> {
    columns.run_id = Set(row.run_id);
    columns.n = Set(row.n);
    Ok(run_item::Entity::update(columns).exec(tx).await?)
}

/// The row of a run that this process works on.
pub(super) async fn run_of(engine: &Engine, tx: &DatabaseTransaction, id: Uuid) -> Result<run::Model, Error> {
    let row = find_run(tx, id).await?;
    lease::check(engine, &row)?;
    Ok(row)
}

async fn find_run(tx: &DatabaseTransaction, id: Uuid) -> Result<run::Model, Error> {
    run::Entity::find_by_id(id).one(tx).await?.ok_or_else(|| Error::NotFound(format!("run {id}")))
}

/// Derives the run's state from its items, and whether its policy sends it back.
pub(super) async fn derive(tx: &DatabaseTransaction, row: &run::Model) -> Result<(), Error> {
    let run_id = row.id;
    let items = run_item::Entity::find()
        .filter(run_item::COLUMN.run_id.eq(run_id))
        .order_by_asc(run_item::Column::N)
        .all(tx)
        .await?;
    let policy: OnFailure = store::read(&row.on_failure.as_str().into())?;
    let way_back = items.iter().map(undo_facts).collect::<Result<Vec<_>, Error>>()?;
    let undo_triggered = row.undo_triggered || undo::triggers(policy, &way_back);
    let facts: Vec<ItemFacts<'_>> =
        items.iter().zip(&way_back).map(|(item, back)| item_facts(item, back, undo_triggered)).collect();
    let status = status(&facts, RunFacts { cancel_requested: row.cancel_requested, undo_triggered });
    let now = now().as_millis();
    let begun = !matches!(status, RunStatus::Queued);
    let mut change = run::ActiveModel { id: Set(run_id), version: Set(row.version + 1), ..Default::default() };
    change.status = Set(status.as_str().to_owned());
    change.undo_triggered = Set(undo_triggered);
    if begun && row.started_at.is_none() {
        change.started_at = Set(Some(now));
    }
    if status.is_settled() && row.ended_at.is_none() {
        change.ended_at = Set(Some(now));
        change.holder = Set(None);
    }
    if run_status(&row.status)? != status {
        tracing::info!(run = %run_id, from = row.status, to = status.as_str(), "run");
    }
    run::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// What decides the state of the run.
pub(super) fn item_facts<'a>(row: &'a run_item::Model, back: &undo::Facts, triggered: bool) -> ItemFacts<'a> {
    ItemFacts {
        status: back.status,
        reason: row.reason.as_deref(),
        changed: row.changed && !row.restart,
        due: undo::is_due(back, triggered),
    }
}

/// What decides whether an item goes back.
pub(super) fn undo_facts(row: &run_item::Model) -> Result<undo::Facts, Error> {
    let phases: Vec<Phase> = store::read(&row.phases)?;
    let failure: Option<Failure> = row.failure.as_ref().map(store::read).transpose()?;
    Ok(undo::Facts {
        wave: row.wave,
        status: item_status(&row.status)?,
        can_go_back: can_go_back(row),
        tried: phases.iter().any(|phase| phase.phase == PhaseName::Undoing),
        late: failure.is_some_and(|failure| failure.at_deadline),
        on_deadline: row.undo_on_deadline,
    })
}

/// It changed an image, and knows what was there before.
pub(super) fn can_go_back(row: &run_item::Model) -> bool {
    row.changed && !row.restart && row.back_image.is_some()
}

/// Ends the last phase and begins that of the new state.
fn phases(row: &run_item::Model, from: ItemStatus, to: ItemStatus) -> Result<Vec<Phase>, Error> {
    let mut phases: Vec<Phase> = store::read(&row.phases)?;
    if from == to {
        return Ok(phases);
    }
    let now: Time = now();
    if let Some(last) = phases.last_mut().filter(|last| last.duration_ms.is_none()) {
        last.duration_ms = Some(now.since_ms(last.at));
    }
    if let Some(phase) = phase_of(to) {
        phases.push(Phase { phase, at: now, duration_ms: None });
    }
    Ok(phases)
}

fn phase_of(status: ItemStatus) -> Option<PhaseName> {
    match status {
        ItemStatus::Queued => Some(PhaseName::Queued),
        ItemStatus::Building => Some(PhaseName::Building),
        ItemStatus::Applying => Some(PhaseName::Applying),
        ItemStatus::Rolling => Some(PhaseName::Rolling),
        ItemStatus::Undoing => Some(PhaseName::Undoing),
        ItemStatus::Succeeded
        | ItemStatus::Failed
        | ItemStatus::Canceled
        | ItemStatus::Skipped
        | ItemStatus::Superseded
        | ItemStatus::Undone => None,
    }
}
