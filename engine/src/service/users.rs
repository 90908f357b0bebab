//! Local accounts, as the host manages them.

use super::Result;
use crate::{
    Engine, Error,
    auth::{On, Role},
    now,
    store::{self, session, user},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, SqlErr};
use serde::{Deserialize, Serialize};
use types::ErrorCode;
use uuid::Uuid;

const USERNAME_MAX: usize = 64;

/// A role given on a map, on a build, or everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// `viewer`, `deployer`, `builder`, `maintainer` or `admin`.
    pub role: String,
    /// `maps/shop`, `builds/web` or `*`.
    pub on: String,
}

/// A user as `slipway user add` makes it.
#[derive(Clone)]
pub struct NewUser {
    pub username: String,
    pub password: String,
    pub email: Option<String>,
    pub roles: Vec<RoleGrant>,
}

/// A user as `slipway user list` shows it.
#[derive(Clone, Debug)]
pub struct UserSummary {
    pub username: String,
    pub email: Option<String>,
    pub roles: Vec<RoleGrant>,
    pub disabled: bool,
}

impl Engine {
    /// Adds an account.
    pub async fn user_add(&self, new: NewUser) -> Result<()> {
        let NewUser { username, password, email, roles } = new;
        check_username(&username)?;
        for grant in &roles {
            grant.role.parse::<Role>().map_err(|why| Error::field("role", why))?;
            grant.on.parse::<On>().map_err(|why| Error::field("role", why))?;
        }
        let hash = self.passwords.hash(password).await?;
        self.insert_user(&username, hash, email, &roles).await?;
        Ok(())
    }

    /// Sets a password; the user's sessions end.
    pub async fn user_password(&self, username: &str, password: &str) -> Result<()> {
        let user = self.user_named(username).await?;
        let hash = self.passwords.hash(password.to_owned()).await?;
        let row = user::ActiveModel { id: Set(user.id), password_hash: Set(hash), ..Default::default() };
        user::Entity::update(row).exec(&self.db).await?;
        session::Entity::delete_many().filter(session::COLUMN.user_id.eq(user.id)).exec(&self.db).await?;
        Ok(())
    }

    pub async fn users(&self) -> Result<Vec<UserSummary>> {
        let rows = user::Entity::find().order_by_asc(user::Column::Username).all(&self.db).await?;
        let shown = |row: user::Model| {
            let roles = store::read(&row.roles)?;
            Ok(UserSummary { username: row.username, email: row.email, roles, disabled: row.disabled })
        };
        rows.into_iter().map(shown).collect()
    }

    /// The oldest account that may do everything: whom commands of the host act for.
    pub(crate) async fn first_admin(&self) -> Result<user::Model> {
        for row in user::Entity::find().order_by_asc(user::Column::Id).all(&self.db).await? {
            let roles: Vec<RoleGrant> = store::read(&row.roles)?;
            if roles.iter().any(|grant| grant.role == Role::Admin.as_str()) {
                return Ok(row);
            }
        }
        Err(Error::NotFound("administrator".to_owned()))
    }

    pub(crate) async fn user_named(&self, username: &str) -> Result<user::Model> {
        let row = user::Entity::find().filter(user::COLUMN.username.eq(username)).one(&self.db).await?;
        row.ok_or_else(|| Error::NotFound(format!("user {username}")))
    }

    pub(crate) async fn insert_user(
        &self,
        username: &str,
        password_hash: String,
        email: Option<String>,
        roles: &[RoleGrant],
    ) -> Result<user::Model> {
        let row = user::ActiveModel {
            id: Set(Uuid::now_v7()),
            username: Set(username.to_owned()),
            password_hash: Set(password_hash),
            email: Set(email),
            roles: Set(store::write(&roles)?),
            disabled: Set(false),
            created_at: Set(now().as_millis()),
        };
        match user::Entity::insert(row).exec_with_returning(&self.db).await {
            Ok(user) => Ok(user),
            Err(why) if matches!(why.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(Error::refused(ErrorCode::Exists, format!("There is a user {username} already.")))
            }
            Err(why) => Err(why.into()),
        }
    }
}

pub(crate) fn check_username(username: &str) -> Result<()> {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if !username.is_empty() && username.chars().count() <= USERNAME_MAX && username.chars().all(good) {
        return Ok(());
    }
    Err(Error::field(
        "username",
        format!("must be 1 to {USERNAME_MAX} letters, digits, dots, hyphens, underscores and @"),
    ))
}
