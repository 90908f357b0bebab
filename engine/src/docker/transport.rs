//! Connections to an engine: one per call.
//!
//! bollard's own transports want TLS keys in files, set no time limit for connecting, and never
//! notice a machine that vanished; so this makes the connections and bollard uses them.

use super::{
    address::Target,
    handshake,
    scoped::{Duplex, Scoped},
};
use bollard::{ClientVersion, Docker};
use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::{Body, Incoming};
use hyper_util::rt::TokioIo;
use std::{io, time::Duration};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::oneshot,
};
use tokio_util::sync::CancellationToken;

/// A machine that does not take a connection by then is down.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The host name of requests; engines do not look at it.
const HOST: &str = "engine";

/// Makes connections to one engine, which last no longer than a scope.
#[derive(Clone)]
pub(super) struct Transport {
    target: Target,
    scope: CancellationToken,
}

impl Transport {
    /// Its connections end with their calls.
    pub(super) fn new(target: Target) -> Self {
        Self { target, scope: CancellationToken::new() }
    }

    /// The same engine, for connections that end when `scope` is cancelled.
    pub(super) fn within(&self, scope: CancellationToken) -> Self {
        Self { target: self.target.clone(), scope }
    }

    /// A client over these connections; `limit` is how long an answer may take to begin.
    pub(super) fn client(&self, limit: Duration, version: &ClientVersion) -> Result<Docker, bollard::errors::Error> {
        let transport = self.clone();
        let send = move |request| {
            let transport = transport.clone();
            async move { Ok(transport.send(request).await?) }
        };
        Docker::connect_with_custom_transport(send, Some("http://engine"), limit.as_secs(), version)
    }

    /// A request on a connection of its own, which ends when the response is dropped.
    pub(super) async fn send<B>(&self, request: Request<B>) -> io::Result<Response<Incoming>>
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Target::Tls { config, .. } = &self.target else { return self.exchange(request).await };
        let certified = config.client_auth_cert_resolver.has_certs();
        let sent = self.exchange(request).await;
        sent.map_err(|error| handshake::meaning(&error, certified).map_or(error, io::Error::other))
    }

    async fn exchange<B>(&self, mut request: Request<B>) -> io::Result<Response<Incoming>>
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let connecting = tokio::time::timeout(CONNECT_LIMIT, self.connect());
        let stream = connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(Scoped::new(stream, &self.scope)))
                .await
                .map_err(io::Error::other)?;
        let (ending, ended) = oneshot::channel();
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "connection to a build engine ended");
                // Nobody may wait for it any more.
                ending.send(error).ok();
            }
        });
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let path: Uri = path.parse().map_err(io::Error::other)?;
        *request.uri_mut() = path;
        request.headers_mut().insert(header::HOST, HeaderValue::from_static(HOST));
        url_safe(&mut request, "x-registry-auth");
        url_safe(&mut request, "x-registry-config");
        match sender.send_request(request).await {
            Ok(response) => Ok(response),
            // The connection had ended before the request came to it, and knows why.
            Err(error) if error.is_canceled() => Err(io::Error::other(ended.await.unwrap_or(error))),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    async fn connect(&self) -> io::Result<Box<dyn Duplex>> {
        match &self.target {
            Target::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
            Target::Tcp(host) => Ok(Box::new(tcp(host).await?)),
            Target::Tls { host, name, config } => {
                let connector = tokio_rustls::TlsConnector::from(config.clone());
                Ok(Box::new(connector.connect(name.clone(), tcp(host).await?).await?))
            }
        }
    }
}

async fn tcp(host: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The engine reads these headers as URL-safe base64, bollard writes the other alphabet: a password
/// whose encoding has a `+` or `/` would count as none at all.
fn url_safe<B>(request: &mut Request<B>, name: &str) {
    let Some(value) = request.headers_mut().get_mut(name) else { return };
    let changed: Vec<u8> = value
        .as_bytes()
        .iter()
        .map(|&byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        })
        .collect();
    if let Ok(mut changed) = HeaderValue::from_bytes(&changed) {
        changed.set_sensitive(true);
        *value = changed;
    }
}
