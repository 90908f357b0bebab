//! gRPC over connections that the engine's API gives away: `/grpc` to ask BuildKit, `/session` to
//! be asked by it.

use super::{DockerError, failure::innermost, transport::Transport};
use bollard::moby::buildkit::v1::control_client::ControlClient;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Uri,
    header::{CONNECTION, UPGRADE},
};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{body::Incoming, client::conn, server::conn as serving, upgrade::Upgraded};
use hyper_util::{rt::TokioExecutor, service::TowerToHyperService};
use tonic::{
    Code, Status,
    body::Body,
    client::GrpcService,
    codegen::{Body as HttpBody, StdError},
    service::Routes,
};

/// Most bytes of a refusal that are read.
const REFUSAL_BYTES: usize = 64 << 10;

/// Most bytes of a message: one of progress holds a good deal of output.
const MESSAGE_BYTES: usize = 16 << 20;

/// Opens BuildKit's own interface.
pub(super) async fn control(
    transport: &Transport,
) -> Result<
    ControlClient<
        impl GrpcService<
            Body,
            Error = hyper::Error,
            Future: Send,
            ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send,
        > + Clone
        + Send
        + use<>,
    >,
    DockerError,
> {
    let stream = upgrade(transport, "/grpc", HeaderMap::new()).await?;
    let shaken = conn::http2::handshake::<_, _, Body>(TokioExecutor::new(), stream).await;
    let (sender, connection) = shaken.map_err(|error| DockerError::EngineUnreachable(innermost(&error)))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a conversation with BuildKit ended");
        }
    });
    let send = tower::service_fn(move |request| {
        let mut sender = sender.clone();
        async move { sender.send_request(request).await }
    });
    let control = ControlClient::with_origin(send, Uri::from_static("http://engine"));
    Ok(control.max_decoding_message_size(MESSAGE_BYTES))
}

/// Lets BuildKit ask; it goes on until its transport's scope is over.
pub(super) async fn serve(transport: &Transport, headers: HeaderMap, routes: Routes) -> Result<(), DockerError> {
    let stream = upgrade(transport, "/session", headers).await?;
    tokio::spawn(async move {
        let service = TowerToHyperService::new(routes);
        if let Err(error) = serving::http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await {
            tracing::debug!(%error, "a session with BuildKit ended");
        }
    });
    Ok(())
}

async fn upgrade(transport: &Transport, path: &str, headers: HeaderMap) -> Result<Upgraded, DockerError> {
    let refused = |why: String| DockerError::EngineRefused(format!("{path}: {why}"));
    let mut request = Request::post(path).body(Empty::<Bytes>::new()).map_err(|error| refused(error.to_string()))?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    request.headers_mut().insert(UPGRADE, HeaderValue::from_static("h2c"));
    let sent = transport.send(request).await;
    let response = sent.map_err(|error| DockerError::EngineUnreachable(innermost(&error)))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(refused(refusal(response).await));
    }
    hyper::upgrade::on(response).await.map_err(|error| DockerError::EngineUnreachable(innermost(&error)))
}

async fn refusal(response: Response<Incoming>) -> String {
    let status = response.status();
    match Limited::new(response.into_body(), REFUSAL_BYTES).collect().await {
        Ok(body) => format!("{} ({status})", String::from_utf8_lossy(&body.to_bytes()).trim()),
        Err(_) => status.to_string(),
    }
}

/// Whether a call ended because the connection did, rather than by an answer.
pub(super) fn is_cut(status: &Status) -> bool {
    std::error::Error::source(status).is_some()
        || matches!(status.code(), Code::Unavailable | Code::Internal | Code::Cancelled)
}
