use super::{close::Close, frames};
use axum::extract::ws::Utf8Bytes;
use engine::{Engine, Error, LogFeed, LogName, MapFeed, Principal};
use futures::{StreamExt, stream, stream::BoxStream};
use types::{Name, event::LogFrame};

/// What a socket is about.
#[derive(Debug)]
pub(super) enum Subject {
    Log { log: LogName, after: u64 },
    Map { map: Name, after: Option<String> },
}

/// The frames of a subject: a stream, since asking a feed for its next frame must not be broken off.
pub(super) type Feed = BoxStream<'static, Frames>;

/// What goes out together.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) texts: Vec<Utf8Bytes>,
    /// Nothing follows.
    pub(super) end: bool,
}

impl Subject {
    pub(super) async fn follow(&self, engine: &Engine, who: &Principal) -> Result<Feed, Error> {
        match self {
            Subject::Log { log, after } => engine.follow_log(who, log, *after).await.map(of_log),
            Subject::Map { map, after } => engine.follow_map(who, map, after.clone()).await.map(of_map),
        }
    }

    /// An error when the right to read it is lost.
    pub(super) async fn may_read(&self, engine: &Engine, who: &Principal) -> Result<(), Error> {
        match self {
            Subject::Log { log, .. } => may_read_log(engine, who, log).await,
            Subject::Map { map, .. } => engine.map(who, map).await.map(drop),
        }
    }

    /// Why a feed ended before its time: a map is removed, a log breaks off for reasons of ours.
    pub(super) fn broken(&self) -> Close {
        match self {
            Subject::Log { .. } => Close::Failed,
            Subject::Map { .. } => Close::NotFound,
        }
    }
}

/// An error when the right to read a log is lost: it is the right to read what it is the log of.
pub(crate) async fn may_read_log(engine: &Engine, who: &Principal, log: &LogName) -> Result<(), Error> {
    match log {
        LogName::Build { build, number } => engine.build_run(who, build, *number).await.map(drop),
        LogName::Item { run, .. } => engine.run(who, *run).await.map(drop),
    }
}

fn of_log(feed: LogFeed) -> Feed {
    let frames = stream::unfold(feed, |mut feed| async move { feed.next().await.map(|frame| (frame, feed)) });
    frames.map(|frame| Frames { end: matches!(frame, LogFrame::End(_)), texts: frames::of_log(frame) }).boxed()
}

fn of_map(feed: MapFeed) -> Feed {
    let frames = stream::unfold(feed, |mut feed| async move { feed.next().await.map(|frame| (frame, feed)) });
    frames.map(|frame| Frames { end: false, texts: frames::of_map(&frame) }).boxed()
}
