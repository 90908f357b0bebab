//! The BuildKit of the scripted engine: it asks a build for all that the build offers, then does what
//! its script says.

use super::fake::{OnDrop, Script, Step};
use axum::{body::Body, extract::Request, response::Response};
use bollard::{
    fsutil::types::{Packet, packet::PacketType},
    health::{HealthCheckRequest, health_client::HealthClient},
    moby::{
        buildkit::{
            secrets::v1::{GetSecretRequest, secrets_client::SecretsClient},
            v1::{
                BuildHistoryEvent, BuildHistoryRequest, BytesMessage as ControlBytes, DiskUsageRequest,
                DiskUsageResponse, InfoRequest, InfoResponse, ListWorkersRequest, ListWorkersResponse, PruneRequest,
                SolveRequest, SolveResponse, StatusRequest, StatusResponse, UpdateBuildHistoryRequest,
                UpdateBuildHistoryResponse, UsageRecord,
                control_server::{Control, ControlServer},
            },
        },
        filesync::{
            packet::file_sync_client::FileSyncClient,
            v1::{CredentialsRequest, FetchTokenRequest, auth_client::AuthClient},
        },
        upload::v1::{BytesMessage, upload_client::UploadClient},
    },
};
use futures::{StreamExt, stream, stream::BoxStream};
use http::{HeaderMap, StatusCode, Uri, header};
use hyper::{
    client::conn::http2::{SendRequest, handshake},
    server::conn::http2,
};
use hyper_util::{rt::TokioExecutor, service::TowerToHyperService};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request as Asked, Response as Answer, Status, Streaming, body::Body as Grpc, service::Routes};

/// What the build was, as BuildKit saw it.
#[derive(Clone, Debug, Default)]
pub(super) struct Saw {
    pub(super) request: SolveRequest,
    /// How the session was announced.
    pub(super) session: HeaderMap,
    pub(super) context: Vec<u8>,
    /// Name and text of a Dockerfile that the session gave.
    pub(super) dockerfile: Option<(String, String)>,
    pub(super) secrets: BTreeMap<String, Option<Vec<u8>>>,
    /// Name and password by host; whether a token would be fetched for the engine.
    pub(super) credentials: BTreeMap<String, (String, String)>,
    pub(super) fetches_tokens: bool,
}

type Session = SendRequest<Grpc>;

/// The scripted BuildKit.
pub(super) struct BuildKit {
    script: Script,
    session: (watch::Sender<Option<Session>>, watch::Receiver<Option<Session>>),
    telling: Mutex<Option<mpsc::UnboundedSender<StatusResponse>>>,
    told: Mutex<Option<mpsc::UnboundedReceiver<StatusResponse>>>,
    saw: Mutex<Saw>,
    cut: CancellationToken,
}

/// Secrets and hosts that are asked for.
const SECRETS: [&str; 2] = ["npm", "other"];
const HOSTS: [&str; 3] = ["127.0.0.1:5000", "registry-1.docker.io", "elsewhere.example"];

impl BuildKit {
    pub(super) fn new(script: Script) -> Self {
        let (telling, told) = mpsc::unbounded_channel();
        Self {
            script,
            session: watch::channel(None),
            telling: Mutex::new(Some(telling)),
            told: Mutex::new(Some(told)),
            saw: Mutex::default(),
            cut: CancellationToken::new(),
        }
    }

    pub(super) fn saw(&self) -> Saw {
        self.note().clone()
    }

    fn note(&self) -> MutexGuard<'_, Saw> {
        self.saw.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Becomes the one who asks on this connection.
    pub(super) fn take_session(self: &Arc<Self>, request: &mut Request) -> Response {
        self.note().session = request.headers().clone();
        let (upgrade, own) = (hyper::upgrade::on(request), self.clone());
        tokio::spawn(async move {
            let stream = upgrade.await.expect("an upgrade");
            let (sender, connection) = handshake(TokioExecutor::new(), stream).await.expect("HTTP/2");
            own.session.0.send_replace(Some(sender));
            own.cut.run_until_cancelled(connection).await
        });
        switching()
    }

    /// Becomes the one who is asked on this connection.
    pub(super) fn take_control(self: &Arc<Self>, request: &mut Request) -> Response {
        let (upgrade, own) = (hyper::upgrade::on(request), self.clone());
        tokio::spawn(async move {
            let stream = upgrade.await.expect("an upgrade");
            let service = TowerToHyperService::new(Routes::new(ControlServer::from_arc(own.clone())));
            own.cut
                .run_until_cancelled(http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service))
                .await
        });
        switching()
    }

    /// Asks for everything.
    async fn ask(&self) -> Result<(), Status> {
        let mut session = self.session.1.clone();
        let session = session.wait_for(Option::is_some).await.expect("a session").clone().expect("a session");
        let send = tower::service_fn(move |request| {
            let mut session = session.clone();
            async move { session.send_request(request).await }
        });
        let origin = || Uri::from_static("http://slipway");
        let healthy = HealthClient::with_origin(send.clone(), origin()).check(HealthCheckRequest::default()).await?;
        assert_eq!(healthy.into_inner().status, 1);
        let mut upload = UploadClient::with_origin(send.clone(), origin());
        let mut context = upload.pull(stream::pending::<BytesMessage>()).await?.into_inner();
        while let Some(piece) = context.message().await? {
            self.note().context.extend(piece.data);
        }
        let again = upload.pull(stream::pending::<BytesMessage>()).await;
        assert_eq!(again.err().map(|status| status.code()), Some(tonic::Code::NotFound));
        if self.note().request.frontend_attrs.contains_key("dockerfilekey") {
            let dockerfile = receive(FileSyncClient::with_origin(send.clone(), origin())).await?;
            self.note().dockerfile = Some(dockerfile);
        }
        let mut secrets = SecretsClient::with_origin(send.clone(), origin());
        for id in SECRETS {
            let asked = GetSecretRequest { id: id.to_owned(), ..GetSecretRequest::default() };
            let secret = secrets.get_secret(asked).await.ok().map(|secret| secret.into_inner().data);
            self.note().secrets.insert(id.to_owned(), secret);
        }
        let mut auth = AuthClient::with_origin(send, origin());
        for host in HOSTS {
            let known = auth.credentials(CredentialsRequest { host: host.to_owned() }).await?.into_inner();
            self.note().credentials.insert(host.to_owned(), (known.username, known.secret));
        }
        let fetched = auth.fetch_token(FetchTokenRequest::default()).await;
        self.note().fetches_tokens = fetched.err().is_none_or(|status| status.code() != tonic::Code::Unavailable);
        Ok(())
    }

    async fn play(&self, telling: mpsc::UnboundedSender<StatusResponse>) -> Result<SolveResponse, Status> {
        let mut response = SolveResponse::default();
        for step in self.script.steps.clone() {
            match step {
                Step::Progress(message) => telling.send(message).map_err(|why| Status::internal(why.to_string()))?,
                Step::Image(id) => {
                    response.exporter_response.insert("containerimage.digest".to_owned(), id.to_owned());
                }
                Step::Fail(why) => return Err(Status::unknown(why)),
                Step::Wait(go) => go.notified().await,
                Step::Cut => {
                    self.cut.cancel();
                    std::future::pending::<()>().await;
                }
                Step::Item(item) => return Err(Status::internal(format!("BuildKit says no {item}"))),
            }
        }
        Ok(response)
    }
}

/// Takes the one file that a session has beside the context, as BuildKit does.
async fn receive<T>(mut files: FileSyncClient<T>) -> Result<(String, String), Status>
where
    T: tonic::client::GrpcService<Grpc>,
    T::Error: Into<tonic::codegen::StdError>,
    T::ResponseBody: tonic::codegen::Body<Data = bytes::Bytes> + Send + 'static,
    <T::ResponseBody as tonic::codegen::Body>::Error: Into<tonic::codegen::StdError> + Send,
{
    let (sender, receiver) = mpsc::unbounded_channel();
    let send = |kind: PacketType| {
        sender.send(Packet { r#type: kind.into(), ..Packet::default() }).expect("the session listens");
    };
    let mut packets = files.diff_copy(UnboundedReceiverStream::new(receiver)).await?.into_inner();
    let (mut name, mut text) = (String::new(), Vec::new());
    while let Some(Packet { r#type, stat, data, .. }) = packets.message().await? {
        match (PacketType::try_from(r#type).expect("a type"), stat) {
            (PacketType::PacketStat, Some(stat)) => name = stat.path,
            (PacketType::PacketStat, None) => send(PacketType::PacketReq),
            (PacketType::PacketData, _) if data.is_empty() => send(PacketType::PacketFin),
            (PacketType::PacketData, _) => text.extend(data),
            // The stream must end by itself after this.
            (PacketType::PacketFin, _) => {}
            (PacketType::PacketReq | PacketType::PacketErr, _) => panic!("a packet of the other side"),
        }
    }
    Ok((name, String::from_utf8(text).expect("text")))
}

fn switching() -> Response {
    let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    let response = response.header(header::CONNECTION, "Upgrade").header(header::UPGRADE, "h2c");
    response.body(Body::empty()).expect("an answer")
}

type Answers<T> = BoxStream<'static, Result<T, Status>>;

fn nobody_asks<T>() -> Result<Answer<T>, Status> {
    Err(Status::unimplemented("nobody asks for this"))
}

#[tonic::async_trait]
impl Control for BuildKit {
    type PruneStream = Answers<UsageRecord>;
    type StatusStream = Answers<StatusResponse>;
    type SessionStream = Answers<ControlBytes>;
    type ListenBuildHistoryStream = Answers<BuildHistoryEvent>;

    async fn solve(&self, request: Asked<SolveRequest>) -> Result<Answer<SolveResponse>, Status> {
        let _over = OnDrop(self.script.over.clone());
        self.note().request = request.into_inner();
        let telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner).take().expect("one build");
        self.ask().await.map_err(|status| Status::unknown(format!("failed to solve: {}", status.message())))?;
        Ok(Answer::new(self.play(telling).await?))
    }

    async fn status(&self, request: Asked<StatusRequest>) -> Result<Answer<Self::StatusStream>, Status> {
        assert!(request.into_inner().r#ref.starts_with("slipway-7-"));
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).take().expect("one build");
        Ok(Answer::new(UnboundedReceiverStream::new(told).map(Ok).boxed()))
    }

    async fn disk_usage(&self, _: Asked<DiskUsageRequest>) -> Result<Answer<DiskUsageResponse>, Status> {
        nobody_asks()
    }

    async fn prune(&self, _: Asked<PruneRequest>) -> Result<Answer<Self::PruneStream>, Status> {
        nobody_asks()
    }

    async fn session(&self, _: Asked<Streaming<ControlBytes>>) -> Result<Answer<Self::SessionStream>, Status> {
        nobody_asks()
    }

    async fn list_workers(&self, _: Asked<ListWorkersRequest>) -> Result<Answer<ListWorkersResponse>, Status> {
        nobody_asks()
    }

    async fn info(&self, _: Asked<InfoRequest>) -> Result<Answer<InfoResponse>, Status> {
        nobody_asks()
    }

    async fn listen_build_history(
        &self,
        _: Asked<BuildHistoryRequest>,
    ) -> Result<Answer<Self::ListenBuildHistoryStream>, Status> {
        nobody_asks()
    }

    async fn update_build_history(
        &self,
        _: Asked<UpdateBuildHistoryRequest>,
    ) -> Result<Answer<UpdateBuildHistoryResponse>, Status> {
        nobody_asks()
    }
}
