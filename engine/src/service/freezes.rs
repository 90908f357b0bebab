//! Freezes: times in which maps take no runs. Rollback and undo pass; what waits in a queue fails when its turn comes.

use super::{PageRequest, Result, audit, holds::check_reason, page};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    bus::Change,
    now,
    store::{self, freeze, service_map, write_tx},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};
use types::{
    Name, Page, Time,
    freeze::{Freeze, NewFreeze},
};
use uuid::Uuid;

/// A freeze that is over is kept so long, so that it can be looked up why nothing ran: 90 days.
const KEPT_MS: i64 = 90 * 86_400_000;

impl Engine {
    /// Freezes, newest first: of maps that `who` may read.
    pub async fn freezes(&self, who: &Principal, page: PageRequest) -> Result<Page<Freeze>> {
        let limit = page::limit(&page)?;
        let mut query = freeze::Entity::find().order_by_desc(freeze::Column::Id);
        if let Some(cursor) = &page.cursor {
            let before = Uuid::parse_str(cursor).map_err(|_| page::wrong_cursor())?;
            query = query.filter(freeze::COLUMN.id.lt(before));
        }
        let mut shown: Vec<Freeze> = Vec::new();
        for row in query.all(&self.db).await? {
            let freeze = wire(row)?;
            shown.extend(is_shown(who, &freeze).then_some(freeze));
        }
        let more = shown.len() > limit;
        shown.truncate(limit);
        let next_cursor = shown.last().filter(|_| more).map(|freeze| freeze.id.to_string());
        Ok(Page { items: shown, next_cursor })
    }

    /// Freezes maps, now or from a moment on.
    pub async fn create_freeze(&self, who: &Principal, new: NewFreeze) -> Result<Freeze> {
        who.need_admin()?;
        let NewFreeze { maps, from, until, reason } = new;
        check_reason("reason", &reason)?;
        let from = from.unwrap_or_else(now);
        if until.is_some_and(|until| until <= from || until <= now()) {
            return Err(Error::field("until", "must lie in the future and after from"));
        }
        self.check_maps(maps.as_deref()).await?;
        let row = freeze::ActiveModel {
            id: Set(Uuid::now_v7()),
            maps: Set(maps.as_ref().map(store::write).transpose()?),
            from_at: Set(from.as_millis()),
            until_at: Set(until.map(Time::as_millis)),
            reason: Set(reason.clone()),
            by: Set(who.actor().to_owned()),
            at: Set(now().as_millis()),
        };
        let tx = write_tx(&self.db).await?;
        let over = freeze::COLUMN.until_at.lte(now().as_millis() - KEPT_MS);
        freeze::Entity::delete_many().filter(over).exec(&tx).await?;
        let made = wire(freeze::Entity::insert(row).exec_with_returning(&tx).await?)?;
        let (thing, to) = (format!("freezes/{}", made.id), Some(store::write(&made)?));
        audit::record(&tx, who, audit::Entry { action: "freeze.create", thing, from: None, to }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Hold);
        Ok(made)
    }

    /// Lifts a freeze.
    pub async fn delete_freeze(&self, who: &Principal, id: Uuid) -> Result<()> {
        who.need_admin()?;
        let tx = write_tx(&self.db).await?;
        let row = freeze::Entity::find_by_id(id).one(&tx).await?;
        let row = row.ok_or_else(|| Error::NotFound(format!("freeze {id}")))?;
        freeze::Entity::delete_by_id(id).exec(&tx).await?;
        let (thing, from) = (format!("freezes/{id}"), Some(store::write(&wire(row)?)?));
        audit::record(&tx, who, audit::Entry { action: "freeze.delete", thing, from, to: None }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Hold);
        Ok(())
    }

    async fn check_maps(&self, maps: Option<&[Name]>) -> Result<()> {
        let Some(maps) = maps else { return Ok(()) };
        if maps.is_empty() {
            return Err(Error::field("maps", "must name maps; leave it out for all of them"));
        }
        for (at, map) in maps.iter().enumerate() {
            let known = service_map::Entity::find().filter(service_map::COLUMN.name.eq(map.as_str())).one(&self.db);
            if known.await?.is_none() {
                return Err(Error::field(format!("maps[{at}]"), "is not a service map of Slipway"));
            }
        }
        Ok(())
    }
}

/// Freezes that are in force now.
pub(crate) async fn active<C: ConnectionTrait>(db: &C) -> Result<Vec<freeze::Model>> {
    let now = now().as_millis();
    let rows = freeze::Entity::find()
        .filter(freeze::COLUMN.from_at.lte(now))
        .filter(freeze::COLUMN.until_at.is_null().or(freeze::COLUMN.until_at.gt(now)))
        .order_by_asc(freeze::Column::Id)
        .all(db)
        .await?;
    Ok(rows)
}

/// Why a map takes no runs now, in words.
pub(crate) async fn in_force<C: ConnectionTrait>(db: &C, map: &str) -> Result<Option<String>> {
    for row in active(db).await? {
        let freeze = wire(row)?;
        if freeze.maps.as_ref().is_none_or(|maps| maps.iter().any(|name| name.as_str() == map)) {
            return Ok(Some(words(&freeze)));
        }
    }
    Ok(None)
}

fn words(freeze: &Freeze) -> String {
    let until = freeze.until.map(|until| format!(" until {until}")).unwrap_or_default();
    format!("{} froze it{until}: {}", freeze.by, freeze.reason)
}

/// What reaches into a map that somebody may not see is not theirs to see either, unless one of theirs is in it.
fn is_shown(who: &Principal, freeze: &Freeze) -> bool {
    match &freeze.maps {
        Some(maps) => maps.iter().any(|map| who.may(Verb::Read, &On::Map(map.clone()))),
        None => true,
    }
}

fn wire(row: freeze::Model) -> Result<Freeze> {
    let now = now().as_millis();
    Ok(Freeze {
        id: row.id,
        maps: row.maps.as_ref().map(store::read).transpose()?,
        from: Time::from_millis(row.from_at),
        until: row.until_at.map(Time::from_millis),
        reason: row.reason,
        by: row.by,
        at: Time::from_millis(row.at),
        active: row.from_at <= now && row.until_at.is_none_or(|until| until > now),
    })
}
