//! Tells when freezes begin and end, so that pages show it without being asked.

use crate::{Engine, Error, bus::Change, now, service::freezes::active, store::freeze};
use sea_orm::{EntityTrait, ExprTrait, QueryFilter};
use std::{collections::BTreeSet, time::Duration};
use tokio::sync::broadcast::error::RecvError;
use types::Time;
use uuid::Uuid;

/// It is looked at least so often: a clock may jump past a beginning or an end.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// After a moment has come, so that the look does not come before it.
const AFTER: Duration = Duration::from_millis(10);

pub(super) async fn run(engine: Engine) {
    let mut bus = engine.bus.listen();
    let mut known = BTreeSet::new();
    loop {
        let wait = match look(&engine, &mut known).await {
            Ok(wait) => wait,
            Err(why) => {
                tracing::warn!(%why, "freezes could not be looked at");
                LOOK_AGAIN
            }
        };
        tokio::select! {
            () = changed(&mut bus) => {}
            () = tokio::time::sleep(wait) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

/// Tells what has begun or ended since the last look; how long until the next moment.
async fn look(engine: &Engine, known: &mut BTreeSet<Uuid>) -> Result<Duration, Error> {
    let active: BTreeSet<Uuid> = active(&engine.db).await?.into_iter().map(|row| row.id).collect();
    if active != *known {
        *known = active;
        engine.bus.tell(Change::Hold);
    }
    let at = now().as_millis();
    let coming = freeze::COLUMN.from_at.gt(at).or(freeze::COLUMN.until_at.gt(at));
    let rows = freeze::Entity::find().filter(coming).all(&engine.db).await?;
    let moments = rows.iter().flat_map(|row| [Some(row.from_at), row.until_at]).flatten().filter(|moment| *moment > at);
    let next = moments.min().map(|next| Duration::from_millis(Time::from_millis(next).since_ms(now())) + AFTER);
    Ok(next.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN))
}

async fn changed(bus: &mut tokio::sync::broadcast::Receiver<Change>) {
    loop {
        match bus.recv().await {
            Ok(Change::Hold) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
            Ok(Change::Run { .. } | Change::BuildRun { .. } | Change::Map { .. } | Change::Settings) => {}
        }
    }
}
