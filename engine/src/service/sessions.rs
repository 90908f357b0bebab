//! Signing in: sessions, the first administrator, one-time links.

use super::{NewSession, Result, RoleGrant};
use crate::{
    Engine, Error, Principal, Via,
    auth::{self, On, Role, Scope, Verb},
    now,
    store::{link, session, sign_in_try, user, write_tx},
};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict};
use std::net::IpAddr;
use types::{
    ErrorCode, Time,
    user::{Me, SetUp, SignIn},
};
use uuid::Uuid;

/// Tries to sign in a minute, for each account and address.
const TRIES_A_MINUTE: i32 = 10;
const MINUTE_MS: u64 = 60_000;

/// How long a one-time link is good.
const LINK_MS: i64 = 3_600_000;

/// A session's last use is written at most this often.
const SEEN_EVERY_MS: u64 = 60_000;

const SET_UP: &str = "set_up";
const SIGN_IN: &str = "sign_in";

impl Engine {
    /// Who a session's cookie belongs to.
    pub async fn principal_of_session(&self, cookie: &str) -> Result<Principal> {
        let row = session::Entity::find_by_id(auth::hash(cookie)).one(&self.db).await?.ok_or(Error::Unauthenticated)?;
        let now = now();
        let idle_ms = now.since_ms(Time::from_millis(row.seen_at));
        let idle_max = u64::try_from(self.config.session_idle.as_millis()).unwrap_or(u64::MAX);
        if row.ends_at <= now.as_millis() || idle_ms > idle_max {
            return Err(Error::Unauthenticated);
        }
        let user = self.active_user(row.user_id).await?;
        if idle_ms > SEEN_EVERY_MS {
            let seen =
                session::ActiveModel { hash: Set(row.hash), seen_at: Set(now.as_millis()), ..Default::default() };
            session::Entity::update(seen).exec(&self.db).await?;
        }
        principal_of(&user, Via::Session)
    }

    /// Starts a session for a name and a password.
    pub async fn sign_in(&self, sign_in: SignIn, address: IpAddr) -> Result<NewSession> {
        self.count_try(&format!("{}@{address}", sign_in.username)).await?;
        let user = user::Entity::find()
            .filter(user::COLUMN.username.eq(&sign_in.username))
            .one(&self.db)
            .await?
            .filter(|user| !user.disabled);
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = self.passwords.verify(sign_in.password, hash).await?;
        match user.filter(|_| right) {
            Some(user) => self.begin_session(&user).await,
            None => Err(Error::refused(ErrorCode::Unauthenticated, "The name or the password is wrong.")),
        }
    }

    /// Starts a session by a one-time link that was made on the host.
    pub async fn sign_in_by_link(&self, secret: &str, address: IpAddr) -> Result<NewSession> {
        self.count_try(&format!("link@{address}")).await?;
        let user_id = self.spend_link(SIGN_IN, secret).await?.ok_or(Error::Unauthenticated)?;
        let user = self.active_user(user_id).await?;
        self.begin_session(&user).await
    }

    /// Ends a session; one that is not there has ended already.
    pub async fn sign_out(&self, cookie: &str) -> Result<()> {
        session::Entity::delete_by_id(auth::hash(cookie)).exec(&self.db).await?;
        Ok(())
    }

    /// Whether there is no user yet.
    pub async fn set_up_needed(&self) -> Result<bool> {
        Ok(user::Entity::find().count(&self.db).await? == 0)
    }

    /// A new set-up secret, good for an hour, while there is no user; older ones end.
    pub async fn new_set_up_secret(&self) -> Result<Option<String>> {
        if !self.set_up_needed().await? {
            return Ok(None);
        }
        link::Entity::delete_many().filter(link::COLUMN.purpose.eq(SET_UP)).exec(&self.db).await?;
        Ok(Some(self.make_link(SET_UP, None).await?))
    }

    /// Makes the first administrator and signs him in.
    pub async fn set_up(&self, set_up: SetUp, address: IpAddr) -> Result<NewSession> {
        self.count_try(&format!("set-up@{address}")).await?;
        super::users::check_username(&set_up.username)?;
        let password_hash = self.passwords.hash(set_up.password).await?;
        if !self.set_up_needed().await? || self.spend_link(SET_UP, &set_up.secret).await?.is_none() {
            return Err(Error::refused(
                ErrorCode::Unauthenticated,
                "This set-up link is not good any more. Restart Slipway for a new one.",
            ));
        }
        let admin = RoleGrant { role: Role::Admin.as_str().to_owned(), on: "*".to_owned() };
        let user = self.insert_user(&set_up.username, password_hash, None, &[admin]).await?;
        self.begin_session(&user).await
    }

    /// A one-time link's secret for a user, made on the host; good for an hour.
    pub async fn sign_in_link(&self, username: &str) -> Result<String> {
        let user = self.user_named(username).await?;
        self.make_link(SIGN_IN, Some(user.id)).await
    }

    /// Whether the caller may read figures of the whole server.
    pub fn may_read(&self, who: &Principal) -> Result<()> {
        who.need(Verb::Read, &On::Everywhere, "figures")
    }

    pub fn me(&self, who: &Principal) -> Me {
        let token = match &who.via {
            Via::Token(name) => Some(name.clone()),
            Via::Session | Via::Host => None,
        };
        Me { username: who.username.clone(), scopes: who.scopes(), token }
    }

    pub(crate) async fn active_user(&self, id: Uuid) -> Result<user::Model> {
        let user = user::Entity::find_by_id(id).one(&self.db).await?;
        user.filter(|user| !user.disabled).ok_or(Error::Unauthenticated)
    }

    async fn begin_session(&self, user: &user::Model) -> Result<NewSession> {
        let cookie = auth::new_session_secret();
        let now = now();
        let max_age = self.config.session_max;
        let row = session::ActiveModel {
            hash: Set(auth::hash(&cookie)),
            user_id: Set(user.id),
            created_at: Set(now.as_millis()),
            seen_at: Set(now.as_millis()),
            ends_at: Set(now.plus_ms(i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX)).as_millis()),
        };
        session::Entity::insert(row).exec(&self.db).await?;
        Ok(NewSession { cookie, max_age, principal: principal_of(user, Via::Session)? })
    }

    async fn make_link(&self, purpose: &str, user_id: Option<Uuid>) -> Result<String> {
        let secret = auth::new_session_secret();
        let row = link::ActiveModel {
            hash: Set(auth::hash(&secret)),
            purpose: Set(purpose.to_owned()),
            user_id: Set(user_id),
            ends_at: Set(now().plus_ms(LINK_MS).as_millis()),
        };
        link::Entity::insert(row).exec(&self.db).await?;
        Ok(secret)
    }

    /// Takes a link out of the world; the user it is for (none: nil), or nothing if it is not good.
    async fn spend_link(&self, purpose: &str, secret: &str) -> Result<Option<Uuid>> {
        let tx = write_tx(&self.db).await?;
        let row = link::Entity::find_by_id(auth::hash(secret)).one(&tx).await?;
        let good = row.filter(|row| row.purpose == purpose && row.ends_at > now().as_millis());
        if let Some(row) = &good {
            link::Entity::delete_by_id(row.hash.clone()).exec(&tx).await?;
        }
        tx.commit().await?;
        Ok(good.map(|row| row.user_id.unwrap_or(Uuid::nil())))
    }

    /// Counts a try in the database, so that a restart or another replica forgives nothing.
    async fn count_try(&self, who: &str) -> Result<()> {
        let who = auth::hash(who);
        let now = now();
        let tx = write_tx(&self.db).await?;
        let row = sign_in_try::Entity::find_by_id(who.clone()).one(&tx).await?;
        let fresh = row.filter(|row| now.since_ms(Time::from_millis(row.since)) < MINUTE_MS);
        let (tries, since) = fresh.map_or((1, now.as_millis()), |row| (row.tries + 1, row.since));
        let row = sign_in_try::ActiveModel { who: Set(who), tries: Set(tries), since: Set(since) };
        let replace = OnConflict::column(sign_in_try::Column::Who)
            .update_columns([sign_in_try::Column::Tries, sign_in_try::Column::Since])
            .to_owned();
        sign_in_try::Entity::insert(row).on_conflict(replace).exec_without_returning(&tx).await?;
        tx.commit().await?;
        if tries > TRIES_A_MINUTE {
            let left = MINUTE_MS.saturating_sub(now.since_ms(Time::from_millis(since)));
            return Err(Error::TooMany { retry_after_s: left.div_ceil(1000).max(1) });
        }
        Ok(())
    }
}

/// What a user may, from the roles that the row names.
pub(crate) fn grants_of(user: &user::Model) -> Result<Vec<Scope>> {
    let roles: Vec<RoleGrant> = crate::store::read(&user.roles)?;
    let scopes = |given: &RoleGrant| -> Option<Vec<Scope>> {
        let role: Role = given.role.parse().ok()?;
        let on: On = given.on.parse().ok()?;
        Some(role.scopes(&on))
    };
    Ok(roles.iter().filter_map(scopes).flatten().collect())
}

fn principal_of(user: &user::Model, via: Via) -> Result<Principal> {
    Ok(Principal {
        user_id: user.id,
        username: user.username.clone(),
        via,
        address: None,
        grants: grants_of(user)?,
        limit: None,
    })
}
