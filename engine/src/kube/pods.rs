//! What is asked of single pods: the last words of a container, and that a stuck one goes.

use super::{Cluster, failure, pod::ContainerState};
use ::kube::{
    Api, Error,
    api::{DeleteParams, LogParams, Preconditions},
};
use k8s_openapi::api::core::v1::Pod;
use std::time::Duration;
use tokio::time::timeout;

/// Lines of a crashed container that are evidence: a stack trace's end and what led to it.
const LAST_LINES: i64 = 20;
/// Bytes that are read for them.
const LAST_BYTES: i64 = 64 * 1024;
/// Longest line that is kept.
const LINE_MAX: usize = 2_000;
/// What a node writes in place of a log that it has cleared away, with status 200.
const EXCUSES: [&str; 2] = ["unable to retrieve container logs for", "failed to try resolving symlinks in path"];
/// A node may be slow to answer; evidence is not worth waiting longer.
const LIMIT: Duration = Duration::from_secs(10);

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it is not there any more")]
    NotFound,
    #[error("Slipway may not read it: {0}")]
    Forbidden(String),
    #[error("{0}")]
    Unavailable(String),
}

impl Cluster {
    /// The last 20 lines of the instance of a container that ended last.
    pub async fn last_lines(&self, namespace: &str, pod: &str, container: &str) -> Result<Vec<String>, ReadError> {
        // The node keeps the ended instance as the present one until the next is made; the one before that it clears
        // away at any time.
        let runs = self.view().pod(namespace, pod).is_some_and(|pod| {
            pod.container(container).is_some_and(|container| container.state == ContainerState::Running)
        });
        let first = self.lines(namespace, pod, container, runs).await;
        if first.as_ref().is_ok_and(|lines| !lines.is_empty()) {
            return first.map_err(read_error);
        }
        match self.lines(namespace, pod, container, !runs).await {
            Ok(lines) if !lines.is_empty() => Ok(lines),
            Ok(_) | Err(_) => first.map_err(read_error),
        }
    }

    async fn lines(&self, namespace: &str, pod: &str, container: &str, previous: bool) -> Result<Vec<String>, Error> {
        let params = LogParams {
            container: Some(container.to_owned()),
            previous,
            tail_lines: Some(LAST_LINES),
            limit_bytes: Some(LAST_BYTES),
            ..LogParams::default()
        };
        let api = Api::<Pod>::namespaced(self.client().clone(), namespace);
        let text = match timeout(LIMIT, api.logs(pod, &params)).await {
            Ok(text) => text?,
            Err(_) => return Err(Error::Service(format!("no answer within {} s", LIMIT.as_secs()).into())),
        };
        let lines = text.lines().filter(|line| !EXCUSES.iter().any(|excuse| line.starts_with(excuse)));
        Ok(lines.map(|line| line[..line.floor_char_boundary(LINE_MAX)].to_owned()).collect())
    }

    /// Deletes one pod if it still is the one with this UID: for pods that keep an OrderedReady StatefulSet from
    /// taking a later template. Which ones, the caller decides by the table of causes.
    pub async fn delete_pod(&self, namespace: &str, pod: &str, uid: &str) -> Result<(), ReadError> {
        let preconditions = Preconditions { uid: Some(uid.to_owned()), resource_version: None };
        let params = DeleteParams::default().preconditions(preconditions);
        let api = Api::<Pod>::namespaced(self.client().clone(), namespace);
        match timeout(LIMIT, api.delete(pod, &params)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(read_error(error)),
            Err(_) => Err(ReadError::Unavailable(format!("no answer within {} s", LIMIT.as_secs()))),
        }
    }
}

pub(super) fn read_error(error: Error) -> ReadError {
    let words = failure::words(&error);
    match failure::status(&error).map(|status| status.code) {
        Some(404) => ReadError::NotFound,
        Some(401 | 403) => ReadError::Forbidden(words),
        Some(_) | None => ReadError::Unavailable(words),
    }
}
