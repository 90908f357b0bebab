//! What BuildKit asks of us while it builds: the context, secrets, sign-ins, the Dockerfile.
//!
//! bollard's own session knows neither secrets nor a Dockerfile beside the context, and would send a
//! registry's password to whatever realm the registry names. Here the engine fetches tokens itself.

use super::{DockerError, RegistryCredentials, grpc, transport::Transport};
use bollard::{
    fsutil::types::{Packet, Stat, packet::PacketType},
    health::{
        HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
        health_check_response::ServingStatus,
        health_server::{Health, HealthServer},
    },
    moby::{
        buildkit::secrets::v1::{
            GetSecretRequest, GetSecretResponse,
            secrets_server::{Secrets, SecretsServer},
        },
        filesync::{
            packet::file_sync_server::{FileSync, FileSyncServer},
            v1::{
                CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
                GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
                VerifyTokenAuthorityResponse,
                auth_server::{Auth, AuthServer},
            },
        },
        upload::v1::{
            BytesMessage,
            upload_server::{Upload, UploadServer},
        },
    },
};
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
};
use tonic::{Request, Response, Status, Streaming, service::Routes};

/// What the engine may ask for; it looks at these names before it asks.
const METHODS: [&str; 5] = [
    "/grpc.health.v1.Health/Check",
    "/moby.upload.v1.Upload/Pull",
    "/moby.filesync.v1.Auth/Credentials",
    "/moby.filesync.v1.FileSync/DiffCopy",
    "/moby.buildkit.secrets.v1.Secrets/GetSecret",
];

/// What a build has to give.
pub(super) struct Session {
    /// Taken once.
    pub(super) context: Mutex<Option<BoxStream<'static, io::Result<Bytes>>>>,
    /// Name and text of the Dockerfile.
    pub(super) dockerfile: (String, Vec<u8>),
    pub(super) secrets: BTreeMap<String, SecretString>,
    pub(super) credentials: Vec<RegistryCredentials>,
}

type Answer<T> = Result<Response<T>, Status>;
type Answers<T> = BoxStream<'static, Result<T, Status>>;

impl Session {
    /// Opens the session under a name that the build then refers to.
    pub(super) async fn open(self, transport: &Transport, id: &str) -> Result<(), DockerError> {
        let headers = self.headers(id)?;
        let session = Arc::new(self);
        let routes = Routes::new(HealthServer::from_arc(session.clone()))
            .add_service(UploadServer::from_arc(session.clone()))
            .add_service(AuthServer::from_arc(session.clone()))
            .add_service(FileSyncServer::from_arc(session.clone()))
            .add_service(SecretsServer::from_arc(session));
        grpc::serve(transport, headers, routes).await
    }

    fn headers(&self, id: &str) -> Result<HeaderMap, DockerError> {
        let mut headers = HeaderMap::new();
        let value = |text: &str| HeaderValue::from_str(text).map_err(|why| DockerError::EngineRefused(why.to_string()));
        headers.insert("x-docker-expose-session-uuid", value(id)?);
        headers.insert("x-docker-expose-session-name", HeaderValue::from_static("slipway"));
        for method in METHODS {
            headers.append("x-docker-expose-session-grpc-method", HeaderValue::from_static(method));
        }
        // The engine keeps files by this key and compares only their size and time.
        let key = Sha256::digest(&self.dockerfile.1).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        headers.insert("x-docker-expose-session-sharedkey", value(&key)?);
        Ok(headers)
    }
}

#[tonic::async_trait]
impl Upload for Session {
    type PullStream = Answers<BytesMessage>;

    async fn pull(&self, _: Request<Streaming<BytesMessage>>) -> Answer<Self::PullStream> {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner).take();
        let context = context.ok_or_else(|| Status::not_found("the context was taken already"))?;
        let sent = context.map(|piece| match piece {
            Ok(piece) => Ok(BytesMessage { data: piece.into() }),
            Err(error) => Err(Status::aborted(error.to_string())),
        });
        Ok(Response::new(sent.boxed()))
    }
}

#[tonic::async_trait]
impl Secrets for Session {
    async fn get_secret(&self, request: Request<GetSecretRequest>) -> Answer<GetSecretResponse> {
        let id = request.into_inner().id;
        let secret = self.secrets.get(&id).ok_or_else(|| Status::not_found(format!("there is no secret {id}")))?;
        Ok(Response::new(GetSecretResponse { data: secret.expose_secret().as_bytes().to_vec() }))
    }
}

#[tonic::async_trait]
impl Auth for Session {
    async fn credentials(&self, request: Request<CredentialsRequest>) -> Answer<CredentialsResponse> {
        let host = request.into_inner().host;
        // Docker Hub has its interface under another name than its images.
        let host = if host == "registry-1.docker.io" { "docker.io" } else { host.as_str() };
        let known = self.credentials.iter().find(|known| known.host == host);
        Ok(Response::new(known.map_or_else(CredentialsResponse::default, |known| CredentialsResponse {
            username: known.username.clone(),
            secret: known.password.expose_secret().to_owned(),
        })))
    }

    async fn fetch_token(&self, _: Request<FetchTokenRequest>) -> Answer<FetchTokenResponse> {
        Err(by_the_engine())
    }

    async fn get_token_authority(&self, _: Request<GetTokenAuthorityRequest>) -> Answer<GetTokenAuthorityResponse> {
        Err(by_the_engine())
    }

    async fn verify_token_authority(
        &self,
        _: Request<VerifyTokenAuthorityRequest>,
    ) -> Answer<VerifyTokenAuthorityResponse> {
        Err(by_the_engine())
    }
}

/// In these words BuildKit is told to fetch tokens itself.
fn by_the_engine() -> Status {
    Status::unavailable("client-side authentication disabled")
}

#[tonic::async_trait]
impl FileSync for Session {
    type DiffCopyStream = Answers<Packet>;
    type TarStreamStream = Answers<Packet>;

    /// Lists one file, gives it when it is asked for, and ends when the engine has all it wants.
    async fn diff_copy(&self, request: Request<Streaming<Packet>>) -> Answer<Self::DiffCopyStream> {
        let (name, text) = self.dockerfile.clone();
        let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let file = Stat { path: name, mode: 0o644, size, ..Stat::default() };
        let list = [Some(file), None].map(|stat| Ok(Packet { stat, ..packet(PacketType::PacketStat, 0) }));
        let answers = stream::unfold(Some(request.into_inner()), move |asked| {
            let text = text.clone();
            async move {
                let mut asked = asked?;
                let (answers, goes_on) = answer(asked.next().await?, text);
                Some((stream::iter(answers), goes_on.then_some(asked)))
            }
        });
        Ok(Response::new(stream::iter(list).chain(answers.flatten()).boxed()))
    }

    async fn tar_stream(&self, _: Request<Streaming<Packet>>) -> Answer<Self::TarStreamStream> {
        Err(Status::unimplemented("files are given by DiffCopy"))
    }
}

/// What a packet of the engine is answered, and whether more may come.
fn answer(asked: Result<Packet, Status>, text: Vec<u8>) -> (Vec<Result<Packet, Status>>, bool) {
    let Packet { r#type, id, .. } = match asked {
        Ok(asked) => asked,
        Err(status) => return (vec![Err(status)], false),
    };
    match PacketType::try_from(r#type) {
        Ok(PacketType::PacketReq) => {
            // A piece without bytes ends the file.
            let pieces = (!text.is_empty()).then_some(text).into_iter().chain([Vec::new()]);
            (pieces.map(|data| Ok(Packet { data, ..packet(PacketType::PacketData, id) })).collect(), true)
        }
        Ok(PacketType::PacketFin) => (vec![Ok(packet(PacketType::PacketFin, 0))], false),
        Ok(PacketType::PacketErr) => (Vec::new(), false),
        Ok(PacketType::PacketStat | PacketType::PacketData) | Err(_) => (Vec::new(), true),
    }
}

fn packet(kind: PacketType, id: u32) -> Packet {
    Packet { r#type: kind.into(), id, ..Packet::default() }
}

#[tonic::async_trait]
impl Health for Session {
    type WatchStream = Answers<HealthCheckResponse>;

    async fn check(&self, _: Request<HealthCheckRequest>) -> Answer<HealthCheckResponse> {
        Ok(Response::new(serving()))
    }

    async fn list(&self, _: Request<HealthListRequest>) -> Answer<HealthListResponse> {
        Ok(Response::new(HealthListResponse { statuses: [(String::new(), serving())].into() }))
    }

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Answer<Self::WatchStream> {
        Ok(Response::new(stream::iter([Ok(serving())]).chain(stream::pending()).boxed()))
    }
}

/// The engine gives a build up when it does not hear this for some seconds.
fn serving() -> HealthCheckResponse {
    HealthCheckResponse { status: ServingStatus::Serving.into() }
}
