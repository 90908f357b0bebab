//! `GET /runs/{run}/events`: what happens to a run, as server-sent events.
//!
//! The engine gives the run whole each time it changes; here each change becomes the events that
//! say it. Only the last event of a change carries an `id`, so that a reader who was cut off in the
//! middle of it gets all of it again.

use super::{
    Problem,
    extract::Path,
    run_changes::{RunEvent, changes},
};
use crate::{
    auth::{Caller, RECHECK_EVERY},
    state::AppState,
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{StreamExt, stream, stream::BoxStream};
use std::time::Duration;
use types::run::Run;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// Proxies and readers take a silent stream for a dead one.
const COMMENT_EVERY: Duration = Duration::from_secs(20);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What happens to a run: `run`, `item`, `phase`, `trouble`, and `end`, after which it closes.
#[utoipa::path(
    get,
    path = "/runs/{run}/events",
    tag = "runs",
    params(
        (
            "Last-Event-ID" = Option<String>,
            Header,
            description = "The last `id` that was read; too old: a full `run` first",
        ),
    ),
    responses((status = 200, content_type = "text/event-stream", body = String)),
)]
async fn events(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let feed = app.engine.follow_run(&caller.who, id).await?;
    let seen = headers.get("last-event-id").and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok());
    let feed = stream::unfold(feed, |mut feed| async move { feed.next().await.map(|change| (change, feed)) }).boxed();
    let reader = Reader { app, caller, id, feed, seen, told: None };
    let groups = stream::unfold(Some(reader), next_group);
    let events = groups.flat_map(stream::iter).map(Ok::<_, axum::Error>);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(COMMENT_EVERY)).into_response())
}

/// One who reads the events of a run.
struct Reader {
    app: AppState,
    caller: Caller,
    id: Uuid,
    /// A stream, since asking the engine for the next change must not be broken off.
    feed: BoxStream<'static, (u64, Run)>,
    /// The change up to which the reader was told before it was cut off.
    seen: Option<u64>,
    told: Option<Run>,
}

/// The events of the next change; the stream ends after `end`, with the rights, and with Slipway.
async fn next_group(reader: Option<Reader>) -> Option<(Vec<Event>, Option<Reader>)> {
    let mut reader = reader?;
    let stopping = reader.app.web.stopping.clone();
    loop {
        tokio::select! {
            change = reader.feed.next() => {
                let (seq, run) = change?;
                let up_to_date = reader.told.is_none() && reader.seen == Some(seq);
                let before = if up_to_date { Some(&run) } else { reader.told.as_ref() };
                let events = written(seq, &changes(before, &run));
                let reader = (!run.status.is_settled()).then(|| Reader { told: Some(run), ..reader });
                return Some((events, reader));
            }
            () = tokio::time::sleep(RECHECK_EVERY) => {
                reader.caller = reader.caller.again(&reader.app.engine).await.ok()?;
                reader.app.engine.run(&reader.caller.who, reader.id).await.ok()?;
            }
            () = stopping.cancelled() => return None,
        }
    }
}

fn written(seq: u64, events: &[RunEvent]) -> Vec<Event> {
    let last = events.len().saturating_sub(1);
    let write = |(at, event): (usize, &RunEvent)| {
        let data = serde_json::to_string(event).unwrap_or_default();
        let written = Event::default().event(event.name()).data(data);
        if at == last { written.id(seq.to_string()) } else { written }
    };
    events.iter().enumerate().map(write).collect()
}
