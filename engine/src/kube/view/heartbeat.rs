//! A small question every few seconds: the one thing that tells a quiet cluster from a connection that died.

use super::watching::Site;
use crate::kube::{Change, failure};
use ::kube::Api;
use k8s_openapi::api::core::v1::Namespace;
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// How often a reachable cluster is asked; with two failures that makes a dead one known within 25 s.
const EVERY: Duration = Duration::from_secs(10);
/// How often one that does not answer is.
const EVERY_WHILE_DOWN: Duration = Duration::from_secs(2);
/// An answer of two hundred bytes takes longer only from a cluster in trouble.
const LIMIT: Duration = Duration::from_secs(5);
/// One answer may be lost.
const FAILURES: u32 = 2;

/// Asks for ever; has every watch begin anew when the cluster is lost and when it is back.
pub(super) async fn beat(site: Site, restart: watch::Sender<u64>) {
    let mut failures = 0;
    loop {
        match ask(&site).await {
            Ok(()) if failures >= FAILURES => {
                failures = 0;
                report(&site, None);
                restart.send_modify(|count| *count += 1);
            }
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                tracing::debug!(error, failures, "no heartbeat");
                if failures == FAILURES {
                    restart.send_modify(|count| *count += 1);
                }
                if failures >= FAILURES {
                    report(&site, Some(error));
                }
            }
        }
        sleep(if failures == 0 { EVERY } else { EVERY_WHILE_DOWN }).await;
    }
}

async fn ask(site: &Site) -> Result<(), String> {
    let answer = timeout(LIMIT, site.client.apiserver_version()).await;
    let version = match answer {
        Ok(Ok(info)) => Some(info.git_version),
        // It answers, which is all that was asked.
        Ok(Err(error)) if failure::is_forbidden(&error) => None,
        Ok(Err(error)) => return Err(failure::words(&error)),
        Err(_) => return Err(format!("No answer within {} s.", LIMIT.as_secs())),
    };
    let uid = if site.health.status().uid.is_none() { uid(site).await } else { None };
    if site.health.identify(version, uid) {
        site.store.announce(Change::Status);
    }
    Ok(())
}

/// Best effort: the right to read the namespace is optional.
async fn uid(site: &Site) -> Option<String> {
    let namespaces = Api::<Namespace>::all(site.client.clone());
    let answer = timeout(LIMIT, namespaces.get_metadata("kube-system")).await;
    answer.ok()?.ok()?.metadata.uid
}

fn report(site: &Site, error: Option<String>) {
    if site.health.heartbeat(error) {
        site.store.announce(Change::Status);
    }
}
