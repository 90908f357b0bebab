//! Builds: how images are made.

use super::{Result, Revised, Revision, audit, build_runs};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    build as flow,
    bus::Change,
    now,
    store::{self, build, build_run, registry, secret, write_tx},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use types::{
    FieldError, Name, Time,
    build::{Build, BuildDuration, BuildSummary, TagRule},
    build_run::BuildRunStatus,
};

/// Bars of the sparkline of durations.
const DURATIONS: u64 = 12;

impl Engine {
    pub async fn builds(&self, who: &Principal) -> Result<Vec<BuildSummary>> {
        let rows = build::Entity::find().order_by_asc(build::Column::Name).all(&self.db).await?;
        let mut builds = Vec::with_capacity(rows.len());
        for row in rows {
            if who.may(Verb::Read, &On::Build(super::stored_name(&row.name)?)) {
                builds.push(self.build_summary(&row).await?);
            }
        }
        Ok(builds)
    }

    pub async fn build(&self, who: &Principal, name: &Name) -> Result<Revised<Build>> {
        let row = self.build_row(who, Verb::Read, name).await?;
        Ok(Revised { value: self.build_wire(&row).await?, revision: Revision(row.revision) })
    }

    pub async fn create_build(&self, who: &Principal, new: Build) -> Result<Revised<Build>> {
        let name = Name::parse(&new.name).map_err(|why| Error::field("name", why))?;
        who.need(Verb::Manage, &On::Build(name.clone()), &format!("build {name}"))?;
        let (registry_id, engine_id) = self.check_build(&new, None).await?;
        let steps = flow::seal(&self.secrets, name.as_str(), &new.steps, &[])?;
        let row = build::ActiveModel {
            name: Set(name.to_string()),
            description: Set(new.description),
            registry_id: Set(registry_id),
            repository: Set(new.repository),
            engine_id: Set(engine_id),
            tag_rule: Set(store::write(&new.tag_rule)?),
            max_parallel: Set(i32::try_from(new.max_parallel).unwrap_or(1)),
            time_limit_ms: Set(i64::try_from(new.time_limit_ms).unwrap_or(i64::MAX)),
            steps: Set(store::write(&steps)?),
            params: Set(store::write(&new.params)?),
            log_retention: Set(new.log_retention.as_ref().map(store::write).transpose()?),
            last_number: Set(0),
            sequence: Set(0),
            revision: Set(1),
            created_at: Set(now().as_millis()),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        self.repository_is_free(&tx, &row, None).await?;
        build::Entity::insert(row).exec(&tx).await.map_err(|why| super::exists(why, "build", &name))?;
        let to = Some(store::write(&flow::shown(&new.steps))?);
        audit::record(
            &tx,
            who,
            audit::Entry { action: "build.create", thing: format!("builds/{name}"), from: None, to },
        )
        .await?;
        tx.commit().await?;
        self.bus.tell(Change::Settings);
        self.build(who, &name).await
    }

    /// Replaces a build; its name stays.
    pub async fn replace_build(
        &self,
        who: &Principal,
        name: &Name,
        expected: Revision,
        new: Build,
    ) -> Result<Revised<Build>> {
        let row = self.build_row(who, Verb::Manage, name).await?;
        if new.name != name.as_str() {
            return Err(Error::field("name", "cannot be changed"));
        }
        let (registry_id, engine_id) = self.check_build(&new, Some(row.id)).await?;
        let before = store::read::<Vec<_>>(&row.steps)?;
        let steps = flow::seal(&self.secrets, name.as_str(), &new.steps, &before)?;
        let change = build::ActiveModel {
            description: Set(new.description),
            registry_id: Set(registry_id),
            repository: Set(new.repository),
            engine_id: Set(engine_id),
            tag_rule: Set(store::write(&new.tag_rule)?),
            max_parallel: Set(i32::try_from(new.max_parallel).unwrap_or(1)),
            time_limit_ms: Set(i64::try_from(new.time_limit_ms).unwrap_or(i64::MAX)),
            steps: Set(store::write(&steps)?),
            params: Set(store::write(&new.params)?),
            log_retention: Set(new.log_retention.as_ref().map(store::write).transpose()?),
            revision: Set(expected.0 + 1),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        self.repository_is_free(&tx, &change, Some(row.id)).await?;
        let changed = build::Entity::update_many()
            .set(change)
            .filter(build::COLUMN.id.eq(row.id))
            .filter(build::COLUMN.revision.eq(expected.0))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::ChangedMeanwhile);
        }
        let (from, to) = (Some(store::write(&flow::shown(&before))?), Some(store::write(&flow::shown(&new.steps))?));
        audit::record(&tx, who, audit::Entry { action: "build.change", thing: format!("builds/{name}"), from, to })
            .await?;
        tx.commit().await?;
        self.workers.builds.notify_one();
        self.bus.tell(Change::Settings);
        self.build(who, name).await
    }

    /// Deletes a build that no task uses, with its secrets, its runs and their logs; images stay.
    pub async fn delete_build(&self, who: &Principal, name: &Name) -> Result<()> {
        let row = self.build_row(who, Verb::Manage, name).await?;
        let mut users = self.tasks_of_image(&self.image_of(&row).await?, None).await?;
        let runs = build_run::Entity::find().filter(build_run::COLUMN.build_id.eq(row.id)).all(&self.db).await?;
        let open = runs.iter().filter(|run| build_runs::status_of(&run.status).is_ok_and(|status| !status.is_final()));
        users.extend(open.map(|run| format!("builds/{name}/runs/{}", run.number)));
        if !users.is_empty() {
            return Err(Error::InUse { what: format!("Build {name}"), users });
        }
        let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
        let tx = write_tx(&self.db).await?;
        build_runs::remove_all(&tx, &ids).await?;
        secret::Entity::delete_many().filter(secret::COLUMN.build_id.eq(row.id)).exec(&tx).await?;
        build::Entity::delete_by_id(row.id).exec(&tx).await?;
        let entry =
            audit::Entry { action: "build.delete", thing: format!("builds/{name}"), from: Some(row.steps), to: None };
        audit::record(&tx, who, entry).await?;
        tx.commit().await?;
        for id in ids {
            self.logs.delete(id).await.map_err(|why| Error::Internal(why.to_string()))?;
        }
        self.bus.tell(Change::Settings);
        Ok(())
    }

    pub(crate) async fn build_row(&self, who: &Principal, verb: Verb, name: &Name) -> Result<build::Model> {
        let what = format!("build {name}");
        who.need(verb, &On::Build(name.clone()), &what)?;
        let row = build::Entity::find().filter(build::COLUMN.name.eq(name.as_str())).one(&self.db).await?;
        row.ok_or(Error::NotFound(what))
    }

    pub(crate) async fn build_wire(&self, row: &build::Model) -> Result<Build> {
        let registry = registry::Entity::find_by_id(row.registry_id).one(&self.db).await?;
        let engine = store::build_engine::Entity::find_by_id(row.engine_id).one(&self.db).await?;
        let steps: Vec<types::build::Step> = store::read(&row.steps)?;
        Ok(Build {
            name: row.name.clone(),
            description: row.description.clone(),
            registry: registry.map(|row| row.name).unwrap_or_default(),
            repository: row.repository.clone(),
            engine: engine.map(|row| row.name).unwrap_or_default(),
            tag_rule: store::read(&row.tag_rule)?,
            max_parallel: u32::try_from(row.max_parallel).unwrap_or(1),
            time_limit_ms: u64::try_from(row.time_limit_ms).unwrap_or_default(),
            log_retention: row.log_retention.as_ref().map(store::read).transpose()?,
            params: store::read(&row.params)?,
            steps: flow::shown(&steps),
        })
    }

    /// `host/repository` of a build, as a pod template names it: the registry's first pull host.
    pub(crate) async fn image_of(&self, row: &build::Model) -> Result<String> {
        let registry = registry::Entity::find_by_id(row.registry_id).one(&self.db).await?;
        let registry = registry.ok_or_else(|| Error::Internal(format!("build {} has no registry", row.name)))?;
        let hosts: Vec<String> = store::read(&registry.pull_hosts)?;
        let host = hosts.first().map_or_else(|| registry.url.clone(), Clone::clone);
        Ok(format!("{host}/{}", row.repository))
    }

    /// Refuses a build that cannot run; the ids of its registry and engine.
    pub(super) async fn check_build(&self, new: &Build, id: Option<i64>) -> Result<(i64, i64)> {
        let mut fields = match flow::check(new, &self.secret_names(id).await?) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(fields)) => fields,
            Err(other) => return Err(other),
        };
        let mut missing = |path: &str, what: &str| {
            fields.push(FieldError { path: path.to_owned(), message: format!("is not a {what} of Slipway") });
        };
        let registry = match Name::parse(&new.registry) {
            Ok(name) => self.registry_row(&name).await.ok(),
            Err(_) => None,
        };
        let engine = match Name::parse(&new.engine) {
            Ok(name) => self.engine_row(&name).await.ok(),
            Err(_) => None,
        };
        if registry.is_none() {
            missing("registry", "registry");
        }
        if engine.is_none() {
            missing("engine", "build engine");
        }
        if let Some(registry) = &registry {
            let patterns: Vec<String> = store::read(&registry.push_repositories)?;
            let may_push = |path: &str| patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, path));
            if !may_push(&new.repository) {
                let message =
                    format!("may not be pushed to: registry {} allows {}", registry.name, patterns.join(", "));
                fields.push(FieldError { path: "repository".to_owned(), message });
            }
            let (hosts, taken) = (registry_hosts(registry)?, self.repositories_of_others(registry.id, id).await?);
            let place = flow::CachePlace { hosts: &hosts, taken: &taken, may_push: &may_push };
            fields.extend(flow::check_cache(&new.steps, &place));
        }
        match (registry, engine) {
            (Some(registry), Some(engine)) if fields.is_empty() => {
                // One that was never reached may be able to do anything.
                if let Some(info) = self.engine_entry(engine.id).await?.info() {
                    flow::check_engine(&new.steps, &engine.name, &info.capabilities)?;
                }
                Ok((registry.id, engine.id))
            }
            _ => Err(Error::Invalid(fields)),
        }
    }

    async fn repositories_of_others(&self, registry_id: i64, own: Option<i64>) -> Result<Vec<String>> {
        let rows = build::Entity::find().filter(build::COLUMN.registry_id.eq(registry_id)).all(&self.db).await?;
        Ok(rows.into_iter().filter(|row| Some(row.id) != own).map(|row| row.repository).collect())
    }

    /// One repository belongs to one build.
    async fn repository_is_free<C: sea_orm::ConnectionTrait>(
        &self,
        tx: &C,
        row: &build::ActiveModel,
        own: Option<i64>,
    ) -> Result<()> {
        let (Set(registry_id), Set(repository)) = (&row.registry_id, &row.repository) else { return Ok(()) };
        let other = build::Entity::find()
            .filter(build::COLUMN.registry_id.eq(*registry_id))
            .filter(build::COLUMN.repository.eq(repository.as_str()))
            .one(tx)
            .await?;
        match other.filter(|other| Some(other.id) != own) {
            Some(other) => Err(Error::field("repository", format!("belongs to build {} already", other.name))),
            None => Ok(()),
        }
    }

    async fn build_summary(&self, row: &build::Model) -> Result<BuildSummary> {
        let newest = self.newest_run(row.id).await?;
        let success = self.newest_success(row.id).await?;
        let ended = build_runs::runs_of(row.id)
            .filter(build_run::COLUMN.duration_ms.is_not_null())
            .order_by_desc(build_run::Column::Number)
            .limit(DURATIONS)
            .all(&self.db)
            .await?;
        let bar = |run: &build_run::Model| BuildDuration {
            duration_ms: run.duration_ms.and_then(|ms| u64::try_from(ms).ok()).unwrap_or_default(),
            succeeded: run.status == BuildRunStatus::Succeeded.as_str(),
        };
        let steps: Vec<types::build::Step> = store::read(&row.steps)?;
        let registry = registry::Entity::find_by_id(row.registry_id).one(&self.db).await?;
        Ok(BuildSummary {
            name: super::stored_name(&row.name)?,
            description: row.description.clone(),
            registry: super::stored_name(&registry.map(|row| row.name).unwrap_or_default())?,
            repository: row.repository.clone(),
            image: self.image_of(row).await?,
            steps: u32::try_from(steps.iter().filter(|step| step.enabled()).count()).unwrap_or_default(),
            last_run_at: newest.as_ref().map(|run| Time::from_millis(run.created_at)),
            size_bytes: success.as_ref().and_then(|run| run.size_bytes).and_then(|size| u64::try_from(size).ok()),
            newest_run: self.brief(newest).await?,
            newest_success: self.brief(success).await?,
            durations: ended.iter().rev().map(bar).collect(),
        })
    }
}

/// The counter and the numbers of a build move in the transaction of its new run.
pub(crate) async fn count_run<C: sea_orm::ConnectionTrait>(tx: &C, row: &build::Model, sequence: i64) -> Result<i32> {
    let number = row.last_number + 1;
    build::Entity::update_many()
        .col_expr(build::Column::LastNumber, Expr::value(number))
        .col_expr(build::Column::Sequence, Expr::value(sequence))
        .filter(build::COLUMN.id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(number)
}

/// The rule of a build's tags.
pub(crate) fn tag_rule(row: &build::Model) -> Result<TagRule> {
    store::read(&row.tag_rule)
}

/// By which names images name a registry.
fn registry_hosts(row: &registry::Model) -> Result<Vec<String>> {
    let mut hosts: Vec<String> = store::read(&row.pull_hosts)?;
    let rest = row.url.split_once("://").map_or(row.url.as_str(), |(_, rest)| rest);
    hosts.push(rest.split('/').next().unwrap_or_default().to_owned());
    Ok(hosts)
}

/// A pattern with `*` for any run of characters.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text
            .strip_prefix(head)
            .is_some_and(|rest| tail.is_empty() || rest.char_indices().any(|(at, _)| matches(tail, &rest[at..]))),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;
    use rstest::rstest;

    #[rstest]
    #[case("shop/web", "shop/web", true)]
    #[case("shop/*", "shop/web", true)]
    #[case("shop/*", "other/web", false)]
    #[case("*/web", "shop/web", true)]
    #[case("*/web", "shop/api", false)]
    #[case("*", "anything", true)]
    fn patterns(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(matches(pattern, text), expected);
    }
}
