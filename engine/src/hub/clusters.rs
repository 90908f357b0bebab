//! Clusters, each with its one view.

use crate::{
    Engine, Error,
    kube::{Cluster, Connection},
    store::cluster,
};
use sea_orm::EntityTrait;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

/// The connected clusters, by the id of their row.
#[derive(Default)]
pub(crate) struct Clusters(RwLock<HashMap<i64, Result<Cluster, String>>>);

impl Clusters {
    /// The cluster, or why it cannot even be asked.
    pub(crate) fn get(&self, id: i64) -> Result<Cluster, String> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&id).cloned().unwrap_or_else(|| Err("The cluster is not connected.".to_owned()))
    }

    pub(crate) fn put(&self, id: i64, cluster: Result<Cluster, String>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, cluster);
    }

    pub(crate) fn remove(&self, id: i64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// What is sealed of a cluster that was entered by hand.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entered {
    Kubeconfig { text: String, context: Option<String> },
    Token { server: String, ca: Option<String>, token: String },
}

/// How the cluster of a row is reached.
fn connection_of(engine: &Engine, row: &cluster::Model) -> Result<Connection, Error> {
    if let Some(context) = &row.discovered {
        return Ok(Connection::Discovered { context: context.clone() });
    }
    let sealed = row.sealed.as_deref().unwrap_or_default();
    let opened = engine.secrets.open(&format!("cluster/{}", row.name), sealed)?;
    let entered = serde_json::from_str(opened.expose_secret())
        .map_err(|why| Error::Internal(format!("cluster {} cannot be read: {why}", row.name)))?;
    Ok(match entered {
        Entered::Kubeconfig { text, context } => Connection::Kubeconfig { text: text.into(), context },
        Entered::Token { server, ca, token } => Connection::Token { server, ca, token: token.into() },
    })
}

impl Engine {
    /// Connects every cluster; what does not connect says so on its page and keeps nothing else.
    pub(crate) async fn load_clusters(&self) -> Result<(), Error> {
        for row in cluster::Entity::find().all(&self.db).await? {
            self.connect_cluster(&row).await;
        }
        Ok(())
    }

    pub(crate) async fn connect_cluster(&self, row: &cluster::Model) {
        let connected = match connection_of(self, row) {
            Ok(connection) => Cluster::connect(&connection).await.map_err(|why| why.to_string()),
            Err(why) => Err(why.to_string()),
        };
        if let Err(why) = &connected {
            tracing::warn!(cluster = row.name, why, "a cluster cannot be connected");
        }
        self.clusters.put(row.id, connected);
    }
}
