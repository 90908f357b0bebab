//! How the browser asks: one `fetch` that knows no type, and thin shells around it.
//!
//! The server takes the questions as `server_fn` has them; its own client would be compiled anew for
//! each of them.

use super::{Answer, reader};
use crate::text;
use gloo_net::http::{Method, RequestBuilder};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use server_fn::{Http, Protocol, client::Client, codec::Json, server::Server};
use std::pin::Pin;
use types::{ApiError, ErrorCode};

/// The protocol of all server functions: JSON there and back.
pub(crate) struct Ask;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, ApiError> for Ask
where
    Http<Json, Json>: Protocol<Input, Output, C, S, ApiError>,
    Input: Serialize + Send,
    Output: DeserializeOwned,
    C: Client<ApiError>,
    S: Server<ApiError>,
{
    const METHOD: http::Method = http::Method::POST;

    fn run_server<F, Fut>(request: S::Request, server_fn: F) -> impl Future<Output = Answer<S::Response>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Answer<Output>> + Send,
    {
        Http::<Json, Json>::run_server(request, server_fn)
    }

    async fn run_client(path: &str, input: Input) -> Answer<Output> {
        let told = SendWrapper::new(post(path, body(&input)?)).await?;
        reader::read(&told).map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))
    }
}

/// A question as JSON.
pub(crate) fn body(question: &impl Serialize) -> Answer<String> {
    serde_json::to_string(question).map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))
}

pub(crate) fn post(path: &str, body: String) -> Pin<Box<dyn Future<Output = Answer<String>>>> {
    Box::pin(send(Method::POST, path.to_owned(), Some(body)))
}

/// Asks, and gives the body of a good answer; any other is an error with the server's own words.
pub(crate) async fn send(method: Method, path: String, body: Option<String>) -> Answer<String> {
    let request = RequestBuilder::new(&path).method(method).header("Accept", "application/json");
    let request = match body {
        Some(body) => request.header("Content-Type", "application/json").body(body),
        None => request.build(),
    };
    let silent = |_| ApiError::new(ErrorCode::Stopping, text::slipway_does_not_answer());
    let response = request.map_err(silent)?.send().await.map_err(silent)?;
    let body = response.text().await.map_err(silent)?;
    if response.ok() {
        return Ok(body);
    }
    let status = response.status();
    Err(reader::read(&body).unwrap_or_else(|_| ApiError::new(ErrorCode::Internal, text::not_understood(status))))
}
