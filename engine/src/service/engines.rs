//! Build engines as an administrator manages them.

use super::{
    Result, Revised, Revision, audit,
    pruning::{check_rule, rule_of},
};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    docker::{self, EngineAddress},
    now,
    store::{self, build, build_engine, write_tx},
};
use sea_orm::{ActiveValue::Set, EntityTrait, JsonValue, QueryFilter, QueryOrder, sea_query::Expr};
use secrecy::SecretString;
use types::{
    ErrorCode, Name, Time,
    cluster::Check,
    engine::{BuildEngine, DiscoveredEngine, EnginePatch, EngineType, NewEngine, PruneRule},
};

/// Most builds at once that an engine can be set to.
const PARALLEL_MAX: u32 = 64;

impl Engine {
    pub async fn engines(&self, who: &Principal) -> Result<Vec<BuildEngine>> {
        who.need(Verb::Read, &On::Everywhere, "build engine")?;
        let rows = build_engine::Entity::find().order_by_asc(build_engine::Column::Name).all(&self.db).await?;
        let mut engines = Vec::with_capacity(rows.len());
        for row in rows {
            engines.push(self.engine_wire(&row).await?);
        }
        Ok(engines)
    }

    pub async fn engine(&self, who: &Principal, name: &Name) -> Result<Revised<BuildEngine>> {
        who.need(Verb::Read, &On::Everywhere, &format!("build engine {name}"))?;
        let row = self.engine_row(name).await?;
        Ok(Revised { value: self.engine_wire(&row).await?, revision: Revision(row.revision) })
    }

    /// Adds an engine; whether it answers shows by itself.
    pub async fn create_engine(&self, who: &Principal, new: NewEngine) -> Result<Revised<BuildEngine>> {
        who.need_admin()?;
        let NewEngine { name, kind: EngineType::Docker, url, ca, cert, key, parallel_builds, prune } = new;
        let name = Name::parse(&name).map_err(|why| Error::field("name", why))?;
        check_address(&url, ca.as_deref(), cert.as_deref(), key.as_deref().map(Into::into))?;
        let sealed_key = match key {
            Some(key) => Some(self.secrets.seal(&format!("engine/{name}/key"), &key)?),
            None => None,
        };
        let row = build_engine::ActiveModel {
            name: Set(name.to_string()),
            kind: Set("docker".to_owned()),
            url: Set(url.clone()),
            ca: Set(ca),
            cert: Set(cert),
            sealed_key: Set(sealed_key),
            parallel_builds: Set(parallel(parallel_builds)?),
            prune: Set(stored_rule(prune)?),
            revision: Set(1),
            created_at: Set(now().as_millis()),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        build_engine::Entity::insert(row).exec(&tx).await.map_err(|why| super::exists(why, "build engine", &name))?;
        let thing = format!("engines/{name}");
        audit::record(&tx, who, audit::Entry { action: "engine.create", thing, from: None, to: Some(url.into()) })
            .await?;
        tx.commit().await?;
        self.bus.tell(crate::bus::Change::Settings);
        self.check_engine(who, &name).await?;
        self.engine(who, &name).await
    }

    /// Changes an engine; another address needs the key again.
    pub async fn patch_engine(
        &self,
        who: &Principal,
        name: &Name,
        expected: Revision,
        patch: EnginePatch,
    ) -> Result<Revised<BuildEngine>> {
        who.need_admin()?;
        let row = self.engine_row(name).await?;
        let EnginePatch { url, ca, cert, key, parallel_builds, prune } = patch;
        let url = url.unwrap_or_else(|| row.url.clone());
        if url != row.url && row.sealed_key.is_some() && key.is_none() {
            return Err(Error::refused(ErrorCode::SecretRequired, "Another address needs the key again."));
        }
        let (ca, cert) = (ca.or_else(|| row.ca.clone()), cert.or_else(|| row.cert.clone()));
        let key_name = format!("engine/{name}/key");
        let known = row.sealed_key.as_ref().filter(|_| key.is_none());
        let known = known.map(|sealed| self.secrets.open(&key_name, sealed)).transpose()?;
        check_address(&url, ca.as_deref(), cert.as_deref(), known.or(key.as_deref().map(Into::into)))?;
        let sealed = match key {
            Some(key) => Some(self.secrets.seal(&key_name, &key)?),
            None => row.sealed_key.clone(),
        };
        let prune = prune.map_or_else(|| Ok(row.prune.clone()), stored_rule)?;
        let slots = if parallel_builds.is_some() { parallel(parallel_builds)? } else { row.parallel_builds };
        let tx = write_tx(&self.db).await?;
        let changed = build_engine::Entity::update_many()
            .col_expr(build_engine::Column::Url, Expr::value(url.clone()))
            .col_expr(build_engine::Column::Ca, Expr::value(ca))
            .col_expr(build_engine::Column::Cert, Expr::value(cert))
            .col_expr(build_engine::Column::SealedKey, Expr::value(sealed))
            .col_expr(build_engine::Column::ParallelBuilds, Expr::value(slots))
            .col_expr(build_engine::Column::Prune, Expr::value(prune))
            .col_expr(build_engine::Column::Revision, Expr::value(expected.0 + 1))
            .filter(build_engine::COLUMN.id.eq(row.id))
            .filter(build_engine::COLUMN.revision.eq(expected.0))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::ChangedMeanwhile);
        }
        let (from, to) = (Some(row.url.into()), Some(url.into()));
        audit::record(&tx, who, audit::Entry { action: "engine.change", thing: format!("engines/{name}"), from, to })
            .await?;
        tx.commit().await?;
        self.engines.remove(row.id);
        self.workers.builds.notify_one();
        self.bus.tell(crate::bus::Change::Settings);
        self.check_engine(who, name).await?;
        self.engine(who, name).await
    }

    /// Forgets an engine; nothing on it changes.
    pub async fn delete_engine(&self, who: &Principal, name: &Name) -> Result<()> {
        who.need_admin()?;
        let row = self.engine_row(name).await?;
        let builds = build::Entity::find().filter(build::COLUMN.engine_id.eq(row.id)).all(&self.db).await?;
        if !builds.is_empty() {
            let users = builds.into_iter().map(|build| format!("builds/{}", build.name)).collect();
            return Err(Error::InUse { what: format!("Build engine {name}"), users });
        }
        let tx = write_tx(&self.db).await?;
        build_engine::Entity::delete_by_id(row.id).exec(&tx).await?;
        let thing = format!("engines/{name}");
        audit::record(&tx, who, audit::Entry { action: "engine.delete", thing, from: Some(row.url.into()), to: None })
            .await?;
        tx.commit().await?;
        self.engines.remove(row.id);
        self.bus.tell(crate::bus::Change::Settings);
        Ok(())
    }

    /// Asks whether the engine answers.
    pub async fn check_engine(&self, who: &Principal, name: &Name) -> Result<Check> {
        who.need(Verb::Read, &On::Everywhere, &format!("build engine {name}"))?;
        let row = self.engine_row(name).await?;
        let checked = self.engine_entry(row.id).await?.check().await;
        let error = checked.as_ref().err().map(ToString::to_string);
        Ok(Check {
            reachable: error.is_none(),
            version: checked.ok().map(|info| info.version),
            missing: Vec::new(),
            error,
        })
    }

    /// Sockets that the server itself finds.
    pub async fn discovered_engines(&self, who: &Principal) -> Result<Vec<DiscoveredEngine>> {
        who.need_admin()?;
        let rows = build_engine::Entity::find().all(&self.db).await?;
        let mut found = docker::discover().await;
        for engine in &mut found {
            let row = rows.iter().find(|row| row.url == engine.url);
            engine.added_as = row.and_then(|row| Name::parse(&row.name).ok());
        }
        Ok(found)
    }

    pub(crate) async fn engine_row(&self, name: &Name) -> Result<build_engine::Model> {
        let row =
            build_engine::Entity::find().filter(build_engine::COLUMN.name.eq(name.as_str())).one(&self.db).await?;
        row.ok_or_else(|| Error::NotFound(format!("build engine {name}")))
    }

    async fn engine_wire(&self, row: &build_engine::Model) -> Result<BuildEngine> {
        let entry = self.engine_entry(row.id).await?;
        let state = entry.health.state();
        let info = entry.info();
        Ok(BuildEngine {
            name: super::stored_name(&row.name)?,
            kind: EngineType::Docker,
            url: row.url.clone(),
            parallel_builds: row.parallel_builds.and_then(|slots| u32::try_from(slots).ok()),
            capabilities: info.as_ref().map(|info| info.capabilities.clone()).unwrap_or_default(),
            version: info.as_ref().map(|info| info.version.clone()),
            state: state.reach,
            since: state.since,
            error: state.error,
            disk_used_bytes: info.and_then(|info| info.disk_used),
            prune: rule_of(row)?,
            pruned_at: row.pruned_at.map(Time::from_millis),
        })
    }
}

/// Refuses an address, certificates or a key that cannot be used, at their field.
fn check_address(url: &str, ca: Option<&str>, cert: Option<&str>, key: Option<SecretString>) -> Result<()> {
    let address = EngineAddress::new(url, ca, cert, key);
    address.check().map_err(|wrong| Error::field(wrong.field, wrong.why))
}

/// A rule as it is stored.
fn stored_rule(rule: Option<PruneRule>) -> Result<Option<JsonValue>> {
    rule.as_ref().map(|rule| check_rule(rule).and_then(|()| store::write(rule))).transpose()
}

fn parallel(slots: Option<u32>) -> Result<Option<i32>> {
    match slots {
        None => Ok(None),
        Some(slots) if (1..=PARALLEL_MAX).contains(&slots) => Ok(i32::try_from(slots).ok()),
        Some(_) => Err(Error::field("parallel_builds", format!("must be 1 to {PARALLEL_MAX}"))),
    }
}
