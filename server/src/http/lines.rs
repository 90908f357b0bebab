//! `Accept: text/plain`: each thing as one line, its columns divided by tabs, for people and `cut`.

use engine::Readiness;
use types::{
    build::{Build, BuildSummary, References},
    build_run::BuildRun,
    cluster::{Check, Cluster, DiscoveredCluster, Reach},
    engine::{BuildEngine, DiscoveredEngine, Pruned},
    freeze::Freeze,
    history::{Candidate, HistoryDiff, HistoryEntry},
    log::LogLine,
    map::{MapSummary, ServiceMap},
    plan::{PlanItem, StoredPlan, StoredPlanBrief},
    registry::{Registry, TagFacts},
    run::{DigestInUse, Item, Run},
    secret::Secret,
    task::Task,
    token::{MadeToken, Token},
    user::{Me, ProductVersion},
};

/// One line, without its end.
pub(crate) trait Line {
    fn line(&self) -> String;
}

/// Columns; what is not known is `-`, and nothing in a column breaks the line.
fn columns<const N: usize>(columns: [Option<&str>; N]) -> String {
    let clean = |column: Option<&str>| column.unwrap_or("-").replace(['\t', '\n', '\r'], " ");
    columns.map(clean).join("\t")
}

fn reach(state: Reach) -> &'static str {
    match state {
        Reach::Reachable => "reachable",
        Reach::Unreachable => "unreachable",
        Reach::Unknown => "unknown",
    }
}

impl Line for Cluster {
    fn line(&self) -> String {
        columns([Some(self.name.as_str()), Some(reach(self.state)), Some(&self.server), self.error.as_deref()])
    }
}

impl Line for DiscoveredCluster {
    fn line(&self) -> String {
        columns([Some(&self.context), Some(&self.server), self.added_as.as_ref().map(types::Name::as_str)])
    }
}

impl Line for Registry {
    fn line(&self) -> String {
        columns([Some(self.name.as_str()), Some(reach(self.state)), Some(&self.url), self.error.as_deref()])
    }
}

impl Line for TagFacts {
    fn line(&self) -> String {
        columns([Some(&self.tag), self.digest.as_ref().map(types::Digest::as_str)])
    }
}

impl Line for BuildEngine {
    fn line(&self) -> String {
        columns([Some(self.name.as_str()), Some(reach(self.state)), Some(&self.url), self.error.as_deref()])
    }
}

impl Line for DiscoveredEngine {
    fn line(&self) -> String {
        columns([Some(&self.url), self.version.as_deref(), self.added_as.as_ref().map(types::Name::as_str)])
    }
}

impl Line for Pruned {
    fn line(&self) -> String {
        format!("{} bytes freed", self.freed_bytes)
    }
}

impl Line for ServiceMap {
    fn line(&self) -> String {
        columns([Some(self.name.as_str()), Some(self.cluster.as_str()), Some(&self.namespace)])
    }
}

impl Line for MapSummary {
    fn line(&self) -> String {
        format!("{}\t{} workloads\t{} failed\t{} updating", self.map.line(), self.workloads, self.failed, self.updating)
    }
}

impl Line for Task {
    fn line(&self) -> String {
        let running = self.current_run.as_ref().map(|run| run.status.as_str());
        let state = running.unwrap_or(if self.runnable { "runnable" } else { "blocked" });
        columns([Some(&self.id.to_string()), self.deployed.tag.as_deref(), self.target_tag.as_deref(), Some(state)])
    }
}

impl Line for PlanItem {
    fn line(&self) -> String {
        let why: Vec<&str> = self.blocked_by.iter().map(|wall| wall.code.as_str()).collect();
        let from = self.from.as_ref().map(|image| image.image.as_str());
        let to = self.to.as_ref().map(|image| image.image.as_str());
        let state = if self.runnable { "runnable".to_owned() } else { why.join(",") };
        columns([Some(&self.task.to_string()), Some(&state), from, to])
    }
}

impl Line for StoredPlan {
    fn line(&self) -> String {
        let state = if self.stale { "stale" } else { "current" };
        columns([Some(&self.id.to_string()), Some(state), Some(&self.by), Some(&self.at.to_string()), Some(&self.url)])
    }
}

impl Line for StoredPlanBrief {
    fn line(&self) -> String {
        let items = format!("{} items", self.items);
        let (id, at) = (self.id.to_string(), self.at.to_string());
        columns([Some(&id), Some(&items), Some(&self.by), Some(&at), self.note.as_deref()])
    }
}

impl Line for Item {
    fn line(&self) -> String {
        let to = self.to.as_ref().map(|image| image.image.as_str());
        let why = self.failure.as_ref().map(|failure| format!("{}: {}", failure.code.as_str(), failure.message));
        columns([
            Some(&self.task.to_string()),
            Some(self.status.as_str()),
            to,
            why.as_deref().or(self.reason.as_deref()),
        ])
    }
}

impl Line for HistoryEntry {
    fn line(&self) -> String {
        let (from, until) = (self.from.to_string(), self.until.map(|until| until.to_string()));
        let by = self.by.as_deref().or(self.manager.as_deref());
        columns([Some(&self.task.to_string()), Some(&self.image.image), by, Some(&from), until.as_deref()])
    }
}

impl Line for HistoryDiff {
    fn line(&self) -> String {
        let size = self.diff.size_bytes.map(|bytes| bytes.to_string());
        let changes: Vec<&str> = self.diff.config.iter().chain(&self.diff.commits).map(String::as_str).collect();
        columns([Some(&self.from.image.image), Some(&self.to.image.image), size.as_deref(), Some(&changes.join("; "))])
    }
}

impl Line for Candidate {
    fn line(&self) -> String {
        let why: Vec<&str> = self.blocked_by.iter().map(|wall| wall.code.as_str()).collect();
        let state = if self.runnable { "runnable".to_owned() } else { why.join(",") };
        columns([Some(&self.entry.image.image), Some(&state), self.entry.by.as_deref()])
    }
}

impl Line for Freeze {
    fn line(&self) -> String {
        let maps = self.maps.as_ref().map(|maps| maps.iter().map(types::Name::as_str).collect::<Vec<_>>().join(","));
        let state = if self.active { "active" } else { "not active" };
        let until = self.until.map(|until| until.to_string());
        let (id, from) = (self.id.to_string(), self.from.to_string());
        let maps = maps.as_deref().unwrap_or("*");
        columns([Some(&id), Some(maps), Some(state), Some(&from), until.as_deref(), Some(&self.reason)])
    }
}

impl Line for DigestInUse {
    fn line(&self) -> String {
        columns([Some(&self.repository), Some(self.digest.as_str()), Some(&self.tasks.join(","))])
    }
}

impl Line for Run {
    fn line(&self) -> String {
        let id = self.id.to_string();
        columns([Some(&id), Some(self.map.as_str()), Some(self.kind.as_str()), Some(self.status.as_str())])
    }
}

impl Line for Build {
    fn line(&self) -> String {
        columns([Some(&self.name), Some(&self.registry), Some(&self.repository)])
    }
}

impl Line for BuildSummary {
    fn line(&self) -> String {
        let newest = self.newest_run.as_ref().map(|run| format!("#{} {} {}", run.number, run.tag, run.status.as_str()));
        columns([Some(self.name.as_str()), Some(&self.image), newest.as_deref()])
    }
}

impl Line for References {
    fn line(&self) -> String {
        let lines: Vec<&str> = self.branches.iter().chain(&self.tags).map(String::as_str).collect();
        lines.join("\n")
    }
}

impl Line for BuildRun {
    fn line(&self) -> String {
        let number = self.number.to_string();
        let why = self.failure.as_ref().map(|failure| format!("{}: {}", failure.code.as_str(), failure.message));
        columns([
            Some(self.build.as_str()),
            Some(&number),
            Some(self.status.as_str()),
            self.image.as_deref().or(self.tag.as_deref()),
            why.as_deref().or(self.digest.as_ref().map(types::Digest::as_str)),
        ])
    }
}

impl Line for LogLine {
    fn line(&self) -> String {
        self.text.clone()
    }
}

impl Line for Secret {
    fn line(&self) -> String {
        let at = self.at.to_string();
        columns([Some(self.name.as_str()), self.build.as_ref().map(types::Name::as_str), Some(&self.by), Some(&at)])
    }
}

impl Line for Token {
    fn line(&self) -> String {
        let expires = self.expires_at.map(|at| at.to_string());
        columns([Some(&self.id.to_string()), Some(&self.name), Some(&self.scopes.join(",")), expires.as_deref()])
    }
}

/// The secret alone, for scripts.
impl Line for MadeToken {
    fn line(&self) -> String {
        self.token.clone()
    }
}

impl Line for Me {
    fn line(&self) -> String {
        columns([Some(&self.username), Some(&self.scopes.join(","))])
    }
}

impl Line for ProductVersion {
    fn line(&self) -> String {
        self.version.clone()
    }
}

impl Line for Check {
    fn line(&self) -> String {
        let missing = (!self.missing.is_empty()).then(|| format!("missing: {}", self.missing.join(", ")));
        let state = if self.reachable { "reachable" } else { "unreachable" };
        columns([Some(state), self.version.as_deref(), missing.as_deref(), self.error.as_deref()])
    }
}

impl Line for Readiness {
    fn line(&self) -> String {
        columns([Some(&self.part), Some(if self.ready { "ready" } else { "down" }), self.why.as_deref()])
    }
}
