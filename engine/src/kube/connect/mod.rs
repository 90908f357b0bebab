//! How a cluster is reached, from what an administrator entered or from what the server finds by itself.
//!
//! Only what the server finds by itself may run plugins and read files: whoever can add a cluster must not be able
//! to run a program on this machine or read a file of it.

mod discover;
mod inline;

pub use discover::{Discovered, IN_CLUSTER, discovered_contexts};

use ::kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use secrecy::SecretString;
use std::time::Duration;

/// Time to reach the API server, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Silence on a connection. Longer than a watch lives (240 s), so that it never cuts a quiet one; shorter than what
/// it takes people to notice that a watch whose answer never began does not move.
const SILENCE_LIMIT: Duration = Duration::from_secs(270);
/// Time for a request to be taken.
const SEND_LIMIT: Duration = Duration::from_secs(15);
/// Most bytes of a kubeconfig: one cluster with its certificates has some 6 kB.
const KUBECONFIG_MAX: usize = 256 * 1024;

/// Where a cluster is and how to sign in.
#[derive(Clone)]
pub enum Connection {
    /// A context that the server itself found: plugins and files are allowed.
    Discovered { context: String },
    /// A kubeconfig with inline data only; without `context` its current one.
    Kubeconfig { text: SecretString, context: Option<String> },
    /// An address, the PEM of the authority that signed its certificate, and a bearer token.
    Token { server: String, ca: Option<String>, token: SecretString },
}

/// Why a connection cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What an administrator entered is wrong: `field` as in `kubeconfig.users[0].user.exec`.
    #[error("{field}: {message}")]
    Field { field: String, message: String },
    /// What the server found by itself does not do.
    #[error("the context {context} cannot be used: {reason}")]
    Context { context: String, reason: String },
}

impl Connection {
    /// Checks what can be checked without the cluster, and gives the address of its API server.
    pub async fn check(&self) -> Result<String, ConnectError> {
        let config = self.config().await?;
        self.client(config.clone())?;
        Ok(config.cluster_url.to_string().trim_end_matches('/').to_owned())
    }

    /// Makes the client; the cluster is not contacted.
    pub(super) async fn open(&self) -> Result<Client, ConnectError> {
        let config = self.config().await?;
        self.client(config)
    }

    async fn config(&self) -> Result<Config, ConnectError> {
        let mut config = match self {
            Connection::Discovered { context } => discover::config(context).await?,
            Connection::Kubeconfig { text, context } => inline::kubeconfig(text, context.as_deref()).await?,
            Connection::Token { server, ca, token } => inline::token(server, ca.as_deref(), token)?,
        };
        config.connect_timeout = Some(CONNECT_LIMIT);
        config.read_timeout = Some(SILENCE_LIMIT);
        config.reset_reader_on_write = true;
        config.write_timeout = Some(SEND_LIMIT);
        // A change is read again before it is sent again: no layer below may repeat it.
        config.default_retry = false;
        Ok(config)
    }

    fn client(&self, config: Config) -> Result<Client, ConnectError> {
        Client::try_from(config).map_err(|error| self.refuse(&super::failure::words(&error)))
    }

    /// An error that only shows when the client is made: a certificate or key that is none.
    fn refuse(&self, reason: &str) -> ConnectError {
        let reason = reason.to_owned();
        match self {
            Connection::Discovered { context } => ConnectError::Context { context: context.clone(), reason },
            Connection::Kubeconfig { .. } => field("kubeconfig", reason),
            Connection::Token { ca: Some(_), .. } => field("ca", reason),
            Connection::Token { ca: None, .. } => field("server", reason),
        }
    }
}

fn field(field: impl Into<String>, message: impl Into<String>) -> ConnectError {
    ConnectError::Field { field: field.into(), message: message.into() }
}

async fn from_kubeconfig(kubeconfig: Kubeconfig, context: Option<&str>) -> Result<Config, String> {
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| error.to_string())
}
