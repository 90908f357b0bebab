//! An engine: connecting to it, and what it can do.

use super::{
    DockerError, EngineAddress, INSTALLATION_LABEL,
    failure::{innermost, meaning},
    transport::Transport,
};
use bollard::{API_DEFAULT_VERSION, Docker, models::SystemVersion};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty, Limited};
use serde::de::DeserializeOwned;
use std::{collections::HashMap, fmt, path::PathBuf, time::Duration};
use types::engine::Capability;

/// An engine that says nothing for so long is down; builds have a limit of their own.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Adding up the disk use takes an engine with many images longer than anybody wants to wait.
const DISK_USE_LIMIT: Duration = Duration::from_secs(5);

/// Most bytes of one answer: an engine that lists a hundred thousand things stays below it.
const ANSWER_BYTES: usize = 64 << 20;

/// BuildKit came with this version of the API.
const FIRST_BUILDKIT_API: (usize, usize) = (1, 39);

/// What an engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineInfo {
    pub version: String,
    pub api_version: String,
    /// False for Podman, which builds by itself.
    pub buildkit: bool,
    pub capabilities: Vec<Capability>,
    /// Images, containers, volumes and build cache; none if the engine does not say in time.
    pub disk_used: Option<u64>,
}

/// An engine; cheap to clone. Each call is a connection of its own, and dropping the call ends it.
#[derive(Clone)]
pub struct DockerEngine {
    pub(super) docker: Docker,
    pub(super) transport: Transport,
    pub(super) buildkit: bool,
    capabilities: Vec<Capability>,
    /// Whose containers and volumes it makes and removes.
    pub(super) installation: String,
}

impl fmt::Debug for DockerEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DockerEngine").field("buildkit", &self.buildkit).finish_non_exhaustive()
    }
}

impl DockerEngine {
    /// Connects, and agrees on a version of the API.
    pub async fn connect(address: &EngineAddress) -> Result<Self, DockerError> {
        let transport = Transport::new(address.target()?);
        let docker = transport.client(ANSWER_LIMIT, API_DEFAULT_VERSION).map_err(meaning)?;
        let docker = docker.negotiate_version().await.map_err(meaning)?;
        let version = docker.version().await.map_err(meaning)?;
        let installation = String::new();
        let engine =
            Self { docker, transport, buildkit: has_buildkit(&version), capabilities: Vec::new(), installation };
        let capabilities = engine.get::<Info>("/info").await?.capabilities(engine.buildkit);
        Ok(Self { capabilities, ..engine })
    }

    /// Whether it can do what not all engines can.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// For the containers and volumes of an installation.
    pub fn of(self, installation: &str) -> Self {
        Self { installation: installation.to_owned(), ..self }
    }

    /// The labels of something that this installation has in the engine.
    pub(super) fn labels<const N: usize>(&self, own: [(&str, String); N]) -> HashMap<String, String> {
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain([(INSTALLATION_LABEL.to_owned(), self.installation.clone())]).collect()
    }

    /// What the engine is and how much disk it uses.
    pub async fn check(&self) -> Result<EngineInfo, DockerError> {
        let version = self.docker.version().await.map_err(meaning)?;
        let capabilities = self.get::<Info>("/info").await?.capabilities(has_buildkit(&version));
        let disk_used = tokio::time::timeout(DISK_USE_LIMIT, self.disk_used()).await;
        Ok(EngineInfo {
            buildkit: has_buildkit(&version),
            capabilities,
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            disk_used: disk_used.ok().and_then(Result::ok),
        })
    }

    async fn disk_used(&self) -> Result<u64, DockerError> {
        Ok(self.get::<DiskUse>("/system/df").await?.total())
    }

    /// The folder, on the engine's own machine, in which it keeps all that it has.
    pub async fn root_folder(&self) -> Result<Option<PathBuf>, DockerError> {
        Ok(self.get::<Info>("/info").await?.docker_root_dir.filter(|folder| folder.is_absolute()))
    }

    /// Reads an answer that bollard has no fitting model for.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, DockerError> {
        let refused = |error: http::Error| DockerError::EngineRefused(error.to_string());
        self.answer(Request::get(path).body(Empty::new()).map_err(refused)?).await
    }

    /// Sends a request that bollard has no fitting model for, and reads what it answers.
    pub(super) async fn answer<T: DeserializeOwned>(&self, request: Request<Empty<Bytes>>) -> Result<T, DockerError> {
        let broken = |error: String| DockerError::EngineUnreachable(error);
        let response = self.transport.send(request).await.map_err(|error| broken(innermost(&error)))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| broken(error.to_string()))?.to_bytes();
        if !status.is_success() {
            return Err(DockerError::EngineRefused(format!("{} ({})", said(&body), status.as_u16())));
        }
        serde_json::from_slice(&body).map_err(|error| DockerError::EngineRefused(error.to_string()))
    }
}

/// An engine's own words: `{"message":…}`.
fn said(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Said {
        message: String,
    }
    let said = serde_json::from_slice::<Said>(body).map(|said| said.message);
    said.unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned())
}

/// Podman answers like Docker, but builds with Buildah.
fn has_buildkit(version: &SystemVersion) -> bool {
    let components = version.components.iter().flatten();
    let podman = components.map(|component| component.name.as_str()).any(|name| name.starts_with("Podman"));
    let parse = |text: &str| -> Option<(usize, usize)> {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    !podman && version.api_version.as_deref().and_then(parse).is_some_and(|api| api >= FIRST_BUILDKIT_API)
}

/// What is read of an engine's description of itself: where it keeps images.
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Info {
    docker_root_dir: Option<PathBuf>,
    driver_status: Option<Vec<Vec<String>>>,
}

impl Info {
    /// BuildKit mounts caches and secrets. Several platforms under one name, and annotations, can
    /// only be kept where images are kept as they are pushed, which is containerd's store.
    fn capabilities(&self, buildkit: bool) -> Vec<Capability> {
        let mut can = Vec::new();
        if buildkit {
            can.extend([Capability::CacheMounts, Capability::BuildSecrets]);
        }
        if buildkit && self.is_kept_by_containerd() {
            can.extend([Capability::MultiPlatform, Capability::Annotations]);
        }
        can
    }

    fn is_kept_by_containerd(&self) -> bool {
        self.driver_status.iter().flatten().any(|pair| match pair.as_slice() {
            [name, value] => name == "driver-type" && value.starts_with("io.containerd.snapshotter"),
            _ => false,
        })
    }
}

/// Disk use as engines of API 1.41 and Podman tell it.
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DiskUse {
    layers_size: Option<i64>,
    containers: Option<Vec<Container>>,
    volumes: Option<Vec<Volume>>,
    build_cache: Option<Vec<Cache>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    size_rw: Option<i64>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    usage_data: Option<Usage>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    size: Option<i64>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Cache {
    size: Option<i64>,
    shared: bool,
}

impl DiskUse {
    /// Negative sizes mean "not known"; shared cache is counted with the layers already.
    fn total(&self) -> u64 {
        let containers = self.containers.iter().flatten().filter_map(|container| container.size_rw);
        let volumes = self.volumes.iter().flatten().filter_map(|volume| volume.usage_data.as_ref()?.size);
        let cache = self.build_cache.iter().flatten().filter(|cache| !cache.shared).filter_map(|cache| cache.size);
        let sizes = self.layers_size.into_iter().chain(containers).chain(volumes).chain(cache);
        sizes.filter_map(|size| u64::try_from(size).ok()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{DiskUse, Info, has_buildkit};
    use bollard::models::SystemVersion;
    use rstest::rstest;
    use types::engine::Capability::{self, Annotations, BuildSecrets, CacheMounts, MultiPlatform};

    const CONTAINERD: &str =
        r#"{"Driver":"overlayfs","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}"#;

    #[rstest]
    #[case(r#"{"DriverStatus":[["Backing Filesystem","extfs"],["Supports d_type","true"]]}"#, true, &[CacheMounts, BuildSecrets])]
    #[case(CONTAINERD, true, &[CacheMounts, BuildSecrets, MultiPlatform, Annotations])]
    #[case(CONTAINERD, false, &[])]
    #[case(r#"{"DriverStatus":null}"#, true, &[CacheMounts, BuildSecrets])]
    #[case("{}", false, &[])]
    fn knows_what_it_can(#[case] answer: &str, #[case] buildkit: bool, #[case] expected: &[Capability]) {
        let info: Info = serde_json::from_str(answer).expect("an answer");
        assert_eq!(info.capabilities(buildkit), expected);
    }

    #[rstest]
    #[case(r#"{"ApiVersion":"1.41","Components":[{"Name":"Engine","Version":"20.10.24"}]}"#, true)]
    #[case(r#"{"ApiVersion":"1.41","Components":[{"Name":"Podman Engine","Version":"4.3.1"}]}"#, false)]
    #[case(r#"{"ApiVersion":"1.38"}"#, false)]
    #[case(r#"{"ApiVersion":"1.100"}"#, true)]
    #[case("{}", false)]
    fn tells_buildkit(#[case] answer: &str, #[case] expected: bool) {
        let version: SystemVersion = serde_json::from_str(answer).expect("a version");
        assert_eq!(has_buildkit(&version), expected);
    }

    #[test]
    fn adds_disk_use_up() {
        let answer = r#"{"LayersSize":100,"Images":[{"Size":70}],"Containers":[{"SizeRw":5},{"SizeRootFs":9}],
            "Volumes":[{"UsageData":{"Size":-1}},{"UsageData":{"Size":7}},{"UsageData":null}],
            "BuildCache":[{"Size":20,"Shared":false},{"Size":50,"Shared":true}]}"#;
        let usage: DiskUse = serde_json::from_str(answer).expect("disk use");
        assert_eq!(usage.total(), 132);
        assert_eq!(
            serde_json::from_str::<DiskUse>("{\"LayersSize\":3,\"Volumes\":null}").expect("disk use").total(),
            3
        );
    }
}
