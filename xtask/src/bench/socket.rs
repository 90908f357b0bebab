//! A WebSocket, as a page opens it.

use std::iter;
use std::net::TcpStream;

use anyhow::{Context, Result};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};

use super::feed::Feed;
use crate::client::Client;

/// The frames of a socket below `/api/v1`.
pub(super) fn open(client: &Client, path: &str) -> Result<Feed<String>> {
    let mut request = format!("ws://{}/api/v1{path}", client.server()).into_client_request()?;
    request.headers_mut().insert("Authorization", HeaderValue::from_str(client.authorization())?);
    let stream = TcpStream::connect(client.server())?;
    stream.set_nodelay(true)?;
    let (socket, _) = tungstenite::client(request, stream).with_context(|| format!("cannot open {path}"))?;
    Ok(Feed::of(frames(socket)))
}

/// Up to the close, whoever closes.
fn frames(mut socket: WebSocket<TcpStream>) -> impl Iterator<Item = String> + Send {
    iter::from_fn(move || {
        loop {
            match socket.read() {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            }
        }
    })
}
