//! Clusters as an administrator manages them.

use super::{Result, Revised, Revision, audit};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    hub::Entered,
    kube::{ConnectError, Connection, discovered_contexts},
    now,
    store::{cluster, service_map, write_tx},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use secrecy::ExposeSecret;
use types::{
    ErrorCode, FieldError, Name,
    cluster::{Check, Cluster, ClusterPatch, DiscoveredCluster, NewCluster, Reach},
};

impl Engine {
    pub async fn clusters(&self, who: &Principal) -> Result<Vec<Cluster>> {
        who.need(Verb::Read, &On::Everywhere, "cluster")?;
        let rows = cluster::Entity::find().order_by_asc(cluster::Column::Name).all(&self.db).await?;
        rows.iter().map(|row| self.cluster_wire(row)).collect()
    }

    pub async fn cluster(&self, who: &Principal, name: &Name) -> Result<Revised<Cluster>> {
        who.need(Verb::Read, &On::Everywhere, &format!("cluster {name}"))?;
        let row = self.cluster_row(name).await?;
        Ok(Revised { value: self.cluster_wire(&row)?, revision: Revision(row.revision) })
    }

    /// Adds a cluster and starts to watch it; whether it answers shows by itself.
    pub async fn create_cluster(&self, who: &Principal, new: NewCluster) -> Result<Revised<Cluster>> {
        who.need_admin()?;
        let name = Name::parse(&new.name).map_err(|why| Error::field("name", why))?;
        let connection = connection_of_request(&new)?;
        let server = connection.check().await.map_err(wrong_connection)?;
        let discovered = match &connection {
            Connection::Discovered { context } => Some(context.clone()),
            Connection::Kubeconfig { .. } | Connection::Token { .. } => None,
        };
        let row = cluster::ActiveModel {
            name: Set(name.to_string()),
            discovered: Set(discovered),
            server: Set(server.clone()),
            sealed: Set(self.seal_connection(&name, connection)?),
            revision: Set(1),
            created_at: Set(now().as_millis()),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        let row = cluster::Entity::insert(row)
            .exec_with_returning(&tx)
            .await
            .map_err(|why| super::exists(why, "cluster", &name))?;
        let entry = audit::Entry {
            action: "cluster.create",
            thing: format!("clusters/{name}"),
            from: None,
            to: Some(server.into()),
        };
        audit::record(&tx, who, entry).await?;
        tx.commit().await?;
        self.connect_cluster(&row).await;
        self.bus.tell(crate::bus::Change::Settings);
        Ok(Revised { value: self.cluster_wire(&row)?, revision: Revision(row.revision) })
    }

    /// Changes how a cluster is reached; another server needs the credentials again.
    pub async fn patch_cluster(
        &self,
        who: &Principal,
        name: &Name,
        expected: Revision,
        patch: ClusterPatch,
    ) -> Result<Revised<Cluster>> {
        who.need_admin()?;
        let row = self.cluster_row(name).await?;
        let ClusterPatch { kubeconfig, context, server, ca, token } = patch;
        if kubeconfig.is_none() && token.is_none() {
            let words = "Changing how a cluster is reached needs its kubeconfig or its token again.";
            return Err(Error::refused(ErrorCode::SecretRequired, words));
        }
        let server = server.or_else(|| token.is_some().then(|| row.server.clone()));
        let new = NewCluster { name: row.name.clone(), kubeconfig, context, server, ca, token, discovered: None };
        let connection = connection_of_request(&new)?;
        let server = connection.check().await.map_err(wrong_connection)?;
        let tx = write_tx(&self.db).await?;
        let changed = cluster::Entity::update_many()
            .col_expr(cluster::Column::Server, Expr::value(server.clone()))
            .col_expr(cluster::Column::Discovered, Expr::value(Option::<String>::None))
            .col_expr(cluster::Column::Sealed, Expr::value(self.seal_connection(name, connection)?))
            .col_expr(cluster::Column::Revision, Expr::value(expected.0 + 1))
            .filter(cluster::COLUMN.id.eq(row.id))
            .filter(cluster::COLUMN.revision.eq(expected.0))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::ChangedMeanwhile);
        }
        let (from, to) = (Some(row.server.into()), Some(server.into()));
        audit::record(&tx, who, audit::Entry { action: "cluster.change", thing: format!("clusters/{name}"), from, to })
            .await?;
        tx.commit().await?;
        let row = self.cluster_row(name).await?;
        self.connect_cluster(&row).await;
        self.bus.tell(crate::bus::Change::Settings);
        self.cluster(who, name).await
    }

    /// Forgets a cluster; nothing in it changes.
    pub async fn delete_cluster(&self, who: &Principal, name: &Name) -> Result<()> {
        who.need_admin()?;
        let row = self.cluster_row(name).await?;
        let maps = service_map::Entity::find().filter(service_map::COLUMN.cluster_id.eq(row.id)).all(&self.db).await?;
        if !maps.is_empty() {
            let users = maps.into_iter().map(|map| format!("maps/{}", map.name)).collect();
            return Err(Error::InUse { what: format!("Cluster {name}"), users });
        }
        let tx = write_tx(&self.db).await?;
        cluster::Entity::delete_by_id(row.id).exec(&tx).await?;
        let entry = audit::Entry {
            action: "cluster.delete",
            thing: format!("clusters/{name}"),
            from: Some(row.server.into()),
            to: None,
        };
        audit::record(&tx, who, entry).await?;
        tx.commit().await?;
        self.clusters.remove(row.id);
        self.bus.tell(crate::bus::Change::Settings);
        Ok(())
    }

    /// Asks the cluster for each right that Slipway needs.
    pub async fn check_cluster(&self, who: &Principal, name: &Name) -> Result<Check> {
        who.need(Verb::Read, &On::Everywhere, &format!("cluster {name}"))?;
        let row = self.cluster_row(name).await?;
        match self.clusters.get(row.id) {
            Ok(cluster) => Ok(cluster.check().await),
            Err(error) => Ok(Check { reachable: false, version: None, missing: Vec::new(), error: Some(error) }),
        }
    }

    /// Contexts of the server's own kubeconfig; nobody has been contacted.
    pub async fn discovered_clusters(&self, who: &Principal) -> Result<Vec<DiscoveredCluster>> {
        who.need_admin()?;
        let rows = cluster::Entity::find().all(&self.db).await?;
        let added_as = |context: &str| {
            let row = rows.iter().find(|row| row.discovered.as_deref() == Some(context))?;
            Name::parse(&row.name).ok()
        };
        let found = discovered_contexts();
        Ok(found
            .into_iter()
            .map(|found| DiscoveredCluster {
                added_as: added_as(&found.context),
                context: found.context,
                server: found.server,
            })
            .collect())
    }

    pub(crate) async fn cluster_row(&self, name: &Name) -> Result<cluster::Model> {
        let row = cluster::Entity::find().filter(cluster::COLUMN.name.eq(name.as_str())).one(&self.db).await?;
        row.ok_or_else(|| Error::NotFound(format!("cluster {name}")))
    }

    fn cluster_wire(&self, row: &cluster::Model) -> Result<Cluster> {
        let mut wire = Cluster {
            name: super::stored_name(&row.name)?,
            server: row.server.clone(),
            discovered: row.discovered.clone(),
            uid: None,
            version: None,
            state: Reach::Unreachable,
            since: None,
            error: None,
        };
        match self.clusters.get(row.id) {
            Ok(cluster) => {
                let status = cluster.view().status();
                wire.state = status.reach;
                wire.since = status.since;
                wire.error = status.error;
                wire.uid = status.uid;
                wire.version = status.version;
            }
            Err(error) => wire.error = Some(error),
        }
        Ok(wire)
    }

    fn seal_connection(&self, name: &Name, connection: Connection) -> Result<Option<Vec<u8>>> {
        let entered = match connection {
            Connection::Discovered { .. } => return Ok(None),
            Connection::Kubeconfig { text, context } => {
                Entered::Kubeconfig { text: text.expose_secret().to_owned(), context }
            }
            Connection::Token { server, ca, token } => {
                Entered::Token { server, ca, token: token.expose_secret().to_owned() }
            }
        };
        let plain = serde_json::to_string(&entered).map_err(|why| Error::Internal(why.to_string()))?;
        Ok(Some(self.secrets.seal(&format!("cluster/{name}"), &plain)?))
    }
}

/// Exactly one way to reach a cluster.
fn connection_of_request(new: &NewCluster) -> Result<Connection> {
    match (&new.kubeconfig, &new.server, &new.discovered) {
        (Some(text), None, None) => {
            Ok(Connection::Kubeconfig { text: text.clone().into(), context: new.context.clone() })
        }
        (None, Some(server), None) => {
            let token = new.token.clone().ok_or_else(|| Error::field("token", "is needed beside server"))?;
            Ok(Connection::Token { server: server.clone(), ca: new.ca.clone(), token: token.into() })
        }
        (None, None, Some(context)) => Ok(Connection::Discovered { context: context.clone() }),
        _ => Err(Error::field("kubeconfig", "exactly one of kubeconfig, server and discovered is needed")),
    }
}

fn wrong_connection(why: ConnectError) -> Error {
    match why {
        ConnectError::Field { field, message } => Error::Invalid(vec![FieldError { path: field, message }]),
        ConnectError::Context { .. } => Error::field("discovered", why.to_string()),
    }
}
