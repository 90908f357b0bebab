//! Building an image: by BuildKit (`solve`) where the engine has it, else by the engine's own builder.

use super::{
    Context, DockerEngine, DockerError, LastStage,
    failure::{build_message, meaning, of_build},
    progress::Progress,
    stages::Stages,
};
use crate::{
    line::{Line, Lines},
    partial::Partial,
};
use bollard::{
    auth::DockerCredentials,
    moby::buildkit::v1::StatusResponse,
    models::{BuildInfo, BuildInfoAux},
    query_parameters::{BuildImageOptions, BuilderVersion, TagImageOptions},
};
use futures::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use types::{Digest, log::LogStream};

/// An engine may take the whole context before it answers at all. The step's own limit ends it
/// sooner; this one only keeps a forgotten call from staying for ever.
const BUILD_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// Which Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dockerfile {
    /// Relative to the context.
    Path(String),
    Inline(String),
}

/// Sign-in at one registry, for base images and pushes.
#[derive(Clone, Debug)]
pub struct RegistryCredentials {
    /// As in `127.0.0.1:5000`.
    pub host: String,
    pub username: String,
    pub password: SecretString,
}

/// What is built.
#[derive(Clone, Debug)]
pub struct ImageBuild {
    pub dockerfile: Dockerfile,
    pub build_args: BTreeMap<String, String>,
    pub target: Option<String>,
    pub no_cache: bool,
    pub labels: BTreeMap<String, String>,
    /// As in `linux/arm64`; none: the engine's own. More than one needs BuildKit.
    pub platforms: Vec<String>,
    /// Images whose layers may be taken; needs BuildKit.
    pub cache_from: Vec<String>,
    /// Whether the image says which instructions made its layers, so that later builds may take them.
    pub keep_cache: bool,
    /// Shown to the instructions that ask for them, by id; needs BuildKit.
    pub secrets: BTreeMap<String, SecretString>,
    /// Full names, as in `127.0.0.1:5000/shop/api:2.4-00001`.
    pub tags: Vec<String>,
    /// Names the build in the engine's own log. It does not become a label of the image: containers
    /// inherit those, and what carries `slipway.run` is removed when its run is over.
    pub run_label: String,
    /// For base images of private registries.
    pub credentials: Vec<RegistryCredentials>,
}

/// An image that the engine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltImage {
    /// By which the engine knows it.
    pub id: Digest,
    /// What is known of the stage that it was made of.
    pub last_stage: Option<LastStage>,
}

/// What the engine's answer has said so far.
#[derive(Default)]
pub(super) struct Reader {
    progress: Progress,
    stages: Stages,
    classic: Partial,
    pub(super) image: Option<Digest>,
}

impl DockerEngine {
    /// Builds; lines go to `lines` as they are printed. Cancelling, and dropping, ends it in the engine.
    ///
    /// It has succeeded only if the engine named the image: a stream that merely ends is a failure.
    pub async fn build_image(
        &self,
        build: ImageBuild,
        context: Context,
        lines: &Lines,
        cancel: &CancellationToken,
    ) -> Result<BuiltImage, DockerError> {
        let name = build.dockerfile.name().to_owned();
        let further_tags: Vec<String> =
            if self.buildkit { Vec::new() } else { build.tags.iter().skip(1).cloned().collect() };
        let mut reader = Reader::default();
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(DockerError::Cancelled),
            outcome = self.run_build(build, context, &mut reader, lines) => outcome,
        };
        for line in reader.finish() {
            lines.send(line).await?;
        }
        if let Err(DockerError::BuildFailed { message, .. }) = &outcome {
            lines.send_now(LogStream::Stderr, format!("ERROR: {message}")).await?;
        }
        outcome?;
        let id = reader.image.ok_or_else(|| build_message("the engine ended without an image".to_owned(), &name))?;
        for tag in further_tags {
            self.tag(&id, &tag).await?;
        }
        Ok(BuiltImage { id, last_stage: reader.stages.last() })
    }

    async fn run_build(
        &self,
        build: ImageBuild,
        context: Context,
        reader: &mut Reader,
        lines: &Lines,
    ) -> Result<(), DockerError> {
        if self.buildkit {
            return self.solve(build, context, reader, lines).await;
        }
        let dockerfile = build.dockerfile.clone();
        let credentials = credentials(&build.credentials);
        let (body, trouble) = context.open(&dockerfile, false)?;
        let docker = self.transport.client(BUILD_LIMIT, &self.docker.client_version()).map_err(meaning)?;
        let mut stream = docker.build_image(options(build)?, credentials, Some(bollard::body_try_stream(body)));
        while let Some(item) = stream.next().await {
            let item = item.map_err(|error| trouble.take().unwrap_or_else(|| of_build(error, dockerfile.name())))?;
            for line in reader.read(item) {
                lines.send(line).await?;
            }
        }
        trouble.take().map_or(Ok(()), Err)
    }

    async fn tag(&self, id: &Digest, name: &str) -> Result<(), DockerError> {
        let (repo, tag) = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((name, "latest"));
        let options = TagImageOptions { repo: Some(repo.to_owned()), tag: Some(tag.to_owned()) };
        self.docker.tag_image(id.as_str(), Some(options)).await.map_err(meaning)
    }
}

/// What an engine's own builder is asked for; it must not be asked for what it would leave out silently.
fn options(build: ImageBuild) -> Result<BuildImageOptions, DockerError> {
    let ImageBuild {
        dockerfile,
        build_args,
        target,
        no_cache,
        labels,
        platforms,
        cache_from,
        keep_cache,
        secrets,
        tags,
        run_label: _,
        credentials: _,
    } = build;
    if platforms.len() > 1 || keep_cache || !cache_from.is_empty() || !secrets.is_empty() {
        return Err(DockerError::EngineRefused("it has no BuildKit, which this build needs".to_owned()));
    }
    let some = |map: BTreeMap<String, String>| (!map.is_empty()).then(|| map.into_iter().collect());
    Ok(BuildImageOptions {
        dockerfile: dockerfile.name().to_owned(),
        t: tags.into_iter().next(),
        nocache: no_cache,
        rm: true,
        forcerm: true,
        buildargs: some(build_args),
        labels: some(labels),
        target: target.unwrap_or_default(),
        platform: platforms.into_iter().next().unwrap_or_default(),
        version: BuilderVersion::BuilderV1,
        ..BuildImageOptions::default()
    })
}

impl Reader {
    pub(super) fn progress(&mut self, message: StatusResponse) -> Vec<Line> {
        message.vertexes.iter().for_each(|vertex| self.stages.note(vertex));
        self.progress.update(message)
    }

    fn read(&mut self, item: BuildInfo) -> Vec<Line> {
        let BuildInfo { id, stream, error_detail: _, status, progress_detail, aux } = item;
        let mut lines = Vec::new();
        if let Some(BuildInfoAux::Default(image)) = aux {
            self.image = image.id.and_then(|id| Digest::parse(&id).ok()).or(self.image.take());
        }
        if let Some(text) = stream {
            lines.extend(self.classic.push(text.as_bytes()).into_iter().map(stdout));
        }
        // A pull tells its progress many times a second; its states are what a log needs.
        if let (Some(status), false) = (status, progress_detail.is_some_and(|detail| detail.total.is_some())) {
            lines.push(stdout(id.map_or(status.clone(), |id| format!("{id}: {status}"))));
        }
        lines
    }

    fn finish(&mut self) -> Vec<Line> {
        let mut lines = self.progress.finish();
        lines.extend(self.classic.finish().map(stdout));
        lines
    }
}

fn stdout(text: impl Into<bytes::Bytes>) -> Line {
    Line { at: crate::now(), stream: LogStream::Stdout, text: text.into() }
}

fn credentials(list: &[RegistryCredentials]) -> Option<HashMap<String, DockerCredentials>> {
    let known = list.iter().map(|credentials| (credentials.host.clone(), credentials.for_docker())).collect();
    (!list.is_empty()).then_some(known)
}

impl RegistryCredentials {
    pub(super) fn for_docker(&self) -> DockerCredentials {
        DockerCredentials {
            username: Some(self.username.clone()),
            password: Some(self.password.expose_secret().to_owned()),
            serveraddress: Some(self.host.clone()),
            ..DockerCredentials::default()
        }
    }
}
