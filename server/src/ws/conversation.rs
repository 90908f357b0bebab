use super::{
    close::Close,
    frames,
    seats::Seat,
    subject::{Feed, Frames, Subject},
};
use crate::{
    auth::{Caller, RECHECK_EVERY},
    http::Problem,
    state::AppState,
};
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use types::ErrorCode;

/// Silence after which a ping is sent: shorter than the idle limit of common proxies.
const PING_AFTER: Duration = Duration::from_secs(20);

/// A client that takes no frame for this long is gone, or as good as gone.
const SEND_WITHIN: Duration = Duration::from_secs(30);

/// Serves one socket from its upgrade to its end.
pub(super) async fn converse(app: AppState, caller: Result<Caller, Problem>, subject: Subject, mut socket: WebSocket) {
    let close = match Conversation::open(app, caller, subject).await {
        Ok(mut conversation) => conversation.go_on(&mut socket).await,
        Err(problem) => Close::of(&problem),
    };
    if let Some(message) = close.message() {
        say_goodbye(&mut socket, message).await;
    }
}

struct Conversation {
    app: AppState,
    caller: Caller,
    subject: Subject,
    feed: Feed,
    _seat: Seat,
}

impl Conversation {
    async fn open(app: AppState, caller: Result<Caller, Problem>, subject: Subject) -> Result<Self, Problem> {
        let caller = caller?;
        let too_many = || Problem::new(ErrorCode::TooMany, "Too many sockets of one user.");
        let seat = app.web.seats.take(&caller.who.username).ok_or_else(too_many)?;
        let feed = subject.follow(&app.engine, &caller.who).await?;
        Ok(Self { app, caller, subject, feed, _seat: seat })
    }

    async fn go_on(&mut self, socket: &mut WebSocket) -> Close {
        let stopping = self.app.web.stopping.clone();
        let mut ping_at = Instant::now() + PING_AFTER;
        let mut recheck_at = Instant::now() + RECHECK_EVERY;
        loop {
            let turn = tokio::select! {
                () = stopping.cancelled() => Err(Close::Restart),
                frames = self.feed.next() => self.pass_on(socket, frames).await,
                message = socket.recv() => heard(message).map(|()| false),
                () = sleep_until(recheck_at) => {
                    recheck_at = Instant::now() + RECHECK_EVERY;
                    self.recheck().await.map(|()| false)
                }
                () = sleep_until(ping_at) => self.send(socket, frames::ping()).await.map(|()| true),
            };
            match turn {
                Ok(true) => ping_at = Instant::now() + PING_AFTER,
                Ok(false) => {}
                Err(close) => return close,
            }
        }
    }

    /// Whether something was sent.
    async fn pass_on(&mut self, socket: &mut WebSocket, frames: Option<Frames>) -> Result<bool, Close> {
        let Some(Frames { texts, end }) = frames else {
            let stopping = self.app.web.stopping.is_cancelled();
            return Err(if stopping { Close::Restart } else { self.subject.broken() });
        };
        let sent = !texts.is_empty();
        for text in texts {
            self.send(socket, text).await?;
        }
        if end { Err(Close::Done) } else { Ok(sent) }
    }

    async fn send(&mut self, socket: &mut WebSocket, text: Utf8Bytes) -> Result<(), Close> {
        tokio::select! {
            sent = timeout(SEND_WITHIN, socket.send(Message::Text(text))) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) | Err(_) => Err(Close::Gone),
            },
            () = self.app.web.stopping.cancelled() => Err(Close::Restart),
        }
    }

    async fn recheck(&mut self) -> Result<(), Close> {
        let engine = &self.app.engine;
        self.caller = self.caller.again(engine).await.map_err(|error| Close::of(&error.into()))?;
        self.subject.may_read(engine, &self.caller.who).await.map_err(|_| Close::RightLost)
    }
}

/// A client has nothing to say but pings and goodbye; text is passed over, anything else ends it.
fn heard(message: Option<Result<Message, axum::Error>>) -> Result<(), Close> {
    match message {
        Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => Ok(()),
        Some(Ok(Message::Binary(_))) => Err(Close::Nonsense),
        Some(Err(_)) => Err(Close::NotText),
        Some(Ok(Message::Close(_))) | None => Err(Close::Gone),
    }
}

/// Tells why and waits a moment for the answer, so that the reason is read before the connection ends.
async fn say_goodbye(socket: &mut WebSocket, message: Message) {
    const GOODBYE_WITHIN: Duration = Duration::from_secs(2);
    let goodbye = async {
        socket.send(message).await?;
        while let Some(Ok(_)) = socket.recv().await {}
        Ok::<(), axum::Error>(())
    };
    match timeout(GOODBYE_WITHIN, goodbye).await {
        Ok(Ok(())) | Err(_) => {}
        Ok(Err(why)) => tracing::debug!(%why, "the client was gone before its goodbye"),
    }
}
