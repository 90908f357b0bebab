//! Calls that are safe to repeat: what the first call of a key started.
//!
//! The key is stored in the transaction of the start, so either both are there or neither is. A
//! second call that comes meanwhile waits for the lock of that transaction and then finds the key.

use super::{Idempotency, Result};
use crate::{Error, Principal, now, store::idempotency};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter};
use types::ErrorCode;

/// How long a key is kept: 24 hours.
const KEPT_MS: i64 = 86_400_000;
const KEY_MAX: usize = 255;

/// Refuses a key that is not 1 to 255 printable ASCII characters.
pub(crate) fn check_key(idempotency: &Idempotency) -> Result<()> {
    let key = idempotency.key.as_bytes();
    if !key.is_empty() && key.len() <= KEY_MAX && key.iter().all(|c| (b' '..=b'~').contains(c)) {
        return Ok(());
    }
    Err(Error::field("Idempotency-Key", format!("must be 1 to {KEY_MAX} printable ASCII characters")))
}

/// What the first call of this key started, if there was one.
pub(crate) async fn earlier<C: ConnectionTrait>(
    db: &C,
    who: &Principal,
    idempotency: Option<&Idempotency>,
) -> Result<Option<String>> {
    let Some(idempotency) = idempotency else { return Ok(None) };
    check_key(idempotency)?;
    let row = idempotency::Entity::find_by_id(scope(who, idempotency)).one(db).await?;
    match row.filter(|row| row.created_at > now().as_millis() - KEPT_MS) {
        Some(row) if row.body_hash != idempotency.body_hash => Err(Error::refused(
            ErrorCode::IdempotencyMismatch,
            "This Idempotency-Key was used with another body. Take a new key for a new call.",
        )),
        Some(row) => Ok(Some(row.object)),
        None => Ok(None),
    }
}

/// Remembers what a key started, in the transaction of the start.
pub(crate) async fn remember<C: ConnectionTrait>(
    tx: &C,
    who: &Principal,
    idempotency: Option<&Idempotency>,
    object: String,
) -> Result<()> {
    let Some(idempotency) = idempotency else { return Ok(()) };
    let now = now().as_millis();
    let old = idempotency::COLUMN.created_at.lte(now - KEPT_MS);
    idempotency::Entity::delete_many().filter(old).exec(tx).await?;
    let row = idempotency::ActiveModel {
        scope: Set(scope(who, idempotency)),
        body_hash: Set(idempotency.body_hash.clone()),
        object: Set(object),
        created_at: Set(now),
    };
    idempotency::Entity::insert(row).exec(tx).await?;
    Ok(())
}

/// Caller, method and path: the same key means nothing elsewhere.
fn scope(who: &Principal, idempotency: &Idempotency) -> String {
    let Idempotency { key, method, path, body_hash: _ } = idempotency;
    crate::auth::hash(&format!("{}\n{}\n{method}\n{path}\n{key}", who.user_id, who.actor()))
}
