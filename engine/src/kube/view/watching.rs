//! The watch of one kind: lists, follows, and begins again whenever anything is wrong.
//!
//! After an error the list is always read anew instead of resuming: what was missed is then found by comparison,
//! and that the cluster answers again is known at once.

use super::{
    health::{Contact, Health},
    read::Watched,
    store::{Kind, Record, Store},
};
use crate::kube::{Change, failure};
use ::kube::{
    Api, Client,
    runtime::watcher::{self, Config, Event, watcher},
};
use futures::{Stream, StreamExt};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// After this time the API server ends a watch and it is resumed: a connection that died without a word is noticed
/// no later. Under five minutes, where proxies begin to cut connections.
const WATCH_SECONDS: u32 = 240;
/// Objects per page: a page is in memory whole, and pods are some 10 kB each.
const PAGE: u32 = 100;
/// A list that brings nothing for so long has stalled.
const LIST_STALLED: Duration = Duration::from_secs(30);
/// First and longest pause between tries. Short, since "heals by itself" is what people wait for.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LONGEST: Duration = Duration::from_secs(5);
/// A missing right may be granted; nobody waits for it by the second.
const FORBIDDEN_RETRY: Duration = Duration::from_secs(60);

/// What the watches of a cluster share.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) client: Client,
    pub(super) store: Arc<Store>,
    pub(super) health: Arc<Health>,
    /// Counts up when every watch shall begin anew.
    pub(super) restarts: watch::Receiver<u64>,
}

/// Why a watch ended.
#[derive(Debug)]
pub(super) enum End {
    Restarted,
    Forbidden,
    Broken { error: String, listed: bool },
}

/// Settings of every watch; `fields` narrows it.
pub(super) fn config(fields: Option<&str>) -> Config {
    let config = Config::default().timeout(WATCH_SECONDS).page_size(PAGE);
    match fields {
        Some(fields) => config.fields(fields),
        None => config,
    }
}

/// Watches one kind in all namespaces for as long as the view lives.
pub(super) async fn watch_kind<K: Watched>(mut site: Site, kind: Kind, right: &'static str) {
    let api = Api::<K>::all(site.client.clone());
    let mut failures = 0;
    loop {
        let end = follow(&api, &mut site, kind).await;
        let pause = match end {
            End::Restarted => Duration::ZERO,
            End::Forbidden => {
                site.report(kind, Contact::Forbidden(right.to_owned()));
                FORBIDDEN_RETRY
            }
            End::Broken { error, listed } => {
                failures = if listed { 1 } else { failures + 1 };
                tracing::debug!(right, error, failures, "a watch broke");
                // One that breaks after it had listed is tried again before anybody is told.
                if !listed {
                    site.report(kind, Contact::Broken(error));
                }
                pause(failures)
            }
        };
        site.pause(pause).await;
    }
}

/// One list and its watch, until something is wrong.
async fn follow<K: Watched>(api: &Api<K>, site: &mut Site, kind: Kind) -> End {
    let mut stream = pin!(watcher(api.clone(), config(None)));
    let mut listing: Vec<Record> = Vec::new();
    let mut listed = false;
    loop {
        let event = match next(&mut stream, &mut site.restarts, listed).await {
            Ok(event) => event,
            Err(end) => return end,
        };
        match event {
            Event::Init => (listing, listed) = (Vec::new(), false),
            Event::InitApply(object) => listing.extend(object.record()),
            Event::InitDone => {
                site.store.replace(kind, std::mem::take(&mut listing));
                site.report(kind, Contact::Listed);
                listed = true;
            }
            Event::Apply(object) => {
                if let Some(record) = object.record() {
                    site.store.put(kind, record);
                }
            }
            Event::Delete(object) => {
                if let Some(record) = object.record() {
                    site.store.remove(kind, &record);
                }
            }
        }
    }
}

/// The next event, or why there will be none. Only a list must keep moving; a watch may be silent.
pub(super) async fn next<T>(
    stream: &mut (impl Stream<Item = Result<Event<T>, watcher::Error>> + Unpin),
    restarts: &mut watch::Receiver<u64>,
    listed: bool,
) -> Result<Event<T>, End> {
    let event = async { if listed { Ok(stream.next().await) } else { timeout(LIST_STALLED, stream.next()).await } };
    let event = tokio::select! {
        event = event => event,
        _ = restarts.changed() => return Err(End::Restarted),
    };
    match event {
        Ok(Some(Ok(event))) => Ok(event),
        Ok(Some(Err(error))) => Err(end(&error, listed)),
        Ok(None) => Err(End::Broken { error: "The watch ended.".to_owned(), listed }),
        Err(_) => Err(End::Broken { error: format!("No answer within {} s.", LIST_STALLED.as_secs()), listed }),
    }
}

fn end(error: &watcher::Error, listed: bool) -> End {
    let error = match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => {
            if failure::is_forbidden(error) {
                return End::Forbidden;
            }
            failure::words(error)
        }
        watcher::Error::WatchError(status) if status.code == 403 => return End::Forbidden,
        watcher::Error::WatchError(status) => format!("{} ({})", status.message, status.code),
        watcher::Error::NoResourceVersion => "The list has no resource version.".to_owned(),
    };
    End::Broken { error, listed }
}

/// Doubles from try to try.
pub(super) fn pause(failures: u32) -> Duration {
    let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    RETRY_FIRST.saturating_mul(factor).min(RETRY_LONGEST)
}

impl Site {
    /// Waits, or until every watch shall begin anew.
    pub(super) async fn pause(&mut self, time: Duration) {
        tokio::select! {
            () = sleep(time) => {}
            _ = self.restarts.changed() => {}
        }
    }

    pub(super) fn forbidden_pause() -> Duration {
        FORBIDDEN_RETRY
    }

    fn report(&self, kind: Kind, contact: Contact) {
        if self.health.contact(kind, contact) {
            self.store.announce(Change::Status);
        }
    }
}
