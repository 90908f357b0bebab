//! What a run of another kind takes over from recorded items and versions.

use super::super::{
    Result,
    plans::{Aim, Wanted},
};
use super::run_status;
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    registry::DigestSet,
    service::tasks::Asking,
    state::hold,
    store::{self, run, run_item, service_map},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use types::{ErrorCode, Image, TaskId, Version};

/// A recorded image with all digests that stand for it.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) image: Image,
    pub(super) digests: DigestSet,
}

impl Recorded {
    /// From two columns of an item.
    pub(super) fn read(
        image: Option<&sea_orm::JsonValue>,
        digests: Option<&sea_orm::JsonValue>,
    ) -> Result<Option<Self>> {
        let Some(image) = image else { return Ok(None) };
        let digests = digests.map(store::read).transpose()?.unwrap_or_default();
        Ok(Some(Self { image: store::read(image)?, digests }))
    }

    /// The version that stands for it on the wire.
    pub(super) fn version(&self) -> Version {
        let by_tag = || Version::Tag(self.image.tag.clone().unwrap_or_else(|| "latest".to_owned()));
        self.image.digest.clone().map_or_else(by_tag, Version::Digest)
    }

    /// Back to it, past holds.
    pub(super) fn back(self, task: TaskId) -> Wanted {
        let asking = Asking { hold: hold::Rule::Passes, at_the_head: false, recorded: true, verb: Verb::Rollback };
        let version = self.version();
        let Recorded { image, digests } = self;
        Wanted { asking, aim: Aim::Recorded { image, digests }, ..Wanted::new(task, version) }
    }
}

/// A run that is settled, with its map and items.
pub(super) struct Settled {
    pub(super) run: run::Model,
    pub(super) map: service_map::Model,
    pub(super) items: Vec<run_item::Model>,
}

impl Engine {
    /// A settled run on whose map `who` may do `verb`.
    pub(super) async fn settled_run(&self, who: &Principal, verb: Verb, id: uuid::Uuid) -> Result<Settled> {
        let run = self.run_row(who, verb, id).await?;
        if !run_status(&run.status)?.is_settled() {
            let words = format!("The run is not settled yet: it is {}.", run.status);
            return Err(Error::refused(ErrorCode::InProgress, words));
        }
        let map =
            self.map_of_run(&run).await?.ok_or_else(|| Error::NotFound(format!("service map {}", run.map_name)))?;
        let items = run_item::Entity::find()
            .filter(run_item::COLUMN.run_id.eq(id))
            .order_by_asc(run_item::Column::N)
            .all(&self.db)
            .await?;
        Ok(Settled { run, map, items })
    }
}
