//! A WebSocket that comes back: resumes after what was seen, waits longer from try to try, and says
//! since when it is gone.
//!
//! Every frame goes through a callback: a signal of the latest frame would lose those that arrive
//! between two renderings. Frames are taken in hidden tabs too.

use super::Liveness;
use crate::clock::{Clock, clock};
use futures::{
    SinkExt, StreamExt,
    channel::oneshot,
    future::{AbortHandle, abortable, poll_fn},
};
use gloo_net::websocket::{Message, State, WebSocketError, futures::WebSocket};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// The first wait; it doubles from try to try.
const WAIT_MS: u64 = 500;
/// The longest wait: a server that comes back is noticed within a quarter of a minute.
const WAIT_MAX_MS: u64 = 15_000;

/// What follows after a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    GoOn,
    /// The stream has ended: nothing is opened again.
    End,
}

/// How a socket is opened and read.
pub(crate) struct Feed {
    /// Path and query, made anew for each try so that it resumes after what was seen.
    pub(crate) address: Box<dyn Fn() -> String>,
    pub(crate) on_frame: Box<dyn Fn(&str) -> Next>,
    pub(crate) liveness: RwSignal<Liveness>,
}

/// Opens the socket and keeps it open until the reactive owner goes. Call it from an effect.
pub(crate) fn follow(feed: Feed) {
    let clock = clock();
    let (task, handle) = abortable(async move { keep_open(feed, clock).await });
    let handle = StopOnCleanup(handle);
    on_cleanup(move || handle.0.abort());
    spawn_local(async move {
        // An aborted task has nothing to say.
        let _aborted = task.await;
    });
}

struct StopOnCleanup(AbortHandle);

async fn keep_open(feed: Feed, clock: Clock) {
    let Feed { address, on_frame, liveness } = feed;
    let mut tries = 0_u32;
    loop {
        let mut seen = false;
        let on_message = |text: &str| {
            seen = true;
            mark_live(liveness);
            on_frame(text)
        };
        match read(&absolute(&address()), || mark_live(liveness), on_message).await {
            Closed::Ended => return liveness.set(Liveness::Over),
            Closed::ForGood => return mark_stale(liveness, clock),
            Closed::Lost => mark_stale(liveness, clock),
        }
        tries = if seen { 0 } else { tries + 1 };
        wait(back_off(tries)).await;
    }
}

fn mark_live(liveness: RwSignal<Liveness>) {
    if liveness.get_untracked() != Liveness::Live {
        liveness.set(Liveness::Live);
    }
}

fn mark_stale(liveness: RwSignal<Liveness>, clock: Clock) {
    if !matches!(liveness.get_untracked(), Liveness::Stale { .. }) {
        liveness.set(Liveness::Stale { since: clock.now() });
    }
}

/// How a socket ended.
enum Closed {
    Ended,
    /// The session is over, a right is lost, or the thing is gone: trying again cannot help.
    ForGood,
    Lost,
}

async fn read(url: &str, on_open: impl Fn(), mut on_message: impl FnMut(&str) -> Next) -> Closed {
    let Ok(mut socket) = WebSocket::open(url) else { return Closed::Lost };
    // Where nothing changes the first frame is a ping, and that takes a while. What could not be
    // opened is ready to be written to as well; only its end tells.
    if poll_fn(|context| socket.poll_ready_unpin(context)).await.is_ok() && matches!(socket.state(), State::Open) {
        on_open();
    }
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Text(text)) => {
                if on_message(&text) == Next::End {
                    return Closed::Ended;
                }
            }
            Ok(Message::Bytes(_)) => {}
            Err(WebSocketError::ConnectionClose(close)) if matches!(close.code, 4401 | 4403 | 4404) => {
                return Closed::ForGood;
            }
            Err(_) => return Closed::Lost,
        }
    }
    Closed::Lost
}

/// Half of the doubled wait, and a random part of the other half: many pages that lost the same
/// server do not come back in one moment.
fn back_off(tries: u32) -> Duration {
    let wait = (WAIT_MS << tries.min(10)).min(WAIT_MAX_MS);
    Duration::from_millis(wait / 2 + (js_sys::Math::random() * (wait / 2) as f64) as u64)
}

pub(crate) async fn wait(time: Duration) {
    let (done, waited) = oneshot::channel();
    set_timeout(
        move || {
            if done.send(()).is_err() {
                leptos::logging::debug_warn!("nobody waits any more");
            }
        },
        time,
    );
    // A sender that is gone means that the page is.
    let _gone = waited.await;
}

fn absolute(path: &str) -> String {
    let location = window().location();
    let scheme = if location.protocol().as_deref() == Ok("https:") { "wss" } else { "ws" };
    format!("{scheme}://{}{path}", location.host().unwrap_or_default())
}
