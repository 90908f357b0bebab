//! What the server finds by itself: the contexts of its own kubeconfig, and its service account.

use super::{ConnectError, from_kubeconfig};
use ::kube::{Config, config::Kubeconfig};

/// The name of the service account among the contexts.
pub const IN_CLUSTER: &str = "in-cluster";

/// A context of the server's own kubeconfig, or its service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    pub context: String,
    pub server: String,
}

/// The contexts that the server finds by itself; no connection is made.
pub fn discovered_contexts() -> Vec<Discovered> {
    let mut found = match Kubeconfig::read() {
        Ok(kubeconfig) => contexts(&kubeconfig),
        Err(error) => {
            tracing::debug!(%error, "no kubeconfig of the server's own");
            Vec::new()
        }
    };
    if let Ok(config) = Config::incluster() {
        let server = config.cluster_url.to_string();
        found.push(Discovered { context: IN_CLUSTER.to_owned(), server: server.trim_end_matches('/').to_owned() });
    }
    found
}

fn contexts(kubeconfig: &Kubeconfig) -> Vec<Discovered> {
    let context = |named: &::kube::config::NamedContext| {
        let wanted = &named.context.as_ref()?.cluster;
        let cluster = kubeconfig.clusters.iter().find(|cluster| cluster.name == *wanted)?;
        let server = cluster.cluster.as_ref()?.server.clone()?;
        Some(Discovered { context: named.name.clone(), server: server.trim_end_matches('/').to_owned() })
    };
    kubeconfig.contexts.iter().filter_map(context).collect()
}

pub(super) async fn config(context: &str) -> Result<Config, ConnectError> {
    let refuse = |reason: String| ConnectError::Context { context: context.to_owned(), reason };
    if context == IN_CLUSTER {
        return Config::incluster().map_err(|error| refuse(error.to_string()));
    }
    let kubeconfig = Kubeconfig::read().map_err(|error| refuse(error.to_string()))?;
    let proxied = has_proxy(&kubeconfig, context);
    let mut config = from_kubeconfig(kubeconfig, Some(context)).await.map_err(refuse)?;
    if !proxied {
        // A proxy of the environment is meant for the world outside, not for the API server.
        config.proxy_url = None;
    }
    Ok(config)
}

fn has_proxy(kubeconfig: &Kubeconfig, context: &str) -> bool {
    let context =
        kubeconfig.contexts.iter().find(|named| named.name == context).and_then(|named| named.context.as_ref());
    kubeconfig.clusters.iter().any(|named| {
        let proxied = named.cluster.as_ref().is_some_and(|cluster| cluster.proxy_url.is_some());
        proxied && context.is_some_and(|context| context.cluster == named.name)
    })
}

#[cfg(test)]
mod tests {
    use super::{Discovered, contexts};
    use ::kube::config::Kubeconfig;

    #[test]
    fn lists_contexts_with_their_address() {
        let text = "
clusters:
- {name: one, cluster: {server: 'https://one:6443/'}}
contexts:
- {name: dev, context: {cluster: one, user: me}}
- {name: lost, context: {cluster: two, user: me}}
";
        let kubeconfig = Kubeconfig::from_yaml(text).expect("a kubeconfig");
        let dev = Discovered { context: "dev".to_owned(), server: "https://one:6443".to_owned() };
        assert_eq!(contexts(&kubeconfig), [dev]);
    }
}
