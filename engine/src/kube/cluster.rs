//! One cluster: its view, and what can be asked of it.

use super::{
    connect::{ConnectError, Connection},
    known::Known,
    patch::Patience,
    view::ClusterView,
};
use ::kube::Client;

/// A handle on a cluster; cheap to clone. Its watches end with the last handle and view.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    view: ClusterView,
    patience: Patience,
    known: Known,
}

impl Cluster {
    /// Starts to watch; the cluster need not answer yet. Errors are those of the connection's own data.
    pub async fn connect(connection: &Connection) -> Result<Self, ConnectError> {
        Ok(Self::start(connection.open().await?, Patience::default()))
    }

    pub(super) fn start(client: Client, patience: Patience) -> Self {
        let view = ClusterView::start(client.clone());
        Self { client, view, patience, known: Known::default() }
    }

    pub fn view(&self) -> &ClusterView {
        &self.view
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}
