//! The engine: what it holds, how it starts and how it stops.

use crate::{
    Config, Error, Principal,
    auth::Passwords,
    bus::Bus,
    egress::Egress,
    git::{Git, GitSettings},
    hub::{Clusters, Engines, Registries},
    logs::{LogSettings, Logs},
    seat::Seat,
    secrets::Secrets,
    service::{Readiness, TaskMemo},
    store, worker,
};
use sea_orm::{DatabaseConnection, EntityTrait};
use std::{ops::Deref, sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use types::cluster::Check;

/// A clone of a repository may take this long where its step says nothing.
const GIT_TIME_LIMIT: Duration = Duration::from_secs(3600);

/// The one door to all that Slipway does; cloning costs a pointer.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

/// What the engine holds.
pub struct Inner {
    pub(crate) config: Config,
    pub(crate) db: DatabaseConnection,
    pub(crate) bus: Bus,
    pub(crate) logs: Logs,
    pub(crate) git: Git,
    pub(crate) egress: Arc<Egress>,
    pub(crate) secrets: Secrets,
    pub(crate) passwords: Passwords,
    pub(crate) clusters: Clusters,
    pub(crate) registries: Registries,
    pub(crate) engines: Engines,
    pub(crate) task_memo: TaskMemo,
    pub(crate) workers: worker::Signals,
    /// None: a command on the host, which does no work.
    pub(crate) seat: Option<Seat>,
    /// Marks what is this installation's in build engines.
    pub(crate) installation: String,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Deref for Engine {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Engine {
    /// Opens the database and the key, without any work going on: what commands on the host need.
    pub async fn open(config: Config) -> Result<Engine, Error> {
        make_data_dir(&config).await?;
        Engine::with(config, None).await
    }

    /// Opens the engine for work, as soon as no other process works on the data folder.
    pub(crate) async fn seated(config: Config) -> Result<Engine, Error> {
        make_data_dir(&config).await?;
        let seat = Seat::take(&config.data_dir).await?;
        Engine::with(config, Some(seat)).await
    }

    async fn with(config: Config, seat: Option<Seat>) -> Result<Engine, Error> {
        let secrets = Secrets::load(&config.key_file())?;
        let egress = Egress::parse(&config.egress_allow, &config.egress_deny)
            .map_err(|why| Error::Internal(format!("SLIPWAY_EGRESS_ALLOW, SLIPWAY_EGRESS_DENY: {why}")))?;
        let egress = Arc::new(egress);
        let db = store::connect(&config.database_url()).await?;
        let logs = Logs::new(db.clone(), LogSettings { bytes_max: config.log_max_bytes, ..LogSettings::default() });
        let git = Git::new(GitSettings {
            program: "git".into(),
            file_root: config.git_file_root.clone(),
            egress: egress.clone(),
            known_hosts: config.data_dir.join("known_hosts"),
            time_limit: GIT_TIME_LIMIT,
        });
        Ok(Engine(Arc::new(Inner {
            bus: Bus::new(),
            logs,
            git,
            egress,
            secrets,
            passwords: Passwords::new(),
            clusters: Clusters::default(),
            registries: Registries::default(),
            engines: Engines::default(),
            task_memo: TaskMemo::default(),
            workers: worker::Signals::default(),
            installation: installation(&db).await?,
            seat,
            db,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            config,
        })))
    }

    /// Opens the engine and takes up its work where it was left.
    pub async fn start(config: Config) -> Result<Engine, Error> {
        let engine = Engine::seated(config).await?;
        engine.load_clusters().await?;
        worker::start(&engine).await?;
        Ok(engine)
    }

    /// Who holds the leases of what this process works on.
    pub(crate) fn holder(&self) -> Option<uuid::Uuid> {
        self.seat.as_ref().map(|seat| seat.holder)
    }

    /// Names of the migrations that have not run yet.
    pub async fn pending_migrations(config: &Config) -> Result<Vec<String>, Error> {
        store::pending(&config.database_url()).await
    }

    /// Runs the migrations that have not run yet; their names.
    pub async fn migrate(config: &Config) -> Result<Vec<String>, Error> {
        let pending = Engine::pending_migrations(config).await?;
        store::connect(&config.database_url()).await?;
        Ok(pending)
    }

    /// Asks everything that Slipway depends on, now.
    pub async fn check_all(&self) -> Vec<Readiness> {
        self.check_parts()
            .await
            .unwrap_or_else(|why| vec![Readiness { part: "database".into(), ready: false, why: Some(why.to_string()) }])
    }

    async fn check_parts(&self) -> Result<Vec<Readiness>, Error> {
        let host = Principal::host();
        let mut parts = vec![Readiness { part: "database".into(), ready: true, why: None }];
        self.load_clusters().await?;
        for cluster in self.clusters(&host).await? {
            let check = self.check_cluster(&host, &cluster.name).await?;
            parts.push(part("cluster", cluster.name.as_str(), &check));
        }
        for registry in self.registries(&host).await? {
            let check = self.check_registry(&host, &registry.name).await?;
            parts.push(part("registry", registry.name.as_str(), &check));
        }
        for engine in self.engines(&host).await? {
            let check = self.check_engine(&host, &engine.name).await?;
            parts.push(part("build engine", engine.name.as_str(), &check));
        }
        Ok(parts)
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Takes no new work, gives running image steps time to finish, then returns. What goes on in
    /// clusters and engines is taken up again at the next start.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        if let Err(why) = self.db.clone().close().await {
            tracing::warn!(%why, "the database did not close");
        }
    }

    /// Whether Slipway can do its work: the database, and that it is not stopping.
    pub async fn readiness(&self) -> Vec<Readiness> {
        let database = self.db.ping().await;
        let stopping = self.stop.is_cancelled();
        vec![
            Readiness {
                part: "database".into(),
                ready: database.is_ok(),
                why: database.err().map(|why| why.to_string()),
            },
            Readiness { part: "workers".into(), ready: !stopping, why: stopping.then(|| "Slipway is stopping".into()) },
        ]
    }
}

async fn installation(db: &DatabaseConnection) -> Result<String, Error> {
    let row = store::installation::Entity::find().one(db).await?;
    row.map(|row| row.id.to_string()).ok_or_else(|| Error::Internal("the installation has no id".to_owned()))
}

async fn make_data_dir(config: &Config) -> Result<(), Error> {
    let told = |why| Error::Internal(format!("SLIPWAY_DATA_DIR: {}: {why}", config.data_dir.display()));
    tokio::fs::create_dir_all(&config.data_dir).await.map_err(told)
}

fn part(kind: &str, name: &str, check: &Check) -> Readiness {
    let missing = (!check.missing.is_empty()).then(|| format!("missing: {}", check.missing.join(", ")));
    let why = check.error.clone().or(missing);
    Readiness { part: format!("{kind} {name}"), ready: why.is_none(), why }
}
