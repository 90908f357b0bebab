//! Registries, each with its client and its state.

use super::{Health, resolved::Answers, tags::TagLists};
use crate::{
    Engine, Error,
    docker::RegistryCredentials,
    image::Repository,
    registry::{Login, RegistryClient, RegistryError, RegistrySettings, host_matches},
    service::registries::kind_of,
    store::{self, registry},
};
use sea_orm::EntityTrait;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// The registries in use, by the id of their row.
#[derive(Default)]
pub(crate) struct Registries(RwLock<HashMap<i64, Arc<RegistryEntry>>>);

/// A registry, connected.
pub(crate) struct RegistryEntry {
    pub(crate) row: registry::Model,
    pub(crate) client: RegistryClient,
    pub(crate) health: Health,
    pub(crate) answers: Answers,
    pub(crate) tags: TagLists,
}

impl RegistryEntry {
    /// Name and password for an engine that knows the registry by `host`.
    pub(crate) async fn credentials(&self, host: &str) -> Result<Option<RegistryCredentials>, RegistryError> {
        let login = self.observe(self.client.login().await)?;
        Ok(login.map(|Login { username, password }| RegistryCredentials { host: host.to_owned(), username, password }))
    }

    /// Records whether the registry answered; "no such tag" and "not allowed" are answers.
    pub(crate) fn observe<T>(&self, result: Result<T, RegistryError>) -> Result<T, RegistryError> {
        match &result {
            Ok(_) | Err(RegistryError::NotFound(_) | RegistryError::Unauthorized(_) | RegistryError::Invalid(_)) => {
                self.health.note(None);
            }
            Err(RegistryError::Unreachable(why)) => self.health.note(Some(why.clone())),
        }
        result
    }
}

impl Registries {
    /// Forgets a client, so that the next use makes it anew from its row.
    pub(crate) fn remove(&self, id: i64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

impl Engine {
    /// The registry of a row, connected at first use.
    pub(crate) async fn registry_entry(&self, id: i64) -> Result<Arc<RegistryEntry>, Error> {
        let known = self.registries.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(entry) = known {
            return Ok(entry);
        }
        let row = registry::Entity::find_by_id(id).one(&self.db).await?;
        let row = row.ok_or_else(|| Error::NotFound("registry".to_owned()))?;
        let entry = Arc::new(self.connect_registry(row)?);
        self.registries.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, entry.clone());
        Ok(entry)
    }

    fn connect_registry(&self, row: registry::Model) -> Result<RegistryEntry, Error> {
        let password = match &row.sealed_password {
            Some(sealed) => Some(self.secrets.open(&format!("registry/{}/password", row.name), sealed)?),
            None => None,
        };
        let settings = RegistrySettings {
            url: row.url.clone(),
            kind: kind_of(&row)?,
            username: row.username.clone(),
            password,
            ca_pem: row.ca.clone(),
            egress: self.egress.clone(),
        };
        let client = RegistryClient::new(settings).map_err(|why| Error::field("url", why.to_string()))?;
        Ok(RegistryEntry { row, client, health: Health::new(), answers: Answers::default(), tags: TagLists::default() })
    }

    /// The registry that an image belongs to, by its host.
    pub(crate) async fn registry_of(&self, repository: &Repository) -> Result<Option<Arc<RegistryEntry>>, Error> {
        for row in registry::Entity::find().all(&self.db).await? {
            let hosts: Vec<String> = store::read(&row.pull_hosts)?;
            if host_matches(&hosts, repository) {
                return Ok(Some(self.registry_entry(row.id).await?));
            }
        }
        Ok(None)
    }
}
