//! WebSockets need a connection: here Slipway listens on a port of the loopback.

use crate::{TestApp, app::URL};
use futures::{SinkExt, StreamExt};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const NOTHING: &str = "/api/v1/builds/nothing/runs/1/log/ws?after=0";

pub(crate) async fn listen(app: &TestApp) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

async fn open(address: SocketAddr, path: &str, headers: &[(&'static str, String)]) -> Result<Socket, Error> {
    let mut request = format!("ws://{address}{path}").into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

/// The code with which the socket is closed; what came before is passed over.
async fn close_code(mut socket: Socket) -> u16 {
    while let Some(message) = socket.next().await {
        if let Ok(Message::Close(Some(frame))) = message {
            return frame.code.into();
        }
    }
    0
}

fn bearer(app: &TestApp) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", app.token()))
}

#[tokio::test]
async fn refusals_are_close_codes() {
    let app = TestApp::new().await;
    let address = listen(&app).await;
    let missing = open(address, NOTHING, &[bearer(&app)]).await.expect("a socket");
    assert_eq!(close_code(missing).await, 4404);
    let nobody = open(address, NOTHING, &[]).await.expect("a socket");
    assert_eq!(close_code(nobody).await, 4401);
    let wrong = open(address, NOTHING, &[("authorization", "Bearer slw_x".into())]).await.expect("a socket");
    assert_eq!(close_code(wrong).await, 4401);
    let map = open(address, "/api/v1/maps/nothing/events?after=", &[bearer(&app)]).await.expect("a socket");
    assert_eq!(close_code(map).await, 4404);
}

#[tokio::test]
async fn pages_of_other_sites_open_none() {
    let app = TestApp::new().await;
    let address = listen(&app).await;
    let cookie = ("cookie", app.sign_in().await);
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let mut headers = vec![cookie.clone()];
        headers.extend(origin.map(|it| ("origin", it.to_owned())));
        let Err(Error::Http(answer)) = open(address, NOTHING, &headers).await else { panic!("{origin:?} got in") };
        assert_eq!(answer.status(), 403);
    }
    for origin in [URL.to_owned(), format!("http://{address}")] {
        let own = open(address, NOTHING, &[cookie.clone(), ("origin", origin)]).await.expect("a socket");
        assert_eq!(close_code(own).await, 4404);
    }
}

#[tokio::test]
async fn a_plain_request_is_told_what_it_needs() {
    let app = TestApp::new().await;
    app.get(NOTHING).await.is_problem(400, "malformed");
    app.ask("GET", NOTHING).without_token().send().await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn nonsense_closes_nothing_but_its_own_socket() {
    let app = TestApp::new().await;
    let address = listen(&app).await;
    let mut socket = open(address, NOTHING, &[bearer(&app)]).await.expect("a socket");
    socket.send(Message::Binary(vec![0, 159, 146, 150].into())).await.expect("sent");
    assert_eq!(close_code(socket).await, 4404);
    assert_eq!(app.get("/healthz").await.status, 200);
}
