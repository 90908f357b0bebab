//! An item at work, and the way it goes: forward to its target, or back to its source.

use crate::{
    Engine, Error,
    kube::ImageChange,
    logs::{LogWriter, Masker},
    registry::DigestSet,
    service::runs::item_status,
    state::item::Event,
    store::{self, run_item},
    worker::item::{Move, move_item},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use types::{
    Image,
    run::{Cause, Evidence, Failure, ItemStatus, Proof, ProofState},
};

/// Which way an item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worker) enum Way {
    Forward,
    Back,
}

/// An item at work.
pub(in crate::worker) struct Working {
    pub(in crate::worker) row: run_item::Model,
    pub(in crate::worker) way: Way,
    pub(in crate::worker) to: Image,
    pub(in crate::worker) set: DigestSet,
    pub(in crate::worker) log: LogWriter,
    /// Its patch may have arrived unseen: a target that is there is of its own.
    pub(super) may_be_ours: bool,
}

impl Working {
    pub(super) async fn open(engine: &Engine, row: run_item::Model) -> Result<Self, Error> {
        let status = item_status(&row.status)?;
        let way = if status == ItemStatus::Undoing { Way::Back } else { Way::Forward };
        let (to, set) = match way {
            Way::Forward => (&row.to_image, &row.digest_set),
            Way::Back => (&row.back_image, &row.back_digest_set),
        };
        let missing = || Error::Internal(format!("item {} of {} has no target", row.n, row.run_id));
        let to = store::read(to.as_ref().ok_or_else(missing)?)?;
        let set = set.as_ref().map(store::read).transpose()?.unwrap_or_default();
        let log = engine.logs.open_writer(row.log_id, Masker::default()).await;
        let may_be_ours = status == ItemStatus::Applying;
        Ok(Self { way, to, set, log: log.map_err(crate::service::logs::log_error)?, may_be_ours, row })
    }

    pub(in crate::worker) fn status(&self) -> Result<ItemStatus, Error> {
        item_status(&self.row.status)
    }

    /// Its patch has to be sent.
    pub(super) fn applies(&self) -> Result<bool, Error> {
        Ok(match self.way {
            Way::Forward => self.status()? == ItemStatus::Applying,
            Way::Back => self.status()? == ItemStatus::Undoing && self.row.undo_generation.is_none(),
        })
    }

    /// Its patch was taken, and the pods follow.
    pub(in crate::worker) fn rolls(&self) -> Result<bool, Error> {
        Ok(match self.way {
            Way::Forward => self.status()? == ItemStatus::Rolling,
            Way::Back => self.status()? == ItemStatus::Undoing && self.row.undo_generation.is_some(),
        })
    }

    pub(in crate::worker) fn generation(&self) -> Option<i64> {
        match self.way {
            Way::Forward => self.row.generation,
            Way::Back => self.row.undo_generation,
        }
    }

    pub(in crate::worker) fn applied_at(&self) -> Option<i64> {
        match self.way {
            Way::Forward => self.row.applied_at,
            Way::Back => self.row.undo_applied_at,
        }
    }

    /// What its patch tests and replaces.
    pub(super) fn change(&self) -> Result<ImageChange, Error> {
        let from = match self.way {
            Way::Forward => image(&self.row.from_image)?,
            Way::Back => image(&self.row.to_image)?,
        };
        Ok(ImageChange {
            container: self.row.container.clone(),
            from_image: from.image,
            to_image: self.to.image.clone(),
        })
    }

    /// The template is changed; `no_pods`: nothing can prove it.
    pub(super) fn taken(&self, generation: i64, at: i64, no_pods: Option<&str>) -> Move {
        let mut step = match (self.way, no_pods) {
            (Way::Forward, no_pods) => Move::by(Event::Patched { no_pods: no_pods.is_some() }),
            (Way::Back, Some(_)) => Move::by(Event::OldVersionOut),
            (Way::Back, None) => Move::none(),
        };
        match self.way {
            Way::Forward => {
                step.columns.generation = Set(Some(generation));
                step.columns.applied_at = Set(Some(at));
            }
            Way::Back => {
                step.columns.undo_generation = Set(Some(generation));
                step.columns.undo_applied_at = Set(Some(at));
            }
        }
        let none = |why: &str| Proof { state: ProofState::None, pods: 0, pods_proven: 0, why: Some(why.to_owned()) };
        step.proof = no_pods.map(none);
        step
    }

    /// The pods have followed, and were looked at.
    pub(in crate::worker) fn rolled_out(&self, proof: Proof) -> Move {
        let contradicted = proof.state == ProofState::Contradicted;
        let why = proof.why.clone().unwrap_or_default();
        let mut step = match (self.way, contradicted) {
            (Way::Forward, false) => Move::by(Event::RolledOut(proof.state)),
            (Way::Forward, true) => {
                Move::failing(Event::RolledOut(proof.state), super::failure(Cause::DigestMismatch, why))
            }
            (Way::Back, false) => Move::by(Event::OldVersionOut),
            (Way::Back, true) => self.ended(super::failure(Cause::DigestMismatch, why)),
        };
        step.proof = Some(proof);
        step
    }

    /// A cause ends it, or the deadline does.
    pub(in crate::worker) fn ended(&self, failure: Failure) -> Move {
        match self.way {
            Way::Forward => Move::failing(Event::Ended(failure.code), failure),
            Way::Back => Move::failing(Event::UndoEnded, inner(failure)),
        }
    }

    /// Workload or container is gone.
    pub(in crate::worker) fn gone(&self, failure: Failure) -> Move {
        match self.way {
            Way::Forward => Move::failing(Event::WorkloadGone, failure),
            Way::Back => Move::failing(Event::WorkloadGone, inner(failure)),
        }
    }

    /// The template is somebody else's now.
    pub(in crate::worker) fn overtaken(&self, words: String) -> Move {
        match self.way {
            Way::Forward => Move::because(Event::Overtaken, words),
            Way::Back => Move::failing(Event::Overtaken, inner(super::failure(Cause::Conflict, words))),
        }
    }

    /// The API server refuses the patch for good.
    pub(super) fn refused(&self, event: Event, failure: Failure) -> Move {
        match self.way {
            Way::Forward => Move::failing(event, failure),
            Way::Back => Move::failing(Event::UndoEnded, inner(failure)),
        }
    }

    /// Writes a line into the item's log; the rollout does not fail with its log.
    pub(in crate::worker) async fn best_effort_say(&self, text: &str) {
        if let Err(why) = self.log.system(0, text).await {
            tracing::warn!(%why, log = %self.row.log_id, "a line was not written");
        }
    }

    /// Moves the item and says why it failed; whether the event could still come.
    pub(in crate::worker) async fn step(&mut self, engine: &Engine, step: Move) -> Result<bool, Error> {
        if let Some(failure) = &step.failure {
            self.best_effort_say(&format!("failed ({}): {}", failure.code.as_str(), failure.message)).await;
        }
        let moved = move_item(engine, self.row.run_id, self.row.n, step).await?;
        let possible = moved.is_some();
        match moved {
            Some(row) => self.row = row,
            None => self.refresh(engine).await?,
        }
        Ok(possible)
    }

    /// Reads what others have written: a rollback may have overtaken it.
    pub(in crate::worker) async fn refresh(&mut self, engine: &Engine) -> Result<(), Error> {
        if let Some(row) = run_item::Entity::find_by_id((self.row.run_id, self.row.n)).one(&engine.db).await? {
            self.row = row;
        }
        Ok(())
    }
}

/// What ended the way back: the item fails with `undo_failed`, and tells the cause within.
pub(in crate::worker) fn inner(failure: Failure) -> Failure {
    let Failure { code, message, mut evidence, advice, at_deadline } = failure;
    evidence.insert(0, Evidence { kind: "cause".to_owned(), name: code.as_str().to_owned(), text: message.clone() });
    let message = format!("It could not go back ({}): {message}", code.as_str());
    Failure { code: Cause::UndoFailed, message, evidence, advice, at_deadline }
}

pub(super) fn image(stored: &Option<sea_orm::JsonValue>) -> Result<Image, Error> {
    store::read(stored.as_ref().ok_or_else(|| Error::Internal("an item has no source".to_owned()))?)
}
