//! What Slipway pushes: the lines of a log over a WebSocket, the events of a run.

use crate::slipway::{Slipway, text};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    thread::{self, JoinHandle},
};
use tokio_tungstenite::tungstenite::{
    self, Message, WebSocket,
    client::{IntoClientRequest, client},
};

/// A reader of a log.
pub(crate) struct LogSocket(WebSocket<TcpStream>);

/// What a reader has got until the end, or until it was cut off.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    pub(crate) lines: Vec<Value>,
    /// The `end` frame; none if the connection broke.
    pub(crate) end: Option<Value>,
}

impl LogSocket {
    /// `log` as in `/builds/web/runs/3/log`.
    pub(crate) fn open(slipway: &Slipway, log: &str, after: u64) -> Self {
        let address = slipway.address(&format!("{log}/ws?after={after}")).replacen("http", "ws", 1);
        let host = slipway.url.trim_start_matches("http://");
        let stream = TcpStream::connect(host).expect("Slipway takes the connection");
        let mut request = address.into_client_request().expect("an address");
        request.headers_mut().insert("authorization", slipway.bearer().parse().expect("a header"));
        let (socket, _) = client(request, stream).expect("Slipway opens the socket");
        Self(socket)
    }

    /// The next frame; none when the connection is over, however it ended.
    pub(crate) fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.read() {
                Ok(Message::Text(frame)) => return Some(serde_json::from_str(&frame).expect("a frame is JSON")),
                Ok(Message::Close(_)) | Err(tungstenite::Error::ConnectionClosed) => return None,
                // The other end was killed.
                Err(tungstenite::Error::Io(_) | tungstenite::Error::Protocol(_)) => return None,
                Ok(_) => {}
                Err(why) => panic!("{why}"),
            }
        }
    }

    /// Lines until one holds `marker`; the log must not end before.
    pub(crate) fn until(&mut self, marker: &str) -> Vec<Value> {
        let mut lines = Vec::new();
        while let Some(frame) = self.next() {
            assert!(frame.get("end").is_none(), "the log ended without {marker}: {lines:?}");
            lines.extend(lines_of(&frame));
            if lines.iter().any(|line| text(&line["text"]).contains(marker)) {
                return lines;
            }
        }
        panic!("the connection broke before {marker}: {lines:?}")
    }

    /// All that still comes.
    pub(crate) fn rest(mut self) -> Followed {
        let mut followed = Followed::default();
        while let Some(frame) = self.next() {
            followed.lines.extend(lines_of(&frame));
            if let Some(end) = frame.get("end") {
                followed.end = Some(end.clone());
            }
        }
        followed
    }

    /// The same behind the test's back.
    pub(crate) fn rest_meanwhile(self) -> JoinHandle<Followed> {
        thread::spawn(move || self.rest())
    }
}

fn lines_of(frame: &Value) -> Vec<Value> {
    frame.get("lines").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// One server-sent event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
}

/// The events of a run, as they come, until the stream closes.
pub(crate) fn events(slipway: &Slipway, run: &str, last_event_id: Option<&str>) -> impl Iterator<Item = Event> {
    let address = slipway.address(&format!("/runs/{run}/events"));
    let mut request = slipway.agent.get(address).header("authorization", slipway.bearer());
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id);
    }
    let answer = request.call().expect("Slipway answers");
    assert_eq!(answer.status(), 200);
    let mut lines = BufReader::new(answer.into_body().into_reader()).lines();
    std::iter::from_fn(move || {
        let mut event = Event::default();
        loop {
            let line = lines.next()?.expect("a line of the stream");
            match line.split_once(": ").or(line.split_once(':')) {
                None if event.name.is_empty() => {}
                None => return Some(event),
                Some(("event", name)) => name.clone_into(&mut event.name),
                Some(("id", id)) => event.id = Some(id.to_owned()),
                Some(("data", data)) => event.data = serde_json::from_str(data).expect("an event's data is JSON"),
                // A comment keeps the connection awake.
                Some(_) => {}
            }
        }
    })
}

/// What the first item of a run waits for, as soon as it says so.
pub(crate) fn waits_for(slipway: &Slipway, run: &str) -> Value {
    let waits = events(slipway, run, None).find_map(|event| {
        let item = if event.name == "run" { &event.data["items"][0] } else { &event.data };
        item.get("waiting_for").filter(|what| !what.is_null()).cloned()
    });
    waits.expect("it says what it waits for")
}
