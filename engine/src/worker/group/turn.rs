//! Whether the queued items of a group go, from what the cluster shows now.

use super::{Group, Working, failure, working::image};
use crate::{
    Engine, Error,
    auth::{On, Verb},
    image::ImageRef,
    kube::{ContainerView, WorkloadView},
    registry::DigestSet,
    service::{
        freezes,
        history::record::{Place, open_entry},
        holds,
        runs::item_status,
    },
    state::{
        hold::{self, AtTurn},
        item::{Event, Turn},
        queue::Relation,
        source::{Look, Rule, Source, source},
    },
    store::{self, run, run_item},
    worker::{
        item::{Move, move_item},
        queue,
    },
};
use futures::try_join;
use sea_orm::ActiveValue::Set;
use types::{
    Image, Name,
    history::ChangeSource,
    run::{Cause, Evidence, Failure, ItemStatus, RunKind},
};

/// An image in a template, and what it may stand for.
type Left = (Image, DigestSet);

impl Group {
    /// Decides for each queued item whether it goes. False: another came first meanwhile.
    pub(super) async fn turn(&mut self) -> Result<bool, Error> {
        let queued = self.places(|item| Ok(item.status()? == ItemStatus::Queued))?;
        let Some(&first) = queued.first() else { return Ok(true) };
        // All at once: no answer needs another.
        let (relations, allowed, frozen) = try_join!(
            queue::relations(&self.engine, &self.items[first].row),
            still_allowed(&self.engine, &self.run),
            freezes::in_force(&self.engine.db, &self.run.map_name),
        )?;
        if !self.clear_the_way(&relations).await? {
            return Ok(false);
        }
        let live = self.live();
        for at in queued {
            let step = self.decide(at, live.as_deref(), allowed, frozen.as_deref()).await?;
            let (engine, item) = (self.engine.clone(), &mut self.items[at]);
            let there = live.as_ref().and_then(|live| live.container(&item.row.container));
            item.may_be_ours = there.is_some_and(|container| container.image != item.to.image);
            item.step(&engine, step).await?;
        }
        Ok(true)
    }

    /// What rolls gives way to a rollback, before its patch. False: something has to be waited for.
    async fn clear_the_way(&self, relations: &[(run_item::Model, Relation)]) -> Result<bool, Error> {
        if relations.iter().any(|(_, relation)| *relation == Relation::Waits) {
            return Ok(false);
        }
        let words = format!("{} rolls it back (run {})", self.run.requested_by, self.run.id);
        for (other, _) in relations.iter().filter(|(_, relation)| *relation == Relation::Overtakes) {
            let mut step = match item_status(&other.status)? {
                ItemStatus::Undoing => {
                    let inner = super::working::inner(failure(Cause::Conflict, words.clone()));
                    Move::failing(Event::Overtaken, inner)
                }
                _ => Move::because(Event::Overtaken, words.clone()),
            };
            step.by = Some(self.run.id);
            move_item(&self.engine, other.run_id, other.n, step).await?;
        }
        Ok(true)
    }

    async fn decide(
        &self,
        at: usize,
        live: Option<&WorkloadView>,
        allowed: bool,
        frozen: Option<&str>,
    ) -> Result<Move, Error> {
        let item = &self.items[at];
        if !allowed {
            let words = format!("{} may not do this on the map any more.", self.run.requested_by);
            return Ok(refused(Cause::Forbidden, words));
        }
        let (hold, ours) = try_join!(holds::in_force(&self.engine.db, &item.row), self.left_by_slipway(&item.row))?;
        if let Some(hold) = hold
            && holds::at_turn(&item.row, &hold)? != AtTurn::Goes
        {
            return Ok(refused(Cause::Held, format!("{} holds it: {}", hold.by, hold.reason)));
        }
        let passes = hold::Rule::stored(&item.row.hold_rule)? == hold::Rule::Passes;
        if !passes && let Some(words) = frozen {
            return Ok(refused(Cause::Frozen, words.to_owned()));
        }
        let container = live
            .filter(|live| item.row.uid.as_ref().is_none_or(|uid| *uid == live.uid))
            .and_then(|live| Some((live, live.container(&item.row.container)?)));
        let Some((live, container)) = container else {
            let words = format!("{} is gone, or it is another one of the same name.", self.key);
            return Ok(Move::failing(Event::WorkloadGone, failure(Cause::WorkloadGone, words)));
        };
        if item.row.restart {
            return Ok(Move::by(Event::Turn(Turn::Go)));
        }
        from(item, live, container, ours)
    }

    /// What Slipway set, if nobody else has set anything since.
    async fn left_by_slipway(&self, row: &run_item::Model) -> Result<Option<Left>, Error> {
        let entry = open_entry(&self.engine.db, Place::of(row)).await?;
        let ours = entry.filter(|entry| entry.source == ChangeSource::Slipway.as_str());
        ours.map(|entry| Ok((store::read(&entry.image)?, store::read(&entry.digest_set)?))).transpose()
    }
}

/// Decides about the source.
fn from(item: &Working, live: &WorkloadView, container: &ContainerView, ours: Option<Left>) -> Result<Move, Error> {
    let planned = image(&item.row.from_image)?.image;
    let look = Look {
        rule: Rule::stored(&item.row.source_rule)?,
        live: &container.image,
        planned: &planned,
        target: &item.to.image,
        ours: ours.as_ref().map(|(image, _)| image.image.as_str()),
        complete: crate::kube::rollout::progress(live, live.generation).complete,
    };
    match source(look) {
        Source::AlreadyThere => Ok(Move::by(Event::Turn(Turn::AlreadyThere))),
        Source::Conflict => Ok(Move::failing(Event::Turn(Turn::Conflict), conflict(container, &planned))),
        Source::Take => {
            let mut step = Move::by(Event::Turn(Turn::Go));
            if container.image != planned {
                let known = ours.filter(|(image, _)| image.image == container.image);
                let (back, digests) = known.unwrap_or_else(|| (image_of(&container.image), Default::default()));
                step.columns.from_image = Set(Some(store::write(&back)?));
                step.columns.back_image = Set(Some(store::write(&back)?));
                step.columns.back_digest_set = Set(Some(store::write(&digests)?));
            }
            Ok(step)
        }
    }
}

/// Whether who asked for the run may still do it on its map.
async fn still_allowed(engine: &Engine, run: &run::Model) -> Result<bool, Error> {
    let Some(user_id) = run.user_id.filter(|id| !id.is_nil()) else { return Ok(true) };
    let map = On::Map(Name::parse(&run.map_name).map_err(Error::Internal)?);
    let way_back = [RunKind::Rollback, RunKind::Undo].iter().any(|kind| kind.as_str() == run.kind);
    let verb = if way_back { Verb::Rollback } else { Verb::Deploy };
    match engine.active_user(user_id).await {
        Ok(user) => Ok(crate::service::grants_of(&user)?.iter().any(|scope| scope.allows(verb, &map))),
        Err(Error::Unauthenticated) => Ok(false),
        Err(other) => Err(other),
    }
}

fn refused(cause: Cause, words: String) -> Move {
    Move::failing(Event::Turn(Turn::Refused(cause)), failure(cause, words))
}

pub(super) fn image_of(text: &str) -> Image {
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
        at_deadline: false,
    }
}
