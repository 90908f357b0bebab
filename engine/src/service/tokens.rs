//! API tokens: shown once, kept as a hash, never stronger than their maker.

use super::{Idempotency, Result, Started, sessions::grants_of};
use crate::{
    Engine, Error, Principal, Via,
    auth::{self, Scope, Verb},
    now,
    store::{self, token, user},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder};
use std::{collections::HashMap, net::IpAddr};
use types::{
    Time,
    token::{MadeToken, NewToken, Token},
};
use uuid::Uuid;

/// How long a token is good where nothing is said: 90 days.
const DEFAULT_MS: i64 = 90 * 86_400_000;
/// Characters of the secret that are kept to tell tokens apart: `slw_` and four more.
const PREFIX_LEN: usize = 8;
const NAME_MAX: usize = 100;
/// A token's last use is written at most this often.
const USED_EVERY_MS: u64 = 60_000;

impl Engine {
    /// Who a token belongs to, and what both it and its maker may now.
    pub async fn principal_of_token(&self, secret: &str, address: IpAddr) -> Result<Principal> {
        if !auth::token_shape(secret) {
            return Err(Error::Unauthenticated);
        }
        let row = token::Entity::find().filter(token::COLUMN.hash.eq(auth::hash(secret))).one(&self.db).await?;
        let row = row.ok_or(Error::Unauthenticated)?;
        let now = now();
        if row.expires_at.is_some_and(|at| at <= now.as_millis()) {
            return Err(Error::Unauthenticated);
        }
        let user = self.active_user(row.user_id).await?;
        if row.used_at.is_none_or(|at| now.since_ms(Time::from_millis(at)) > USED_EVERY_MS) {
            let used =
                token::ActiveModel { id: Set(row.id), used_at: Set(Some(now.as_millis())), ..Default::default() };
            token::Entity::update(used).exec(&self.db).await?;
        }
        Ok(Principal {
            user_id: user.id,
            username: user.username.clone(),
            via: Via::Token(row.name),
            address: Some(address.to_string()),
            grants: grants_of(&user)?,
            limit: Some(parse_scopes(&store::read::<Vec<String>>(&row.scopes)?)?),
        })
    }

    /// One's own tokens; an administrator sees all.
    pub async fn tokens(&self, who: &Principal) -> Result<Vec<Token>> {
        let mut query = token::Entity::find().order_by_asc(token::Column::Id);
        if who.need_admin().is_err() {
            query = query.filter(token::COLUMN.user_id.eq(who.user_id));
        }
        let rows = query.all(&self.db).await?;
        let makers = user::Entity::find().filter(user::COLUMN.id.is_in(rows.iter().map(|row| row.user_id)));
        let names: HashMap<Uuid, String> =
            makers.all(&self.db).await?.into_iter().map(|user| (user.id, user.username)).collect();
        let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
        rows.into_iter()
            .map(|row| {
                let made_by = name(row.user_id);
                about(row, made_by)
            })
            .collect()
    }

    /// Makes a token that may at most what its maker may now.
    pub async fn create_token(
        &self,
        who: &Principal,
        new: NewToken,
        idempotency: Option<Idempotency>,
    ) -> Result<Started<MadeToken>> {
        // A secret is shown once, so a repeat cannot be answered with it: the key only keeps a
        // second token from being made.
        if let Some(idempotency) = &idempotency {
            super::idempotency::check_key(idempotency)?;
        }
        let scopes = if new.scopes.is_empty() { who.scopes() } else { new.scopes.clone() };
        for (at, scope) in parse_scopes(&scopes)?.iter().enumerate() {
            if !who.may(scope.verb, &scope.on) {
                return Err(Error::field(format!("scopes[{at}]"), "is more than you may yourself"));
            }
        }
        let made = self.insert_token(who.user_id, &who.username, new.name, scopes, new.expires_at).await?;
        Ok(Started { value: made, replayed: false })
    }

    /// Makes a token for a user, on the host; without a name for the first administrator.
    pub async fn token_create_for(&self, username: Option<&str>, new: NewToken) -> Result<MadeToken> {
        let user = match username {
            Some(username) => self.user_named(username).await?,
            None => self.first_admin().await?,
        };
        let all = || grants_of(&user).map(|scopes| scopes.iter().map(Scope::to_string).collect());
        let scopes = if new.scopes.is_empty() { all()? } else { new.scopes.clone() };
        parse_scopes(&scopes)?;
        self.insert_token(user.id, &user.username, new.name, scopes, new.expires_at).await
    }

    /// All tokens, on the host.
    pub async fn token_list_all(&self) -> Result<Vec<Token>> {
        self.tokens(&Principal::host()).await
    }

    /// Ends any token, on the host.
    pub async fn token_revoke_any(&self, id: Uuid) -> Result<()> {
        self.revoke_token(&Principal::host(), id).await
    }

    /// Ends a token at once.
    pub async fn revoke_token(&self, who: &Principal, id: Uuid) -> Result<()> {
        let row = token::Entity::find_by_id(id).one(&self.db).await?;
        let mine = |row: &token::Model| row.user_id == who.user_id || who.may(Verb::Admin, &auth::On::Everywhere);
        let row = row.filter(mine).ok_or_else(|| Error::NotFound(format!("token {id}")))?;
        token::Entity::delete_by_id(row.id).exec(&self.db).await?;
        Ok(())
    }

    async fn insert_token(
        &self,
        user_id: Uuid,
        made_by: &str,
        name: String,
        scopes: Vec<String>,
        expires_at: Option<Time>,
    ) -> Result<MadeToken> {
        if name.is_empty() || name.chars().count() > NAME_MAX {
            return Err(Error::field("name", format!("must be 1 to {NAME_MAX} characters")));
        }
        let now = now();
        if expires_at.is_some_and(|at| at <= now) {
            return Err(Error::field("expires_at", "must lie in the future"));
        }
        let secret = auth::new_token();
        let row = token::Model {
            id: Uuid::now_v7(),
            name,
            prefix: secret[..PREFIX_LEN].to_owned(),
            hash: auth::hash(&secret),
            user_id,
            scopes: store::write(&scopes)?,
            created_at: now.as_millis(),
            expires_at: Some(expires_at.unwrap_or(now.plus_ms(DEFAULT_MS)).as_millis()),
            used_at: None,
        };
        token::Entity::insert(token::ActiveModel::from(row.clone()).reset_all()).exec(&self.db).await?;
        Ok(MadeToken { about: about(row, made_by.to_owned())?, token: secret })
    }
}

fn parse_scopes(scopes: &[String]) -> Result<Vec<Scope>> {
    let parse =
        |(at, text): (usize, &String)| text.parse().map_err(|why: String| Error::field(format!("scopes[{at}]"), why));
    scopes.iter().enumerate().map(parse).collect()
}

fn about(row: token::Model, made_by: String) -> Result<Token> {
    Ok(Token {
        id: row.id,
        name: row.name,
        prefix: row.prefix,
        scopes: store::read(&row.scopes)?,
        made_by,
        created_at: Time::from_millis(row.created_at),
        expires_at: row.expires_at.map(Time::from_millis),
        last_used_at: row.used_at.map(Time::from_millis),
    })
}
