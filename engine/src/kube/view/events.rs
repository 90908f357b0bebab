//! Warning events of a namespace, watched only while somebody follows a rollout there.

use super::watching::{End, Site, config, next, pause};
use crate::kube::{Change, pod::EventView};
use ::kube::{
    Api,
    runtime::watcher::{Event as WatchEvent, watcher},
};
use k8s_openapi::api::core::v1::Event;
use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use types::Time;

const RIGHT: &str = "list events";

/// Longest text that is kept of an event.
const MESSAGE_MAX: usize = 2_000;

/// The namespaces whose events are followed, with how many follow them.
pub(super) struct Followed {
    site: Site,
    namespaces: Mutex<HashMap<String, (usize, DropGuard)>>,
}

/// Keeps the warning events of a namespace watched while it lives.
pub struct EventsGuard {
    followed: Arc<Followed>,
    namespace: String,
}

impl Followed {
    pub(super) fn new(site: Site) -> Self {
        Self { site, namespaces: Mutex::default() }
    }

    pub(super) fn follow(self: &Arc<Self>, namespace: &str) -> EventsGuard {
        let mut namespaces = self.namespaces.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, _) = namespaces.entry(namespace.to_owned()).or_insert_with(|| (0, self.start(namespace)));
        *count += 1;
        EventsGuard { followed: self.clone(), namespace: namespace.to_owned() }
    }

    fn start(&self, namespace: &str) -> DropGuard {
        let token = CancellationToken::new();
        let watching = watch_events(self.site.clone(), namespace.to_owned());
        tokio::spawn(token.clone().run_until_cancelled_owned(watching));
        token.drop_guard()
    }
}

impl Drop for EventsGuard {
    fn drop(&mut self) {
        let mut namespaces = self.followed.namespaces.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((count, _)) = namespaces.get_mut(&self.namespace) else { return };
        *count -= 1;
        if *count == 0 {
            namespaces.remove(&self.namespace);
            self.followed.site.store.forget_events(&self.namespace);
        }
    }
}

async fn watch_events(mut site: Site, namespace: String) {
    let mut failures = 0;
    loop {
        let end = follow(&mut site, &namespace).await;
        let time = match end {
            End::Restarted => Duration::ZERO,
            End::Forbidden => {
                right(&site, true);
                Site::forbidden_pause()
            }
            End::Broken { error, listed } => {
                failures = if listed { 1 } else { failures + 1 };
                tracing::debug!(namespace, error, failures, "the watch of events broke");
                pause(failures)
            }
        };
        site.pause(time).await;
    }
}

async fn follow(site: &mut Site, namespace: &str) -> End {
    let api = Api::<Event>::namespaced(site.client.clone(), namespace);
    let mut stream = pin!(watcher(api, config(Some("type=Warning"))));
    let mut listing = Vec::new();
    let mut listed = false;
    loop {
        let event = match next(&mut stream, &mut site.restarts, listed).await {
            Ok(event) => event,
            Err(end) => return end,
        };
        match event {
            WatchEvent::Init => (listing, listed) = (Vec::new(), false),
            WatchEvent::InitApply(object) => listing.push(view(object)),
            WatchEvent::InitDone => {
                site.store.put_events(namespace, std::mem::take(&mut listing), true);
                right(site, false);
                listed = true;
            }
            WatchEvent::Apply(object) => site.store.put_events(namespace, vec![view(object)], false),
            // Events go by age; what they said stays true as long as their pod is there.
            WatchEvent::Delete(_) => {}
        }
    }
}

fn right(site: &Site, missing: bool) {
    if site.health.right(RIGHT, missing) {
        site.store.announce(Change::Status);
    }
}

fn view(event: Event) -> (String, EventView) {
    let subject = event.involved_object;
    let series = event.series;
    let series_count = series.as_ref().and_then(|series| series.count);
    let series_at = series.and_then(|series| series.last_observed_time).map(|time| Time::from(time.0));
    let count = event.count.or(series_count).and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
    let last_at = event.last_timestamp.map(|time| Time::from(time.0)).or(series_at);
    let last_at = last_at.or_else(|| event.event_time.map(|time| Time::from(time.0)));
    let mut message = event.message.unwrap_or_default();
    message.truncate(message.floor_char_boundary(MESSAGE_MAX));
    let view = EventView {
        subject_kind: subject.kind.unwrap_or_default(),
        subject_name: subject.name.unwrap_or_default(),
        subject_uid: subject.uid.unwrap_or_default(),
        container: subject.field_path.as_deref().and_then(container),
        reason: event.reason.unwrap_or_default(),
        message,
        count,
        last_at,
    };
    (event.metadata.name.unwrap_or_default(), view)
}

/// From `spec.containers{app}` or `spec.initContainers{migrate}`.
fn container(path: &str) -> Option<String> {
    let (_, name) = path.split_once('{')?;
    Some(name.strip_suffix('}')?.to_owned())
}
