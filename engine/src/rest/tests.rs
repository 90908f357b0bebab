//! Calls to servers as they behave and misbehave. A server listens on all of 127.0.0.0/8, where each address is an
//! origin of its own.

use super::{Answer, Call, CallError, CallLimits, PlainCall, call};
use crate::egress::Egress;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request},
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use futures::stream;
use rstest::rstest;
use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// Far more than an answer on this machine takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// For those that never end.
const SHORT: Duration = Duration::from_millis(300);

/// The port of a server.
async fn serve() -> u16 {
    let routes = Router::new()
        .route("/freeze", get(|| async { r#"{"until":"Monday","n":3,"on":true,"no":null,"list":[{"id":7}]}"# }))
        .route("/echo", any(echo))
        .route("/status/{status}", get(|Path(status): Path<u16>| async move { (code(status), "x".repeat(5000)) }))
        .route("/long/{bytes}", get(|Path(bytes): Path<usize>| async move { "x".repeat(bytes) }))
        .route("/endless", get(|| async { Body::from_stream(endless()) }))
        .route("/endless-refusal", get(|| async { (StatusCode::BAD_GATEWAY, Body::from_stream(endless())) }))
        .route("/to/{status}/{*place}", any(redirect))
        .route("/again/{n}", get(|Path(n): Path<u32>| async move { to(302, &format!("/again/{}", n + 1)) }))
        .route("/down/{n}", get(count_down))
        .route("/nowhere", get(|| async { code(302) }));
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    port
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

fn to(status: u16, place: &str) -> Response {
    (code(status), [(LOCATION, place.to_owned())]).into_response()
}

async fn redirect(Path((status, place)): Path<(u16, String)>) -> Response {
    to(status, &place)
}

async fn count_down(Path(n): Path<u32>) -> Response {
    if n == 0 { "there".into_response() } else { to(302, &format!("/down/{}", n - 1)) }
}

/// What was sent, as JSON.
async fn echo(request: Request) -> String {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let headers: BTreeMap<&str, &str> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect();
    let body = String::from_utf8_lossy(&body);
    serde_json::json!({"method": parts.method.as_str(), "headers": headers, "body": body}).to_string()
}

fn endless() -> impl futures::Stream<Item = Result<Bytes, Infallible>> {
    stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 16 * 1024])))
}

/// A server that gives everybody the same bytes and then keeps them waiting.
async fn hang(answer: &'static [u8], repeated: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let mut held: Vec<TcpStream> = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut asked = [0; 1024];
            assert_ne!(socket.read(&mut asked).await.expect("a request"), 0);
            while socket.write_all(answer).await.is_ok() && repeated {}
            held.push(socket);
        }
    });
    port
}

fn plain(method: &str, url: String) -> PlainCall {
    PlainCall { method: method.to_owned(), url, ..PlainCall::default() }
}

fn get_of(port: u16, path: &str) -> PlainCall {
    plain("GET", format!("http://127.0.0.1:{port}{path}"))
}

fn parsed(plain: PlainCall) -> Call {
    plain.parse().expect("a call")
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn sent_within(time: Duration, allow: &[&str], plain: PlainCall) -> Result<Answer, CallError> {
    let egress = Arc::new(Egress::parse(allow, &[]).expect("a policy"));
    let limits = CallLimits { time, ..CallLimits::default() };
    let (request, cancel) = (parsed(plain), CancellationToken::new());
    let sending = call(&request, &egress, limits, &cancel);
    tokio::time::timeout(PATIENCE, sending).await.expect("it ended in time")
}

async fn sent(plain: PlainCall) -> Result<Answer, CallError> {
    sent_within(PATIENCE, &["127.0.0.0/8"], plain).await
}

async fn refused(plain: PlainCall) -> CallError {
    sent(plain).await.err().expect("refused")
}

/// What an echo saw.
async fn seen(plain: PlainCall) -> serde_json::Value {
    let answer = sent(plain).await.unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_slice(&answer.body).expect("JSON")
}

#[tokio::test]
async fn takes_values_out_of_the_answer() {
    let port = serve().await;
    let mut call = get_of(port, "/freeze?key=hush");
    call.expected_status = vec![200];
    call.extract = map(&[("UNTIL", "/until"), ("N", "/n"), ("ON", "/on"), ("ID", "/list/0/id")]);
    let answer = sent(call).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(answer.values, map(&[("UNTIL", "Monday"), ("N", "3"), ("ON", "true"), ("ID", "7")]));
    assert_eq!((answer.status, answer.hops.len()), (200, 0));
    let line = answer.lines().concat();
    assert!(line.starts_with("200, ") && line.ends_with("0 redirects") && !line.contains("Monday"), "{line}");
}

#[rstest]
#[case("/until/x", None)]
#[case("/list/1", None)]
#[case("/no", Some("null"))]
#[case("/list", Some("an array"))]
#[case("/list/0", Some("an object"))]
#[case("", Some("an object"))]
#[tokio::test]
async fn a_pointer_must_lead_to_a_value(#[case] pointer: &str, #[case] found: Option<&'static str>) {
    let port = serve().await;
    let mut call = get_of(port, "/freeze");
    call.extract = map(&[("UNTIL", pointer)]);
    let (name, pointer) = ("UNTIL".to_owned(), pointer.to_owned());
    let expected = match found {
        None => CallError::Nothing { name, pointer },
        Some(found) => CallError::NoValue { name, pointer, found },
    };
    assert_eq!(refused(call).await, expected);
}

#[tokio::test]
async fn what_is_not_json_is_said_with_its_beginning() {
    let port = serve().await;
    let mut call = get_of(port, "/long/5000");
    call.extract = map(&[("A", "/a")]);
    let CallError::NotJson { body, .. } = refused(call).await else { panic!("another error") };
    assert_eq!(body.len(), 1024);
}

#[rstest]
#[case(404, &[], Some("200 to 299"))]
#[case(204, &[], None)]
#[case(202, &[200, 201], Some("200, 201"))]
#[case(404, &[404], None)]
#[tokio::test]
async fn the_status_must_be_an_expected_one(
    #[case] status: u16,
    #[case] expected: &[u16],
    #[case] words: Option<&str>,
) {
    let port = serve().await;
    let mut call = get_of(port, &format!("/status/{status}"));
    call.expected_status = expected.to_vec();
    let outcome = sent(call).await.map(|answer| answer.status);
    match words {
        None => assert_eq!(outcome, Ok(status)),
        Some(words) => {
            let expected = words.to_owned();
            assert_eq!(outcome, Err(CallError::Status { status, expected, body: "x".repeat(1024) }));
        }
    }
}

#[rstest]
#[case("GET", 302, "GET", "")]
#[case("POST", 301, "GET", "")]
#[case("POST", 303, "GET", "")]
#[case("PUT", 307, "PUT", "hello")]
#[case("POST", 308, "POST", "hello")]
#[tokio::test]
async fn a_redirect_to_the_same_origin_keeps_what_was_sent(
    #[case] method: &str,
    #[case] status: u16,
    #[case] then: &str,
    #[case] body: &str,
) {
    let port = serve().await;
    let mut call = plain(method, format!("http://127.0.0.1:{port}/to/{status}//echo"));
    call.headers = map(&[("X-Key", "hush"), ("Authorization", "Bearer hush")]);
    call.body = (method != "GET").then(|| "hello".to_owned());
    let seen = seen(call).await;
    assert_eq!((&seen["method"], &seen["body"]), (&then.into(), &body.into()), "{seen}");
    assert_eq!((&seen["headers"]["x-key"], &seen["headers"]["authorization"]), (&"hush".into(), &"Bearer hush".into()));
}

#[tokio::test]
async fn nothing_that_may_be_a_secret_goes_to_another_origin() {
    let port = serve().await;
    let elsewhere = format!("/to/302/http://127.0.0.2:{port}/echo");
    let mut call = plain("GET", format!("http://mina:hush@127.0.0.1:{port}{elsewhere}"));
    call.headers = map(&[("X-Key", "hush"), ("Cookie", "a=hush"), ("Accept", "text/css")]);
    let seen = seen(call).await;
    assert!(!seen.to_string().contains("hush") && seen["headers"]["authorization"].is_null(), "{seen}");
    assert_eq!(seen["headers"]["accept"], "text/css");
}

#[tokio::test]
async fn what_was_left_behind_does_not_come_back_with_the_way() {
    let port = serve().await;
    let back = format!("/to/302/http://127.0.0.2:{port}/to/302/http://127.0.0.1:{port}/echo");
    let mut call = get_of(port, &back);
    call.headers = map(&[("X-Key", "hush")]);
    let seen = seen(call).await;
    assert!(!seen.to_string().contains("hush"), "{seen}");
}

#[tokio::test]
async fn a_body_is_not_sent_to_another_origin() {
    let port = serve().await;
    let mut call = plain("POST", format!("http://127.0.0.1:{port}/to/307/http://127.0.0.2:{port}/echo"));
    call.body = Some("hush".to_owned());
    let CallError::Redirect(words) = refused(call).await else { panic!("another error") };
    assert!(words.contains("127.0.0.2") && !words.contains("hush"), "{words}");
}

#[rstest]
#[case("/again/0", "more than 5 times")]
#[case("/to/302/file:///etc/passwd", "file:")]
#[case("/to/302/gopher://127.0.0.1/", "gopher:")]
#[case("/to/302/http://", "no address")]
#[tokio::test]
async fn redirects_are_few_and_lead_to_pages(#[case] path: &str, #[case] words: &str) {
    let port = serve().await;
    let CallError::Redirect(said) = refused(get_of(port, path)).await else { panic!("another error") };
    assert!(said.contains(words), "{said}");
}

#[tokio::test]
async fn five_redirects_are_followed_and_told() {
    let port = serve().await;
    let answer = sent(get_of(port, "/down/5")).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(answer.hops.len(), 5);
    assert_eq!(answer.lines()[0], format!("302, redirected to http://127.0.0.1:{port}/down/4"));
    refused(get_of(port, "/down/6")).await;
}

#[tokio::test]
async fn a_redirect_that_is_expected_is_the_answer() {
    let port = serve().await;
    let mut call = get_of(port, "/to/302//echo");
    call.expected_status = vec![302];
    assert_eq!(sent(call).await.map(|answer| answer.status), Ok(302));
    let CallError::Status { status, .. } = refused(get_of(port, "/nowhere")).await else { panic!("another error") };
    assert_eq!(status, 302);
}

#[rstest]
#[case("http://127.0.0.1:PORT/freeze", &[], false)]
#[case("http://localhost:PORT/freeze", &[], false)]
#[case("http://localhost:PORT/freeze", &["localhost"], true)]
#[case("http://0x7f.1:PORT/freeze", &[], false)]
#[case("http://[::ffff:127.0.0.1]:PORT/freeze", &[], false)]
#[case("http://169.254.169.254/latest", &["127.0.0.0/8"], false)]
#[case("http://127.0.0.1:PORT/to/302/http://127.0.0.2:PORT/freeze", &["127.0.0.1"], false)]
#[case("http://localhost:PORT/to/307/http://127.0.0.1:PORT/freeze", &["localhost"], false)]
#[case("http://127.0.0.1:PORT/to/302/http://localhost:PORT/freeze", &["127.0.0.1/32"], true)]
#[tokio::test]
async fn the_policy_is_asked_at_every_hop(#[case] url: &str, #[case] allow: &[&str], #[case] allowed: bool) {
    let port = serve().await;
    let call = plain("GET", url.replace("PORT", &port.to_string()));
    let outcome = sent_within(PATIENCE, allow, call).await;
    let refused = matches!(outcome, Err(CallError::Refused(_)));
    assert_eq!((outcome.is_ok(), refused), (allowed, !allowed), "{:?}", outcome.err());
}

#[rstest]
#[case("/endless")]
#[case("/long/262145")]
#[tokio::test]
async fn an_answer_that_is_too_large_is_cut(#[case] path: &str) {
    let port = serve().await;
    assert_eq!(refused(get_of(port, path)).await, CallError::TooLarge { most: 256 * 1024 });
    assert!(sent(get_of(port, "/long/262144")).await.is_ok());
}

#[tokio::test]
async fn of_a_refusal_that_never_ends_the_status_is_told() {
    let port = serve().await;
    let error = refused(get_of(port, "/endless-refusal")).await;
    assert!(matches!(error, CallError::Status { status: 502, .. }), "{error}");
}

#[rstest]
#[case(b"")]
#[case(b"HTTP/1.1 200 OK\r\nX-A: b")]
#[case(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")]
#[tokio::test]
async fn a_server_that_says_no_more_is_left_at_the_limit(#[case] answer: &'static [u8]) {
    let port = hang(answer, false).await;
    let outcome = sent_within(SHORT, &["127.0.0.0/8"], get_of(port, "/")).await;
    assert_eq!(outcome.err(), Some(CallError::TimedOut(SHORT)));
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut() {
    let port = hang(b"HTTP/1.1 200 OK\r\nX-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", true).await;
    assert_eq!(refused(get_of(port, "/")).await, CallError::HeadTooLarge);
}

#[tokio::test]
async fn ends_at_once_on_cancel() {
    let port = hang(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", false).await;
    let egress = Arc::new(Egress::parse(&["127.0.0.1"], &[]).expect("a policy"));
    let (request, cancel) = (parsed(get_of(port, "/")), CancellationToken::new());
    let (outcome, ()) =
        tokio::join!(call(&request, &egress, CallLimits::default(), &cancel), async { cancel.cancel() });
    assert_eq!(outcome.err(), Some(CallError::Cancelled));
}

#[tokio::test]
async fn nobody_there_is_told() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let error = refused(get_of(free, "/")).await;
    assert!(matches!(&error, CallError::Unreachable { host, .. } if host == "127.0.0.1"), "{error}");
}

#[rstest]
#[case("BREW", "http://h/", &[], "method")]
#[case("CONNECT", "http://h/", &[], "method")]
#[case("GET", "ftp://h/", &[], "url")]
#[case("GET", "/path", &[], "url")]
#[case("GET", "http://h/", &[("Host", "x")], "headers.Host")]
#[case("GET", "http://h/", &[("Transfer-Encoding", "chunked")], "headers.Transfer-Encoding")]
#[case("GET", "http://h/", &[("X\r\nY", "x")], "headers.X\r\nY")]
#[case("GET", "http://h/", &[("X", "a\r\nB: c")], "headers.X")]
fn names_the_wrong_field(
    #[case] method: &str,
    #[case] url: &str,
    #[case] headers: &[(&str, &str)],
    #[case] field: &str,
) {
    let call = PlainCall { headers: map(headers), ..plain(method, url.to_owned()) };
    let found = call.parse().err().map(|fields| fields[0].path.clone()).unwrap_or_default();
    assert_eq!(found, field);
}

#[test]
fn limits_of_what_is_sent() {
    let base = || plain("POST", "http://h/".to_owned());
    let path = |call: PlainCall| call.parse().err().map(|fields| fields[0].path.clone());
    assert_eq!(path(PlainCall { body: Some("x".repeat(256 * 1024)), ..base() }), None);
    assert_eq!(path(PlainCall { body: Some("x".repeat(256 * 1024 + 1)), ..base() }).as_deref(), Some("body"));
    assert_eq!(path(PlainCall { expected_status: vec![200, 42], ..base() }).as_deref(), Some("expected_status[1]"));
    let wrong = PlainCall { extract: map(&[("A", "until")]), ..base() };
    assert_eq!(path(wrong).as_deref(), Some("extract.A.pointer"));
}

#[test]
fn a_line_holds_no_secret() {
    let call = parsed(plain("GET", "https://mina:hush@h.example:8443/a/b?key=hush#hush".to_owned()));
    assert_eq!(call.line(), "GET https://h.example:8443/a/b?…");
}

#[tokio::test]
async fn a_user_in_the_address_signs_in() {
    let port = serve().await;
    let seen = seen(plain("GET", format!("http://mina:h%C3%BC%3Ash@127.0.0.1:{port}/echo"))).await;
    assert_eq!(seen["headers"]["authorization"], "Basic bWluYTpow7w6c2g=");
}
