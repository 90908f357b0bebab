//! What Slipway is connected to, and whether it answers.

use crate::{
    api::connections::AllConnections,
    components::{
        any::view,
        icon::icon,
        state::{self, state},
    },
    text,
};
use leptos::prelude::*;
use types::{Name, Time, cluster::Reach};

/// One connection, of whatever kind.
struct Line {
    icon: &'static str,
    name: Name,
    kind: &'static str,
    address: String,
    version: Option<String>,
    state: Reach,
    since: Option<Time>,
    error: Option<String>,
    /// What uses it, as in `builds/web`.
    used_by: Vec<String>,
}

/// See the module; nothing while there is none.
#[component]
pub(crate) fn Known(all: AllConnections) -> impl IntoView {
    let AllConnections { clusters, registries, engines, found_clusters: _, found_engines: _ } = all;
    let clusters = clusters.into_iter().map(|it| Line {
        icon: "cluster",
        name: it.name,
        kind: text::cluster(),
        address: it.server,
        version: it.version,
        state: it.state,
        since: it.since,
        error: it.error,
        used_by: Vec::new(),
    });
    let registries = registries.into_iter().map(|it| Line {
        icon: "registry",
        name: it.name,
        kind: text::registry(),
        address: it.url,
        version: None,
        state: it.state,
        since: it.since,
        error: it.error,
        used_by: it.used_by,
    });
    let engines = engines.into_iter().map(|it| Line {
        icon: "engine",
        name: it.name,
        kind: text::engine(),
        address: it.url,
        version: it.version,
        state: it.state,
        since: it.since,
        error: it.error,
        used_by: Vec::new(),
    });
    let lines: Vec<_> = clusters.chain(registries).chain(engines).map(line).collect();
    (!lines.is_empty()).then(|| view! { <ul class="start-list card">{lines}</ul> })
}

fn line(line: Line) -> AnyView {
    let Line { icon: mark, name, kind, address, version, state: reach, since, error, used_by } = line;
    let look = match reach {
        Reach::Reachable => state::OK,
        Reach::Unknown => state::QUEUED,
        Reach::Unreachable => state::WARN,
    };
    let words = move || match reach {
        Reach::Reachable => text::answers(version.as_deref()),
        Reach::Unknown => text::not_contacted().to_owned(),
        Reach::Unreachable => {
            let since = since.map(|since| crate::clock::clock().moment(since));
            text::does_not_answer(since.as_deref(), error.as_deref())
        }
    };
    view! {
        <li class="row wrap">
            {icon(mark)}
            <span class="clip"><strong>{name.to_string()}</strong>" "<span class="sub">{kind}", "{address}</span></span>
            <span class="sub push">{state(look, words)}</span>
            {(!used_by.is_empty()).then(|| uses(&used_by))}
        </li>
    }
}

/// What uses a connection, folded, since it may be hundreds.
fn uses(used_by: &[String]) -> AnyView {
    let builds = used_by.iter().filter(|user| user.starts_with("builds/")).count();
    let links: Vec<_> = used_by.iter().map(|user| view! { <li>{link(user)}</li> }).collect();
    view! {
        <details class="whole sub">
            <summary>{text::used_by_so_many(builds, used_by.len() - builds)}</summary>
            <ul class="uses">{links}</ul>
        </details>
    }
}

fn link(user: &str) -> AnyView {
    let (href, words) = match user.split_once("/tasks/") {
        Some((map, task)) => (format!("/{map}"), format!("{}: {task}", map.trim_start_matches("maps/"))),
        None => (format!("/{user}/runs"), user.to_owned()),
    };
    view! { <a href=href>{words}</a> }
}
