//! How the browser asks: one `fetch` that knows no type, and thin shells around it.
//!
//! The server takes the questions as `server_fn` has them; its own client would be compiled anew for
//! each of them.

use super::{Answer, reader};
use crate::{live::wait, text};
use gloo_net::http::{Method, RequestBuilder};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use server_fn::{Http, Protocol, client::Client, codec, server::Server};
use std::{pin::Pin, time::Duration};
use types::{ApiError, ErrorCode};

/// The protocol of all server functions: JSON there and back. Where no answer comes, it is asked again, so many times
/// in all: a laptop changes its network, a proxy lets go of a connection, and the page need not show it.
pub(crate) struct Json<const TIMES: usize>;

/// Whoever asks twice gets the same: what only reads, sets something to a value, or starts with a key.
pub(crate) type Ask = Json<3>;

/// What must not be done twice.
pub(crate) type Tell = Json<1>;

/// Before the second time, and before the third.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

impl<const TIMES: usize, Input, Output, C, S> Protocol<Input, Output, C, S, ApiError> for Json<TIMES>
where
    Http<codec::Json, codec::Json>: Protocol<Input, Output, C, S, ApiError>,
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
        Http::<codec::Json, codec::Json>::run_server(request, server_fn)
    }

    async fn run_client(path: &str, input: Input) -> Answer<Output> {
        let told = SendWrapper::new(post(path, body(&input)?, TIMES)).await?;
        reader::read(&told).map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))
    }
}

/// A question as JSON.
pub(crate) fn body(question: &impl Serialize) -> Answer<String> {
    serde_json::to_string(question).map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))
}

pub(crate) fn post(path: &str, body: String, times: usize) -> Pin<Box<dyn Future<Output = Answer<String>>>> {
    Box::pin(send(Method::POST, path.to_owned(), Some(body), times))
}

/// Asks as often as it takes and `times` allows, and gives the body of a good answer; any other is an error with the
/// server's own words.
pub(crate) async fn send(method: Method, path: String, body: Option<String>, times: usize) -> Answer<String> {
    let mut pauses = PAUSES.into_iter().take(times.saturating_sub(1));
    loop {
        if let Ok(answer) = once(method.clone(), &path, body.clone()).await {
            return answer;
        }
        let silent = || ApiError::new(ErrorCode::Stopping, text::slipway_does_not_answer());
        wait(pauses.next().ok_or_else(silent)?).await;
    }
}

/// Asks; the outer error: no answer came.
async fn once(method: Method, path: &str, body: Option<String>) -> Result<Answer<String>, gloo_net::Error> {
    let request = RequestBuilder::new(path).method(method).header("Accept", "application/json");
    let request = match body {
        Some(body) => request.header("Content-Type", "application/json").body(body),
        None => request.build(),
    };
    let response = request?.send().await?;
    let body = response.text().await?;
    if response.ok() {
        return Ok(Ok(body));
    }
    let status = response.status();
    let error =
        reader::read(&body).unwrap_or_else(|_| ApiError::new(ErrorCode::Internal, text::not_understood(status)));
    Ok(Err(error))
}
