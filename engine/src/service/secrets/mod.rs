//! Secrets: values that steps of builds use as `${secret:NAME}`. They are of one build or of all; the build's own wins.
//!
//! A value goes in and never comes out, but to a run. One that a flow refers to is not deleted.

use super::{Result, audit, build_runs::status_of};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    bus::Change,
    now,
    store::{build, build_run, secret, write_tx},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, JsonValue, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use types::{
    Name, Time,
    secret::{NewSecret, Secret, SecretName, SecretValue},
};
use uuid::Uuid;

/// Secrets of one build, and secrets of all builds.
const SECRETS_MAX: u64 = 100;
/// Bytes of a value.
const VALUE_MAX: usize = 64 * 1024;

/// Whose secrets they are, as whoever asks may manage them.
struct Owner {
    build: Option<Name>,
    build_id: Option<i64>,
}

impl Engine {
    /// Secrets that `who` may manage, of one build or of all; never their values.
    pub async fn secrets(&self, who: &Principal, build: Option<&Name>) -> Result<Vec<Secret>> {
        let mut query = secret::Entity::find().order_by_asc(secret::Column::Name);
        if build.is_some() {
            query = query.filter(self.secret_owner(who, build.cloned()).await?.is_theirs());
        }
        let builds = build::Entity::find().all(&self.db).await?;
        let mut names = HashMap::with_capacity(builds.len());
        for row in builds {
            names.insert(row.id, super::stored_name(&row.name)?);
        }
        let mut shown = Vec::new();
        for row in query.all(&self.db).await? {
            let build = row.build_id.and_then(|id| names.get(&id)).cloned();
            let may = match &build {
                Some(build) => who.may(Verb::Manage, &On::Build(build.clone())),
                None => who.may(Verb::Admin, &On::Everywhere),
            };
            shown.extend(may.then(|| wire(&row, build)).transpose()?);
        }
        Ok(shown)
    }

    /// Stores a value under a name that is free.
    pub async fn create_secret(&self, who: &Principal, new: NewSecret) -> Result<Secret> {
        let NewSecret { name, value, build } = new;
        let owner = self.secret_owner(who, build).await?;
        check_value(&value)?;
        let row = secret::ActiveModel {
            id: Set(Uuid::now_v7()),
            build_id: Set(owner.build_id),
            name: Set(name.to_string()),
            sealed_value: Set(self.secrets.seal(&identity(owner.build_id, &name), value.expose())?),
            by: Set(who.actor().to_owned()),
            at: Set(now().as_millis()),
        };
        let tx = write_tx(&self.db).await?;
        if secret::Entity::find().filter(owner.is_theirs()).count(&tx).await? >= SECRETS_MAX {
            return Err(Error::field("name", format!("would be one more than {SECRETS_MAX} secrets")));
        }
        let made = secret::Entity::insert(row).exec_with_returning(&tx).await;
        let made = made.map_err(|why| super::exists(why, "secret", &name))?;
        let entry = audit::Entry { action: "secret.create", thing: owner.thing(&name), from: None, to: None };
        audit::record(&tx, who, entry).await?;
        tx.commit().await?;
        self.bus.tell(Change::Settings);
        wire(&made, owner.build)
    }

    /// Stores another value under the same name.
    pub async fn replace_secret(
        &self,
        who: &Principal,
        name: &SecretName,
        build: Option<Name>,
        value: SecretValue,
    ) -> Result<Secret> {
        let owner = self.secret_owner(who, build).await?;
        check_value(&value)?;
        let tx = write_tx(&self.db).await?;
        let row = owner.secret(&tx, name).await?;
        let change = secret::ActiveModel {
            id: Set(row.id),
            sealed_value: Set(self.secrets.seal(&identity(owner.build_id, name), value.expose())?),
            by: Set(who.actor().to_owned()),
            at: Set(now().as_millis()),
            ..Default::default()
        };
        let changed = secret::Entity::update(change).exec(&tx).await?;
        let entry = audit::Entry { action: "secret.change", thing: owner.thing(name), from: None, to: None };
        audit::record(&tx, who, entry).await?;
        tx.commit().await?;
        self.bus.tell(Change::Settings);
        wire(&changed, owner.build)
    }

    /// Forgets a value that no flow refers to.
    pub async fn delete_secret(&self, who: &Principal, name: &SecretName, build: Option<Name>) -> Result<()> {
        let owner = self.secret_owner(who, build).await?;
        let tx = write_tx(&self.db).await?;
        let row = owner.secret(&tx, name).await?;
        let users = users(&tx, &owner, name).await?;
        if !users.is_empty() {
            return Err(Error::InUse { what: format!("Secret {name}"), users });
        }
        secret::Entity::delete_by_id(row.id).exec(&tx).await?;
        let entry = audit::Entry { action: "secret.delete", thing: owner.thing(name), from: None, to: None };
        audit::record(&tx, who, entry).await?;
        tx.commit().await?;
        self.bus.tell(Change::Settings);
        Ok(())
    }

    /// Values for a run of a build, by name: its own, and those of all builds that it has no own of.
    pub(crate) async fn secret_values(&self, build_id: i64) -> Result<BTreeMap<String, SecretString>> {
        let either = Condition::any().add(secret::COLUMN.build_id.is_null()).add(secret::COLUMN.build_id.eq(build_id));
        let rows = secret::Entity::find().filter(either).all(&self.db).await?;
        let (own, of_all): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.build_id.is_some());
        let mut values = BTreeMap::new();
        for row in of_all.into_iter().chain(own) {
            let value = self.secrets.open(&identity(row.build_id, &row.name), &row.sealed_value)?;
            values.insert(row.name, value);
        }
        Ok(values)
    }

    /// The values that the flow of a run names.
    pub(crate) async fn secrets_of_flow(&self, run: &build_run::Model) -> Result<BTreeMap<String, SecretString>> {
        let named = names_in(&run.flow);
        if named.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut values = self.secret_values(run.build_id).await?;
        values.retain(|name, _| named.contains(name.as_str()));
        Ok(values)
    }

    /// Names of the secrets that a build may use; a new one those of all.
    pub(crate) async fn secret_names(&self, build_id: Option<i64>) -> Result<BTreeSet<String>> {
        let either = Condition::any().add(secret::COLUMN.build_id.is_null()).add(secret::COLUMN.build_id.eq(build_id));
        let rows = secret::Entity::find().filter(either).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| row.name).collect())
    }

    /// A build's secrets are managed with the build, those of all by administrators.
    async fn secret_owner(&self, who: &Principal, build: Option<Name>) -> Result<Owner> {
        let Some(name) = build else {
            who.need_admin()?;
            return Ok(Owner { build: None, build_id: None });
        };
        let row = self.build_row(who, Verb::Manage, &name).await?;
        Ok(Owner { build: Some(name), build_id: Some(row.id) })
    }
}

impl Owner {
    fn is_theirs(&self) -> Condition {
        let condition = match self.build_id {
            Some(id) => secret::Column::BuildId.eq(id),
            None => secret::Column::BuildId.is_null(),
        };
        Condition::all().add(condition)
    }

    async fn secret<C: ConnectionTrait>(&self, db: &C, name: &SecretName) -> Result<secret::Model> {
        let named = secret::Entity::find().filter(self.is_theirs()).filter(secret::COLUMN.name.eq(name.as_str()));
        named.one(db).await?.ok_or_else(|| Error::NotFound(format!("secret {name}")))
    }

    /// As the audit names it.
    fn thing(&self, name: &SecretName) -> String {
        match &self.build {
            Some(build) => format!("builds/{build}/secrets/{name}"),
            None => format!("secrets/{name}"),
        }
    }
}

/// Builds whose flow means this secret, and their runs that are not over.
async fn users<C: ConnectionTrait>(db: &C, owner: &Owner, name: &SecretName) -> Result<Vec<String>> {
    let builds = match owner.build_id {
        Some(id) => build::Entity::find().filter(build::COLUMN.id.eq(id)),
        None => {
            let own = secret::Entity::find().filter(secret::COLUMN.name.eq(name.as_str()));
            let own: Vec<i64> = own.all(db).await?.into_iter().filter_map(|row| row.build_id).collect();
            build::Entity::find().filter(build::Column::Id.is_not_in(own))
        }
    };
    let mut users = Vec::new();
    for row in builds.order_by_asc(build::Column::Name).all(db).await? {
        let thing = format!("builds/{}", row.name);
        let open = build_run::Entity::find()
            .filter(build_run::COLUMN.build_id.eq(row.id))
            .filter(build_run::COLUMN.ended_at.is_null())
            .order_by_asc(build_run::Column::Number);
        for run in open.all(db).await? {
            let means = !status_of(&run.status)?.is_final() && names_in(&run.flow).contains(name.as_str());
            users.extend(means.then(|| format!("{thing}/runs/{}", run.number)));
        }
        users.extend(names_in(&row.steps).contains(name.as_str()).then_some(thing));
    }
    users.sort_unstable();
    Ok(users)
}

/// Names of the secrets that a flow refers to, wherever in it.
pub(crate) fn names_in(flow: &JsonValue) -> BTreeSet<&str> {
    match flow {
        JsonValue::Null | JsonValue::Bool(_) | JsonValue::Number(_) => BTreeSet::new(),
        JsonValue::String(text) => {
            text.split("${secret:").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
        }
        JsonValue::Array(items) => items.iter().flat_map(names_in).collect(),
        JsonValue::Object(members) => members.values().flat_map(names_in).collect(),
    }
}

fn check_value(value: &SecretValue) -> Result<()> {
    let value = value.expose();
    if value.is_empty() || value.len() > VALUE_MAX {
        return Err(Error::field("value", format!("must be 1 to {VALUE_MAX} bytes")));
    }
    if value.contains('\0') {
        return Err(Error::field("value", "must not hold NUL, which no environment can hold"));
    }
    Ok(())
}

/// The row by what makes it: a value opens under no other name and for no other build.
fn identity(build_id: Option<i64>, name: impl std::fmt::Display) -> String {
    match build_id {
        Some(id) => format!("secret/{id}/{name}"),
        None => format!("secret/all/{name}"),
    }
}

fn wire(row: &secret::Model, build: Option<Name>) -> Result<Secret> {
    let name = row.name.parse().map_err(|why| Error::Internal(format!("a stored name {why}")))?;
    Ok(Secret { name, build, by: row.by.clone(), at: Time::from_millis(row.at) })
}

#[cfg(test)]
mod tests;
