//! `…/log.txt`: a log as raw text, whole, in part, or as it grows.

use super::{Answer, Problem, range::Range};
use crate::{
    auth::{Caller, RECHECK_EVERY},
    state::AppState,
    ws::may_read_log,
};
use axum::{body::Body, http::HeaderMap, response::IntoResponse};
use engine::{LogName, LogText};
use futures::StreamExt;
use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, IF_RANGE, RANGE},
};
use serde::Deserialize;
use types::ErrorCode;
use utoipa::IntoParams;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// How the text is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TextQuery {
    /// Goes on until the log ends; not together with `Range`.
    #[serde(default)]
    follow: bool,
    /// Without escape sequences.
    #[serde(default)]
    plain: bool,
}

pub(super) async fn text(app: AppState, caller: Caller, log: LogName, query: TextQuery, headers: &HeaderMap) -> Answer {
    let range = wanted_range(headers);
    if query.follow && range.is_some() {
        return Err(Problem::field("follow", "cannot be combined with the header Range"));
    }
    match range {
        // The length of the text without its escape sequences is not known before it is read, so
        // that form is always given whole.
        Some(range) if !query.plain => part(&app, &caller, &log, range).await,
        _ => {
            let text = app.engine.log_text(&caller.who, &log, None, query.plain, query.follow).await?;
            let headers = [(CONTENT_TYPE, TEXT), (ACCEPT_RANGES, HeaderValue::from_static("bytes")), name(&log)];
            Ok((headers, body(app, caller, log, text)).into_response())
        }
    }
}

/// A range that depends on a validator is ignored: a log has none, it only grows.
fn wanted_range(headers: &HeaderMap) -> Option<Range> {
    if headers.contains_key(IF_RANGE) {
        return None;
    }
    Range::parse(headers.get(RANGE)?.to_str().ok()?)
}

async fn part(app: &AppState, caller: &Caller, log: &LogName, range: Range) -> Answer {
    let LogText { total_bytes, complete, .. } =
        app.engine.log_text(&caller.who, log, Some((0, 0)), false, false).await?;
    let Some((from, to)) = range.within(total_bytes) else {
        let problem = Problem::new(ErrorCode::RangeNotSatisfiable, format!("The log has {total_bytes} bytes."));
        return Ok(([(CONTENT_RANGE, format!("bytes */{total_bytes}"))], problem).into_response());
    };
    let text = app.engine.log_text(&caller.who, log, Some((from, to)), false, false).await?;
    let total = if complete { total_bytes.to_string() } else { "*".to_owned() };
    let headers = [
        (CONTENT_TYPE, TEXT),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (CONTENT_LENGTH, HeaderValue::from(to - from)),
        name(log),
    ];
    let content_range = [(CONTENT_RANGE, format!("bytes {from}-{}/{total}", to - 1))];
    let body = body(app.clone(), caller.clone(), log.clone(), text);
    Ok((StatusCode::PARTIAL_CONTENT, headers, content_range, body).into_response())
}

/// The name under which a browser stores it.
fn name(log: &LogName) -> (http::HeaderName, HeaderValue) {
    let file = match log {
        LogName::Build { build, number } => format!("{build}-{number}.log"),
        LogName::Item { run, n } => format!("{run}-{n}.log"),
    };
    let value = HeaderValue::from_str(&format!("inline; filename=\"{file}\""));
    (CONTENT_DISPOSITION, value.unwrap_or_else(|_| HeaderValue::from_static("inline")))
}

/// The text as it comes; it ends early with Slipway and with the reader's rights, and then the
/// connection breaks off, so that nobody takes a cut log for a whole one.
fn body(app: AppState, caller: Caller, log: LogName, text: LogText) -> Body {
    let stopping = app.web.stopping.clone();
    let over = async move {
        tokio::select! {
            () = stopping.cancelled() => "Slipway is stopping",
            () = right_lost(app, caller, log) => "the right to read was lost",
        }
    };
    let cut = futures::stream::once(over).map(|why| Err(std::io::Error::other(why)));
    let whole = text.stream.map(|chunk| chunk.map_err(std::io::Error::other)).map(Some);
    let whole = whole.chain(futures::stream::iter([None]));
    let either = futures::stream::select(whole, cut.map(Some));
    let until_done = either.take_while(|chunk| std::future::ready(chunk.is_some())).filter_map(std::future::ready);
    Body::from_stream(until_done)
}

async fn right_lost(app: AppState, mut caller: Caller, log: LogName) {
    loop {
        tokio::time::sleep(RECHECK_EVERY).await;
        let Ok(again) = caller.again(&app.engine).await else { return };
        caller = again;
        if may_read_log(&app.engine, &caller.who, &log).await.is_err() {
            return;
        }
    }
}
