//! How things are addressed: names, workload kinds, tasks.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};

/// Most characters of a name, as for a Kubernetes label.
const NAME_MAX: usize = 63;

/// The name of a cluster, registry, engine, service map or build:
/// `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", example = "shop"))]
pub struct Name(String);

impl Name {
    /// Checks the pattern; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let bytes = text.as_bytes();
        let ends = bytes.first().copied().is_some_and(word) && bytes.last().copied().is_some_and(word);
        if ends && bytes.len() <= NAME_MAX && bytes.iter().all(|&c| word(c) || c == b'-') {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "must be 1 to {NAME_MAX} lower-case letters, digits and hyphens, and begin and end with a letter or digit"
        ))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Name::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The kinds of workload that Slipway rolls out to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum WorkloadKind {
    Deployment,
    StatefulSet,
    DaemonSet,
    CronJob,
}

impl WorkloadKind {
    pub const ALL: [WorkloadKind; 4] =
        [WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet, WorkloadKind::CronJob];

    /// The word on the wire: `deployment`, `statefulset`, `daemonset`, `cronjob`.
    pub fn as_str(self) -> &'static str {
        match self {
            WorkloadKind::Deployment => "deployment",
            WorkloadKind::StatefulSet => "statefulset",
            WorkloadKind::DaemonSet => "daemonset",
            WorkloadKind::CronJob => "cronjob",
        }
    }

    /// The word of Kubernetes: `Deployment`, `StatefulSet`, …
    pub fn title(self) -> &'static str {
        match self {
            WorkloadKind::Deployment => "Deployment",
            WorkloadKind::StatefulSet => "StatefulSet",
            WorkloadKind::DaemonSet => "DaemonSet",
            WorkloadKind::CronJob => "CronJob",
        }
    }
}

impl FromStr for WorkloadKind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| "must be deployment, statefulset, daemonset or cronjob".to_owned())
    }
}

impl fmt::Display for WorkloadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// On the wire a task is one string, not its parts.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for TaskId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .examples(["deployment/web/app"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for TaskId {}

/// A pipeline task of a map: `{kind}/{workload}/{container}`, e.g. `deployment/web/app`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    pub kind: WorkloadKind,
    pub workload: String,
    pub container: String,
}

impl TaskId {
    /// `kind/workload`, the address of the workload in its namespace.
    pub fn workload_key(&self) -> String {
        format!("{}/{}", self.kind, self.workload)
    }
}

impl FromStr for TaskId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(kind), Some(workload), Some(container), None) if !workload.is_empty() && !container.is_empty() => {
                Ok(Self { kind: kind.parse()?, workload: workload.to_owned(), container: container.to_owned() })
            }
            _ => Err("must be kind/workload/container, for instance deployment/web/app".to_owned()),
        }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.workload, self.container)
    }
}

impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Name, TaskId};
    use rstest::rstest;

    #[rstest]
    #[case("shop", true)]
    #[case("a", true)]
    #[case("shop-2", true)]
    #[case("", false)]
    #[case("-shop", false)]
    #[case("shop-", false)]
    #[case("Shop", false)]
    #[case("a_b", false)]
    fn names(#[case] text: &str, #[case] good: bool) {
        assert_eq!(Name::parse(text).is_ok(), good);
    }

    #[rstest]
    #[case("deployment/web/app", true)]
    #[case("pod/web/app", false)]
    #[case("deployment/web", false)]
    #[case("deployment//app", false)]
    #[case("deployment/web/app/x", false)]
    fn tasks(#[case] text: &str, #[case] good: bool) {
        assert_eq!(text.parse::<TaskId>().is_ok(), good);
    }
}
