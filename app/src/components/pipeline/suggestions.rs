//! What the lists suggest: tags of a repository, runs of a build.

use super::suggest::{List, Suggestion};
use crate::{
    api::{Answer, builds::build_runs, connections::tags},
    clock::Clock,
    format, text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    Digest, Name,
    build_run::{BuildRun, BuildRunStatus},
    registry::TagFacts,
};

/// What is asked of a registry.
#[derive(Clone, Debug)]
pub(crate) struct TagsAsked {
    pub(crate) registry: Name,
    pub(crate) repository: String,
    pub(crate) query: String,
    /// The tag that runs.
    pub(crate) now: Option<String>,
}

/// The tags, and what stands above them.
pub(crate) async fn tags_of(asked: TagsAsked, clock: Clock) -> Answer<(String, Vec<Suggestion>)> {
    let TagsAsked { registry, repository, query, now } = asked;
    let page = tags(registry, repository, query.clone()).await?;
    let heading = text::newest_tags(page.items.len(), &query, page.next_cursor.is_some());
    Ok((heading, page.items.into_iter().map(|facts| tag(facts, now.as_deref(), clock)).collect()))
}

/// Fills an open list with the newest successful runs of a build.
pub(crate) fn show_runs(list: List, build: Name, deployed: Option<Digest>, clock: Clock) {
    spawn_local(async move {
        match runs_of(build, deployed, clock).await {
            Ok(runs) => {
                list.items.try_set(runs);
                list.heading.try_set(text::newest_first().to_owned());
            }
            Err(error) => drop(list.heading.try_set(error.detail)),
        }
    });
}

async fn runs_of(build: Name, deployed: Option<Digest>, clock: Clock) -> Answer<Vec<Suggestion>> {
    let page = build_runs(build, None).await?;
    let succeeded = page.items.into_iter().filter(|run| run.status == BuildRunStatus::Succeeded);
    Ok(succeeded.map(|found| run(found, deployed.as_ref(), clock)).collect())
}

/// `1.27.3`, and `6 min, 38.1 MB`
fn tag(facts: TagFacts, now: Option<&str>, clock: Clock) -> Suggestion {
    let TagFacts { tag, digest: _, created_at, size_bytes } = facts;
    let age = created_at.map(|at| untrack(|| clock.age(at)));
    let size = size_bytes.map(format::size);
    let about = age.into_iter().chain(size).collect::<Vec<_>>().join(", ");
    let label = (now == Some(tag.as_str())).then(text::runs_now);
    Suggestion { value: tag.clone(), name: tag, label, about, dim: false }
}

/// `2.4-00042`, and `#42, 6 min, 38.1 MB, 9f3c2ab, ci: release 42`
fn run(run: BuildRun, deployed: Option<&Digest>, clock: Clock) -> Suggestion {
    let age = run.ended_at.map(|at| untrack(|| clock.age(at)));
    let size = run.size_bytes.map(format::size);
    let commit = run.commit.as_deref().map(|commit| commit.chars().take(7).collect::<String>());
    let who = match &run.note {
        Some(note) => format!("{}: {note}", run.requested_by),
        None => run.requested_by.clone(),
    };
    let facts = [Some(format!("#{}", run.number)), age, size, commit, Some(who)];
    let label = match (run.rejected, deployed.is_some() && run.digest.as_ref() == deployed) {
        (true, _) => Some(text::rejected()),
        (false, true) => Some(text::runs_now()),
        (false, false) => None,
    };
    Suggestion {
        value: run.number.to_string(),
        name: run.tag.unwrap_or_else(|| format!("#{}", run.number)),
        label,
        about: facts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        dim: run.rejected,
    }
}
