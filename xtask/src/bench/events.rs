//! The events of a run, as CI follows them.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use super::feed::Feed;
use crate::client::Client;

/// An event's name and data.
type Event = (String, String);

pub(super) struct Events(Feed<Event>);

impl Events {
    pub(super) fn of_run(client: &Client, id: &str) -> Result<Self> {
        let lines = client.lines(&format!("/runs/{id}/events"))?;
        Ok(Self(Feed::of(events(lines.map_while(Result::ok)))))
    }

    /// When an event of this name came that `wanted` finds something in, and what.
    pub(super) fn until<R>(
        &self,
        name: &str,
        patience: Duration,
        wanted: impl Fn(&Value) -> Option<R>,
    ) -> Result<(Instant, R)> {
        self.0.until(&format!("the event `{name}`"), patience, |arrival| {
            let (of, data) = &arrival.what;
            let data = (of == name).then(|| serde_json::from_str(data).ok()).flatten()?;
            wanted(&data).map(|found| (arrival.at, found))
        })
    }
}

/// `event:` and `data:` up to an empty line; an event without data is a comment or an id.
fn events(lines: impl Iterator<Item = String> + Send) -> impl Iterator<Item = Event> + Send {
    let mut name = String::new();
    let mut data = String::new();
    lines.filter_map(move |line| {
        if let Some(value) = line.strip_prefix("event:") {
            value.trim_start().clone_into(&mut name);
        } else if let Some(value) = line.strip_prefix("data:") {
            data.push_str(value.trim_start());
        } else if line.is_empty() && !data.is_empty() {
            return Some((std::mem::take(&mut name), std::mem::take(&mut data)));
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::events;

    #[test]
    fn events_end_with_an_empty_line() {
        let text = ": hello\n\nevent: phase\ndata: {\"n\":1}\n\nevent: end\ndata: {}\nid: 7\n\nevent: cut";
        let read: Vec<_> = events(text.lines().map(str::to_owned)).collect();
        let of = |name: &str, data: &str| (name.to_owned(), data.to_owned());
        assert_eq!(read, [of("phase", "{\"n\":1}"), of("end", "{}")]);
    }
}
