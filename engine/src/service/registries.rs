//! Registries as an administrator manages them, and their tags.

use super::{PageRequest, Result, Revised, Revision, audit};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    hub::RegistryEntry,
    image::Repository,
    now,
    registry::{RegistryClient, RegistryError, is_ecr},
    store::{self, build, registry, write_tx},
};
use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use std::collections::BTreeSet;
use types::{
    ErrorCode, Name, Page,
    cluster::Check,
    registry::{NewRegistry, Registry, RegistryPatch, RegistryType, TagFacts},
};

/// Repositories that are tried at once: a registry with many builds is not asked for all of them together.
const AT_ONCE: usize = 4;

impl Engine {
    pub async fn registries(&self, who: &Principal) -> Result<Vec<Registry>> {
        who.need(Verb::Read, &On::Everywhere, "registry")?;
        let rows = registry::Entity::find().order_by_asc(registry::Column::Name).all(&self.db).await?;
        let mut registries = Vec::with_capacity(rows.len());
        for row in rows {
            registries.push(self.registry_wire(&row).await?);
        }
        Ok(registries)
    }

    pub async fn registry(&self, who: &Principal, name: &Name) -> Result<Revised<Registry>> {
        who.need(Verb::Read, &On::Everywhere, &format!("registry {name}"))?;
        let row = self.registry_row(name).await?;
        Ok(Revised { value: self.registry_wire(&row).await?, revision: Revision(row.revision) })
    }

    /// Adds a registry; whether it answers shows by itself.
    pub async fn create_registry(&self, who: &Principal, new: NewRegistry) -> Result<Revised<Registry>> {
        who.need_admin()?;
        let NewRegistry { name, kind, url, pull_hosts, username, password, ca, push_repositories } = new;
        let name = Name::parse(&name).map_err(|why| Error::field("name", why))?;
        let url = parse_url(&url)?;
        check_ca(ca.as_deref())?;
        check_sign_in(kind, &url, username.as_deref(), password.is_some())?;
        let pull_hosts = if pull_hosts.is_empty() { vec![host_of(&url)] } else { pull_hosts };
        let sealed = match password {
            Some(password) => Some(self.secrets.seal(&format!("registry/{name}/password"), &password)?),
            None => None,
        };
        let row = registry::ActiveModel {
            name: Set(name.to_string()),
            kind: Set(kind.as_str().to_owned()),
            url: Set(url.clone()),
            pull_hosts: Set(store::write(&pull_hosts)?),
            username: Set(username),
            sealed_password: Set(sealed),
            ca: Set(ca),
            push_repositories: Set(store::write(&push_repositories)?),
            revision: Set(1),
            created_at: Set(now().as_millis()),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        registry::Entity::insert(row).exec(&tx).await.map_err(|why| super::exists(why, "registry", &name))?;
        let thing = format!("registries/{name}");
        audit::record(&tx, who, audit::Entry { action: "registry.create", thing, from: None, to: Some(url.into()) })
            .await?;
        tx.commit().await?;
        self.bus.tell(crate::bus::Change::Settings);
        self.check_registry(who, &name).await?;
        self.registry(who, &name).await
    }

    /// Changes a registry; another host, port or scheme needs the password again.
    pub async fn patch_registry(
        &self,
        who: &Principal,
        name: &Name,
        expected: Revision,
        patch: RegistryPatch,
    ) -> Result<Revised<Registry>> {
        who.need_admin()?;
        let row = self.registry_row(name).await?;
        let RegistryPatch { url, pull_hosts, username, password, ca, push_repositories } = patch;
        let url = url.map(|url| parse_url(&url)).transpose()?.unwrap_or_else(|| row.url.clone());
        if url != row.url && row.sealed_password.is_some() && password.is_none() {
            let words = "Another address needs the password again.";
            return Err(Error::refused(ErrorCode::SecretRequired, words));
        }
        let ca = ca.or_else(|| row.ca.clone());
        check_ca(ca.as_deref())?;
        let username = username.or_else(|| row.username.clone());
        let has_password = password.is_some() || row.sealed_password.is_some();
        check_sign_in(kind_of(&row)?, &url, username.as_deref(), has_password)?;
        let sealed = match password {
            Some(password) => Some(self.secrets.seal(&format!("registry/{name}/password"), &password)?),
            None => row.sealed_password.clone(),
        };
        let pull_hosts = pull_hosts.map_or_else(|| Ok(row.pull_hosts.clone()), |hosts| store::write(&hosts))?;
        let push = push_repositories.map_or_else(|| Ok(row.push_repositories.clone()), |push| store::write(&push))?;
        let tx = write_tx(&self.db).await?;
        let changed = registry::Entity::update_many()
            .col_expr(registry::Column::Url, Expr::value(url.clone()))
            .col_expr(registry::Column::PullHosts, Expr::value(pull_hosts))
            .col_expr(registry::Column::Username, Expr::value(username))
            .col_expr(registry::Column::SealedPassword, Expr::value(sealed))
            .col_expr(registry::Column::Ca, Expr::value(ca))
            .col_expr(registry::Column::PushRepositories, Expr::value(push))
            .col_expr(registry::Column::Revision, Expr::value(expected.0 + 1))
            .filter(registry::COLUMN.id.eq(row.id))
            .filter(registry::COLUMN.revision.eq(expected.0))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::ChangedMeanwhile);
        }
        let (from, to) = (Some(row.url.into()), Some(url.into()));
        audit::record(
            &tx,
            who,
            audit::Entry { action: "registry.change", thing: format!("registries/{name}"), from, to },
        )
        .await?;
        tx.commit().await?;
        self.registries.remove(row.id);
        self.bus.tell(crate::bus::Change::Settings);
        self.check_registry(who, name).await?;
        self.registry(who, name).await
    }

    /// Forgets a registry; no image in it changes.
    pub async fn delete_registry(&self, who: &Principal, name: &Name) -> Result<()> {
        who.need_admin()?;
        let row = self.registry_row(name).await?;
        let users = self.builds_of_registry(row.id).await?;
        if !users.is_empty() {
            return Err(Error::InUse { what: format!("Registry {name}"), users });
        }
        let tx = write_tx(&self.db).await?;
        registry::Entity::delete_by_id(row.id).exec(&tx).await?;
        let thing = format!("registries/{name}");
        audit::record(
            &tx,
            who,
            audit::Entry { action: "registry.delete", thing, from: Some(row.url.into()), to: None },
        )
        .await?;
        tx.commit().await?;
        self.registries.remove(row.id);
        self.bus.tell(crate::bus::Change::Settings);
        Ok(())
    }

    /// Asks whether the registry answers, takes our credentials, and lets builds pull and push.
    pub async fn check_registry(&self, who: &Principal, name: &Name) -> Result<Check> {
        who.need(Verb::Read, &On::Everywhere, &format!("registry {name}"))?;
        let row = self.registry_row(name).await?;
        let entry = self.registry_entry(row.id).await?;
        let checked = entry.observe(entry.client.check().await);
        let checked = match checked {
            Ok(()) => entry.observe(self.missing_rights(&entry).await?),
            Err(why) => Err(why),
        };
        let missing = match &checked {
            Ok(missing) => missing.clone(),
            Err(RegistryError::Unauthorized(_)) => vec!["sign-in".to_owned()],
            Err(RegistryError::NotFound(_) | RegistryError::Unreachable(_) | RegistryError::Invalid(_)) => Vec::new(),
        };
        let error = checked.err().map(|why| why.to_string());
        Ok(Check { reachable: error.is_none() || !missing.is_empty(), version: None, missing, error })
    }

    /// What builds need in their repositories and the registry refuses, as in `push shop/web`.
    async fn missing_rights(&self, entry: &RegistryEntry) -> Result<std::result::Result<Vec<String>, RegistryError>> {
        let repositories: BTreeSet<String> = build::Entity::find()
            .select_only()
            .column(build::Column::Repository)
            .filter(build::COLUMN.registry_id.eq(entry.row.id))
            .into_tuple()
            .all(&self.db)
            .await?
            .into_iter()
            .collect();
        let tried = stream::iter(repositories).map(|repository| async move {
            let missing = entry.client.missing_rights(&repository).await?;
            Ok(missing.into_iter().map(|right| format!("{right} {repository}")).collect::<Vec<_>>())
        });
        let missing: std::result::Result<Vec<_>, _> = tried.buffered(AT_ONCE).try_collect().await;
        Ok(missing.map(|missing| missing.concat()))
    }

    /// Tags in natural order, newest version first, that contain `query`; facts of the page's tags.
    pub async fn tags(
        &self,
        who: &Principal,
        name: &Name,
        repository: &str,
        query: &str,
        page: PageRequest,
    ) -> Result<Page<TagFacts>> {
        who.need(Verb::Read, &On::Everywhere, &format!("registry {name}"))?;
        let row = self.registry_row(name).await?;
        let path = repository_path(repository)?;
        let entry = self.registry_entry(row.id).await?;
        let tags = entry.observe(entry.client.tags(&path).await).map_err(|why| registry_error(name, &why))?;
        let matching: Vec<String> = tags.into_iter().filter(|tag| tag.contains(query)).collect();
        let begin = super::page::begin(&page)?;
        let limit = super::page::limit(&page)?;
        let end = (begin + limit).min(matching.len());
        let window = matching.get(begin..end).unwrap_or_default();
        let items = entry.client.tag_facts(&path, window).await;
        let next_cursor = (end < matching.len()).then(|| super::page::cursor(end));
        Ok(Page { items, next_cursor })
    }

    pub(crate) async fn registry_row(&self, name: &Name) -> Result<registry::Model> {
        let row = registry::Entity::find().filter(registry::COLUMN.name.eq(name.as_str())).one(&self.db).await?;
        row.ok_or_else(|| Error::NotFound(format!("registry {name}")))
    }

    async fn registry_wire(&self, row: &registry::Model) -> Result<Registry> {
        let state = self.registry_entry(row.id).await?.health.state();
        let pull_hosts: Vec<String> = store::read(&row.pull_hosts)?;
        Ok(Registry {
            name: super::stored_name(&row.name)?,
            kind: kind_of(row)?,
            url: row.url.clone(),
            used_by: self.users_of_registry(row.id, &pull_hosts).await?,
            pull_hosts,
            username: row.username.clone(),
            has_password: row.sealed_password.is_some(),
            push_repositories: store::read(&row.push_repositories)?,
            state: state.reach,
            since: state.since,
            error: state.error,
        })
    }
}

/// What a registry said, for people.
pub(crate) fn registry_error(name: &Name, why: &RegistryError) -> Error {
    let code = match why {
        RegistryError::NotFound(_) => ErrorCode::NotFound,
        RegistryError::Unauthorized(_) | RegistryError::Unreachable(_) | RegistryError::Invalid(_) => {
            ErrorCode::RegistryUnreachable
        }
    };
    Error::refused(code, format!("Registry {name}: {why}."))
}

/// A path of a repository, whether or not its host is written before it.
fn repository_path(text: &str) -> Result<String> {
    let parsed = Repository::parse(text).map_err(|why| Error::field("repository", why))?;
    let hosted = text.split('/').next().is_some_and(|first| first.contains(['.', ':']) || first == "localhost");
    Ok(if hosted { parsed.path().to_owned() } else { text.to_owned() })
}

fn parse_url(text: &str) -> Result<String> {
    let wrong = || Error::field("url", "must be http:// or https:// and a host, without sign-in and query");
    let url = reqwest::Url::parse(text).map_err(|_| wrong())?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() && plain {
        return Ok(url.as_str().trim_end_matches('/').to_owned());
    }
    Err(wrong())
}

/// Refuses what is no authority.
fn check_ca(ca: Option<&str>) -> Result<()> {
    ca.map_or(Ok(()), RegistryClient::check_ca).map_err(|why| Error::field("ca", why))
}

/// Refuses what Amazon's token call cannot be asked with.
fn check_sign_in(kind: RegistryType, url: &str, username: Option<&str>, has_password: bool) -> Result<()> {
    match kind {
        RegistryType::Oci => Ok(()),
        RegistryType::Ecr if !is_ecr(url) => {
            Err(Error::field("url", "must be https://ACCOUNT.dkr.ecr.REGION.amazonaws.com"))
        }
        RegistryType::Ecr if username.is_none() => Err(Error::field("username", "must be the id of an access key")),
        RegistryType::Ecr if !has_password => {
            Err(Error::field("password", "must be the secret of the access key in `username`"))
        }
        RegistryType::Ecr => Ok(()),
    }
}

/// How the registry of a row is signed in to.
pub(crate) fn kind_of(row: &registry::Model) -> Result<RegistryType> {
    store::read(&row.kind.as_str().into())
}

/// `host:port` as it stands in image references.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}
