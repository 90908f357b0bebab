//! Build engines, each with its connection and its state.

use super::Health;
use crate::{
    Engine, Error,
    docker::{DockerEngine, DockerError, EngineAddress, EngineInfo},
    store::build_engine,
};
use sea_orm::EntityTrait;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};
use tokio::sync::OnceCell;

/// The engines in use, by the id of their row.
#[derive(Default)]
pub(crate) struct Engines(RwLock<HashMap<i64, Arc<EngineEntry>>>);

/// An engine and what is known of it.
pub(crate) struct EngineEntry {
    pub(crate) row: build_engine::Model,
    address: EngineAddress,
    installation: String,
    connected: tokio::sync::Mutex<Option<DockerEngine>>,
    pub(crate) health: Health,
    info: Mutex<Option<EngineInfo>>,
    /// Where its files are; that does not change while it runs.
    root: OnceCell<Option<PathBuf>>,
}

impl EngineEntry {
    /// The connection, made at first use and made anew after it was lost.
    pub(crate) async fn connection(&self) -> Result<DockerEngine, DockerError> {
        let mut connected = self.connected.lock().await;
        if let Some(engine) = connected.as_ref() {
            return Ok(engine.clone());
        }
        let connecting = DockerEngine::connect(&self.address).await;
        let engine = connecting.inspect_err(|why| self.health.note(Some(words(why))))?.of(&self.installation);
        self.health.note(None);
        *connected = Some(engine.clone());
        Ok(engine)
    }

    /// Asks the engine what it is.
    pub(crate) async fn check(&self) -> Result<EngineInfo, DockerError> {
        let engine = self.connection().await?;
        let info = self.observe(engine.check().await);
        match info {
            Ok(info) => {
                *self.info.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.clone());
                Ok(info)
            }
            Err(why) => {
                *self.connected.lock().await = None;
                Err(why)
            }
        }
    }

    /// The engine's own folder, if it is on this machine and says where it is.
    pub(crate) async fn local_root(&self) -> Option<PathBuf> {
        if !self.address.is_local() {
            return None;
        }
        let ask = async || self.connection().await?.root_folder().await;
        self.root.get_or_try_init(ask).await.ok()?.clone()
    }

    pub(crate) fn info(&self) -> Option<EngineInfo> {
        self.info.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn observe<T>(&self, result: Result<T, DockerError>) -> Result<T, DockerError> {
        match &result {
            Err(why @ DockerError::EngineUnreachable(_)) => self.health.note(Some(words(why))),
            Ok(_) | Err(_) => self.health.note(None),
        }
        result
    }
}

/// Why an engine cannot be used, beside its state, which says that it cannot.
fn words(why: &DockerError) -> String {
    match why {
        DockerError::EngineUnreachable(why) => why.clone(),
        other => other.to_string(),
    }
}

impl Engines {
    /// Forgets an engine, so that the next use connects anew from its row.
    pub(crate) fn remove(&self, id: i64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

impl Engine {
    /// The engine of a row.
    pub(crate) async fn engine_entry(&self, id: i64) -> Result<Arc<EngineEntry>, Error> {
        let known = self.engines.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(entry) = known {
            return Ok(entry);
        }
        let row = build_engine::Entity::find_by_id(id).one(&self.db).await?;
        let row = row.ok_or_else(|| Error::NotFound("build engine".to_owned()))?;
        let entry = Arc::new(EngineEntry {
            address: self.engine_address(&row)?,
            installation: self.installation.clone(),
            row,
            connected: tokio::sync::Mutex::new(None),
            health: Health::new(),
            info: Mutex::new(None),
            root: OnceCell::new(),
        });
        self.engines.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, entry.clone());
        Ok(entry)
    }

    fn engine_address(&self, row: &build_engine::Model) -> Result<EngineAddress, Error> {
        let key = match &row.sealed_key {
            Some(sealed) => Some(self.secrets.open(&format!("engine/{}/key", row.name), sealed)?),
            None => None,
        };
        Ok(EngineAddress::new(&row.url, row.ca.as_deref(), row.cert.as_deref(), key))
    }
}
