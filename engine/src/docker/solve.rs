//! An image by BuildKit, asked over its own interface.
//!
//! The engine's `POST /build` hands a build to the same BuildKit, but knows one platform only, no
//! Dockerfile beside the context, no cache of one's choice and no annotation.

use super::{
    Context, DockerEngine, DockerError, Dockerfile, ImageBuild, build::Reader, failure::build_message, grpc,
    session::Session,
};
use crate::line::Lines;
use bollard::moby::buildkit::v1::{
    CacheOptions, CacheOptionsEntry, SolveRequest, SolveResponse, StatusRequest, StatusResponse,
};
use futures::{Stream, StreamExt, TryFutureExt};
use std::{collections::HashMap, future::Future, pin::pin, sync::Mutex, time::Duration};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use types::{Digest, engine::Capability};

/// By the end of a build its last output is under way; it is not waited for longer.
const LAST_OUTPUT: Duration = Duration::from_secs(3);

/// What a session's Dockerfile is called to BuildKit.
const DOCKERFILE: &str = "dockerfile";

impl DockerEngine {
    /// Builds, and gives the image all its tags.
    pub(super) async fn solve(
        &self,
        build: ImageBuild,
        context: Context,
        reader: &mut Reader,
        lines: &Lines,
    ) -> Result<(), DockerError> {
        let dockerfile = build.dockerfile.clone();
        let text = context.dockerfile(&dockerfile)?;
        let (files, trouble) = context.open(&dockerfile, true)?;
        let scope = CancellationToken::new();
        let _until_the_end = scope.clone().drop_guard();
        let transport = self.transport.within(scope);
        let id = format!("slipway-{}-{}", build.run_label, uuid::Uuid::new_v4());
        let session = Session {
            context: Mutex::new(Some(files)),
            dockerfile: (file_name(&dockerfile).to_owned(), text),
            secrets: build.secrets.clone(),
            credentials: build.credentials.clone(),
        };
        session.open(&transport, &id).await?;
        let mut control = grpc::control(&transport).await?;
        let mut asking = control.clone();
        let status = StatusRequest { r#ref: id.clone() };
        let told = async move { asking.status(status).await.map(tonic::Response::into_inner) };
        let solved = control.solve(self.request(build, id)).map_ok(tonic::Response::into_inner);
        match follow(solved, told.try_flatten_stream(), reader, lines).await? {
            Ok(SolveResponse { exporter_response }) => {
                let named = exporter_response.get("containerimage.digest").and_then(|id| Digest::parse(id).ok());
                reader.image = named;
                trouble.take().map_or(Ok(()), Err)
            }
            Err(status) => Err(trouble.take().unwrap_or_else(|| failure(&status, dockerfile.name()))),
        }
    }

    fn request(&self, build: ImageBuild, id: String) -> SolveRequest {
        let cache = build.keep_cache.then(|| CacheOptions {
            exports: vec![CacheOptionsEntry { r#type: "inline".to_owned(), ..CacheOptionsEntry::default() }],
            ..CacheOptions::default()
        });
        let mut exporter = HashMap::from([("name".to_owned(), build.tags.join(","))]);
        if self.can(Capability::Annotations) {
            exporter.extend(build.labels.iter().map(|(name, value)| (format!("annotation.{name}"), value.clone())));
        }
        SolveRequest {
            r#ref: id.clone(),
            // A name of its own for each context: what has the same name is fetched once.
            frontend_attrs: attributes(build, format!("http://buildkit-session/{id}")),
            session: id,
            frontend: "dockerfile.v0".to_owned(),
            exporter_deprecated: "moby".to_owned(),
            exporter_attrs_deprecated: exporter,
            cache,
            ..SolveRequest::default()
        }
    }
}

/// What BuildKit calls the Dockerfile, which it gets without the folders above it.
fn file_name(dockerfile: &Dockerfile) -> &str {
    let name = dockerfile.name();
    name.rsplit_once('/').map_or(name, |(_, name)| name)
}

/// The settings of the Dockerfile's reader.
fn attributes(build: ImageBuild, context: String) -> HashMap<String, String> {
    let ImageBuild {
        dockerfile,
        build_args,
        target,
        no_cache,
        labels,
        platforms,
        cache_from,
        keep_cache: _,
        secrets: _,
        tags: _,
        run_label: _,
        credentials: _,
    } = build;
    let mut attributes = HashMap::from([
        ("context".to_owned(), context),
        ("filename".to_owned(), file_name(&dockerfile).to_owned()),
        ("dockerfilekey".to_owned(), DOCKERFILE.to_owned()),
        ("image-resolve-mode".to_owned(), "default".to_owned()),
    ]);
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            attributes.insert(name.to_owned(), value);
        }
    };
    put("target", target);
    put("no-cache", no_cache.then(String::new));
    put("platform", (!platforms.is_empty()).then(|| platforms.join(",")));
    put("cache-from", (!cache_from.is_empty()).then(|| cache_from.join(",")));
    attributes.extend(build_args.into_iter().map(|(name, value)| (format!("build-arg:{name}"), value)));
    attributes.extend(labels.into_iter().map(|(name, value)| (format!("label:{name}"), value)));
    attributes
}

/// Passes progress on until the build has ended, and what is still under way then.
async fn follow(
    solved: impl Future<Output = Result<SolveResponse, Status>>,
    told: impl Stream<Item = Result<StatusResponse, Status>>,
    reader: &mut Reader,
    lines: &Lines,
) -> Result<Result<SolveResponse, Status>, DockerError> {
    let (mut solved, mut told) = (pin!(solved), pin!(told.fuse()));
    let outcome = loop {
        tokio::select! {
            biased;
            Some(message) = told.next() => say(message, reader, lines).await?,
            outcome = &mut solved => break outcome,
        }
    };
    let rest = async {
        while let Some(message) = told.next().await {
            say(message, reader, lines).await?;
        }
        Ok::<(), DockerError>(())
    };
    tokio::time::timeout(LAST_OUTPUT, rest).await.unwrap_or(Ok(()))?;
    Ok(outcome)
}

async fn say(message: Result<StatusResponse, Status>, reader: &mut Reader, lines: &Lines) -> Result<(), DockerError> {
    match message {
        Ok(message) => {
            for line in reader.progress(message) {
                lines.send(line).await?;
            }
        }
        // The build itself says how it ended.
        Err(error) => tracing::debug!(%error, "the progress of a build ended early"),
    }
    Ok(())
}

fn failure(status: &Status, dockerfile: &str) -> DockerError {
    if grpc::is_cut(status) {
        return DockerError::EngineUnreachable(status.message().to_owned());
    }
    build_message(status.message().to_owned(), dockerfile)
}
