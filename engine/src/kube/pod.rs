//! A pod as Slipway sees it: whose it is, of which revision, and how its containers do.

use super::workload::WorkloadView;
use types::{Time, task::Role};

/// A pod of a workload.
#[derive(Clone, Debug, PartialEq)]
pub struct PodView {
    pub namespace: String,
    pub name: String,
    pub uid: String,
    pub owner: Option<Owner>,
    /// `pod-template-hash` or `controller-revision-hash`.
    pub revision: Option<String>,
    /// It has a `deletionTimestamp`.
    pub deleting: bool,
    pub phase: PodPhase,
    pub ready: bool,
    pub node: Option<String>,
    pub created_at: Option<Time>,
    /// Its sandbox stands, so its volumes are mounted (`PodReadyToStartContainers`).
    pub mounted: bool,
    /// Why no node takes it, in the words of the scheduler.
    pub unschedulable: Option<String>,
    /// As in `Evicted`, with its words.
    pub reason: Option<String>,
    pub message: Option<String>,
    /// Containers, then init containers and sidecars.
    pub containers: Vec<PodContainer>,
}

impl PodView {
    /// The container or init container of that name.
    pub fn container(&self, name: &str) -> Option<&PodContainer> {
        self.containers.iter().find(|container| container.name == name)
    }

    /// Whether it was made from the template as it is now, and is not on its way out.
    pub fn is_new(&self, workload: &WorkloadView) -> bool {
        !self.deleting && self.revision.is_some() && self.revision == workload.revision
    }
}

/// The controller that made an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub kind: String,
    pub name: String,
    pub uid: String,
}

/// `status.phase`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodPhase {
    Pending,
    Running,
    Succeeded,
    Failed,
    Unknown,
}

/// One container of a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodContainer {
    pub name: String,
    pub role: Role,
    /// The image of the pod's spec, never the one of its status.
    pub image: String,
    /// As the node reports it, prefix and repository included; empty is none.
    pub image_id: Option<String>,
    pub ready: bool,
    /// It has a readiness or startup probe.
    pub probed: bool,
    pub restarts: u32,
    pub state: ContainerState,
    pub last_exit: Option<Exit>,
}

impl PodContainer {
    /// Whether a process of its image has ever run, or runs.
    pub fn has_started(&self) -> bool {
        match self.state {
            ContainerState::Running => true,
            ContainerState::Exited(_) => true,
            ContainerState::Waiting { .. } | ContainerState::Unknown => self.last_exit.is_some(),
        }
    }

    /// How often it has exited. The node counts a restart only when the next instance is made.
    pub fn exits(&self) -> u32 {
        match self.state {
            ContainerState::Exited(_) => self.restarts + 1,
            ContainerState::Waiting { .. } if self.last_exit.is_some() => self.restarts + 1,
            ContainerState::Running | ContainerState::Waiting { .. } | ContainerState::Unknown => self.restarts,
        }
    }

    /// How it ended last.
    pub fn exit(&self) -> Option<&Exit> {
        match &self.state {
            ContainerState::Exited(exit) => Some(exit),
            ContainerState::Waiting { .. } | ContainerState::Running | ContainerState::Unknown => {
                self.last_exit.as_ref()
            }
        }
    }
}

/// What a container does just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerState {
    /// The node has not reported it yet.
    Unknown,
    Waiting {
        reason: String,
        message: String,
    },
    Running,
    Exited(Exit),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    pub code: i32,
    pub signal: Option<i32>,
    /// As in `Error`, `Completed`, `OOMKilled`, `StartError`.
    pub reason: String,
    pub message: String,
    pub started_at: Option<Time>,
    pub at: Option<Time>,
}

/// A warning event of the cluster about a workload, its ReplicaSet or one of its pods.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    pub subject_kind: String,
    pub subject_name: String,
    pub subject_uid: String,
    /// The container that it is about, if it is about one.
    pub container: Option<String>,
    pub reason: String,
    pub message: String,
    pub count: u32,
    pub last_at: Option<Time>,
}
