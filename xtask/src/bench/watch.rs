//! What the API server itself says, as it says it: a raw watch through `kubectl`, which passes the
//! bytes on without looking at them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use super::feed::Feed;
use super::stage::Stage;
use super::workload;

/// A kind: its group's path, and its plural.
pub(super) type Kind = (&'static str, &'static str);

pub(super) const DEPLOYMENTS: Kind = ("/apis/apps/v1", "deployments");
pub(super) const PODS: Kind = ("/api/v1", "pods");

pub(super) struct Watch {
    kubectl: Child,
    objects: Feed<String>,
}

impl Watch {
    /// Of a kind in a namespace; what is there comes first. From any moment on (version 0): for one
    /// that begins now, the API server waits in vain for a word of an etcd as old as the playground's.
    pub(super) fn open(stage: &Stage, (group, kind): Kind, namespace: &str) -> Result<Self> {
        let path = format!("{group}/namespaces/{namespace}/{kind}?watch=true&resourceVersion=0");
        let mut kubectl = stage.kubectl(&["get", "--raw", &path]);
        let mut kubectl =
            kubectl.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start kubectl")?;
        let output = kubectl.stdout.take().context("the output was asked for")?;
        Ok(Self { kubectl, objects: Feed::of(BufReader::new(output).lines().map_while(Result::ok)) })
    }

    /// When an object came that `wanted` finds something in, and what.
    pub(super) fn until<R>(
        &self,
        what: &str,
        patience: Duration,
        wanted: impl Fn(&Value) -> Option<R>,
    ) -> Result<(Instant, R)> {
        self.objects.until(what, patience, |arrival| {
            let event: Value = serde_json::from_str(&arrival.what).ok()?;
            wanted(&event["object"]).map(|found| (arrival.at, found))
        })
    }

    /// When a deployment had an image of this tag, and of which generation it was then.
    pub(super) fn image(&self, deployment: &str, tag: &str, patience: Duration) -> Result<(Instant, i64)> {
        let marked = format!(":{tag}@");
        self.until(&format!("version {tag} of {deployment}"), patience, |object| {
            let ours = object["metadata"]["name"] == deployment;
            let there = workload::image(object).is_some_and(|image| image.contains(&marked));
            if ours && there { object["metadata"]["generation"].as_i64() } else { None }
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended by itself, which is just as well.
        if self.kubectl.kill().is_ok() {
            self.kubectl.wait().ok();
        }
    }
}
