//! The audit: written in the transaction of the change, deleted by nobody.

use super::Result;
use crate::{Principal, Via, now, store::audit};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, JsonValue};
use uuid::Uuid;

/// One entry.
pub(crate) struct Entry<'a> {
    /// As in `cluster.create`, `run.start`.
    pub(crate) action: &'a str,
    /// As in `clusters/local`, `maps/shop`.
    pub(crate) thing: String,
    pub(crate) from: Option<JsonValue>,
    pub(crate) to: Option<JsonValue>,
}

/// Writes an entry; secrets are never part of it.
pub(crate) async fn record<C: ConnectionTrait>(db: &C, who: &Principal, entry: Entry<'_>) -> Result<()> {
    let Entry { action, thing, from, to } = entry;
    let via = match &who.via {
        Via::Session => "session".to_owned(),
        Via::Token(name) => format!("token {name}"),
        Via::Host => "host".to_owned(),
    };
    let row = audit::ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(now().as_millis()),
        by: Set(who.username.clone()),
        via: Set(via),
        action: Set(action.to_owned()),
        thing: Set(thing),
        from_value: Set(from),
        to_value: Set(to),
        address: Set(who.address.clone()),
        refused: Set(false),
    };
    audit::Entity::insert(row).exec(db).await?;
    Ok(())
}
