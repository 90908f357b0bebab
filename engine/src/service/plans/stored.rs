//! Plans that are stored for links: what was asked for and what it would have done then, shown
//! beside what it would do now. Storing one touches nothing and keeps nothing from changing.

use crate::{
    Engine, Error, Principal,
    auth::Verb,
    now,
    service::{PageRequest, Result, audit, page},
    store::{self, plan, service_map, write_tx},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use types::{
    Name, Page, Time,
    plan::{Plan, StoredPlan, StoredPlanBrief},
    run::NewRun,
};
use uuid::Uuid;

/// How long a stored plan is kept: 90 days. A link in a chat is not opened later than that.
const KEPT_MS: i64 = 90 * 86_400_000;

impl Engine {
    /// Stores what a run with this body would do now.
    pub async fn store_plan(&self, who: &Principal, map: &Name, new: NewRun) -> Result<StoredPlan> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        let plan = self.plan(who, map, new.clone()).await?;
        let stored = plan::ActiveModel {
            id: Set(Uuid::now_v7()),
            map_id: Set(row.id),
            by: Set(who.actor().to_owned()),
            at: Set(now().as_millis()),
            request: Set(store::write(&new)?),
            plan: Set(store::write(&plan)?),
        };
        let tx = write_tx(&self.db).await?;
        plan::Entity::delete_many().filter(plan::COLUMN.at.lte(now().as_millis() - KEPT_MS)).exec(&tx).await?;
        let stored = plan::Entity::insert(stored).exec_with_returning(&tx).await?;
        let thing = format!("maps/{map}/plans/{}", stored.id);
        let to = Some(plan.plan_hash.clone().into());
        audit::record(&tx, who, audit::Entry { action: "plan.store", thing, from: None, to }).await?;
        tx.commit().await?;
        self.stored_wire(map, stored, Ok(plan))
    }

    /// Stored plans of a map, newest first.
    pub async fn stored_plans(&self, who: &Principal, map: &Name, page: PageRequest) -> Result<Page<StoredPlanBrief>> {
        let row = self.map_row(who, Verb::Read, map).await?;
        let limit = page::limit(&page)?;
        let mut query =
            plan::Entity::find().filter(living(&row)).order_by_desc(plan::Column::Id).limit(limit as u64 + 1);
        if let Some(cursor) = &page.cursor {
            let before = Uuid::parse_str(cursor).map_err(|_| page::wrong_cursor())?;
            query = query.filter(plan::COLUMN.id.lt(before));
        }
        let mut rows = query.all(&self.db).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
        let items = rows.into_iter().map(|row| self.brief_wire(map, row)).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor })
    }

    /// A stored plan, with what it would do now.
    pub async fn stored_plan(&self, who: &Principal, map: &Name, id: Uuid) -> Result<StoredPlan> {
        let row = self.map_row(who, Verb::Read, map).await?;
        let stored = plan::Entity::find_by_id(id).filter(living(&row)).one(&self.db).await?;
        let stored = stored.ok_or_else(|| Error::NotFound(format!("plan {id} of service map {map}")))?;
        let request: NewRun = store::read(&stored.request)?;
        let now = match self.plan_on(who, &row, &request).await {
            Ok(plan) => Ok(plan),
            Err(why) if why.code() == types::ErrorCode::Internal => return Err(why),
            Err(why) => Err(why.to_string()),
        };
        self.stored_wire(map, stored, now)
    }

    fn stored_wire(&self, map: &Name, row: plan::Model, now: std::result::Result<Plan, String>) -> Result<StoredPlan> {
        let plan: Plan = store::read(&row.plan)?;
        let stale = now.as_ref().map_or(true, |now| now.plan_hash != plan.plan_hash);
        let (now, refused) = match now {
            Ok(now) => (Some(now), None),
            Err(why) => (None, Some(why)),
        };
        Ok(StoredPlan {
            id: row.id,
            map: map.clone(),
            by: row.by,
            at: Time::from_millis(row.at),
            until: Time::from_millis(row.at + KEPT_MS),
            url: self.url_of(map, row.id),
            request: store::read(&row.request)?,
            plan,
            now,
            stale,
            refused,
        })
    }

    fn brief_wire(&self, map: &Name, row: plan::Model) -> Result<StoredPlanBrief> {
        let plan: Plan = store::read(&row.plan)?;
        let request: NewRun = store::read(&row.request)?;
        Ok(StoredPlanBrief {
            id: row.id,
            by: row.by,
            at: Time::from_millis(row.at),
            until: Time::from_millis(row.at + KEPT_MS),
            url: self.url_of(map, row.id),
            note: request.note,
            plan_hash: plan.plan_hash,
            items: u32::try_from(plan.items.len()).unwrap_or(u32::MAX),
        })
    }

    fn url_of(&self, map: &Name, id: Uuid) -> String {
        format!("{}/maps/{map}/plans/{id}", self.config.url)
    }
}

/// Plans of the map that are still kept.
fn living(map: &service_map::Model) -> Condition {
    Condition::all().add(plan::Column::MapId.eq(map.id)).add(plan::Column::At.gt(now().as_millis() - KEPT_MS))
}
