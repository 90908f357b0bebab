//! Versions in the page's address: `?v=deployment/web/app~tag~1.27.3`, as often as needed.
//!
//! What an address does not hold is stored as a plan, which has an address of its own.

use super::board::{Board, Row};
use crate::{
    api::{Answer, maps::plan},
    reactive::effect,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    Digest, TaskId, Version,
    plan::Plan,
    run::{NewItem, NewRun, OnBlocked},
    version::{BuildParams, True},
};

/// Between the parts: not part of a Kubernetes name or of a tag.
const MARK: char = '~';
/// Longer addresses are cut by some proxies and chats.
const LONGEST: usize = 4096;

/// A version in the address; `None` for what is not understood.
pub(crate) fn parse(text: &str) -> Option<(TaskId, Version)> {
    let mut parts = text.splitn(3, MARK);
    let task = parts.next()?.parse().ok()?;
    let source = parts.next()?;
    let value = parts.next().unwrap_or_default();
    let version = match (source, value) {
        ("latest", "") => Version::Latest(True),
        ("build", reference) => {
            let reference = (!reference.is_empty()).then(|| reference.to_owned());
            Version::Build(BuildParams { reference, ..BuildParams::default() })
        }
        (_, "") => return None,
        ("tag", tag) => Version::Tag(tag.to_owned()),
        ("digest", digest) => Version::Digest(Digest::parse(digest).ok()?),
        ("appointed", number) => Version::BuildRun(number.parse().ok()?),
        _ => return None,
    };
    Some((task, version))
}

/// The inverse of `parse`; `None` for what an address does not say: a restart, and how to build.
pub(crate) fn write(task: &TaskId, version: &Version) -> Option<String> {
    let (source, value) = match version {
        Version::Tag(tag) => ("tag", tag.clone()),
        Version::Digest(digest) => ("digest", digest.to_string()),
        Version::BuildRun(number) => ("appointed", number.to_string()),
        Version::Latest(_) => ("latest", String::new()),
        Version::Build(params) => {
            let BuildParams { reference, tag, build_args, no_cache, params } = params;
            if tag.is_some() || !build_args.is_empty() || *no_cache || !params.is_empty() {
                return None;
            }
            ("build", reference.clone().unwrap_or_default())
        }
        Version::Restart(_) => return None,
    };
    let end = if value.is_empty() { String::new() } else { format!("{MARK}{value}") };
    Some(format!("{task}{MARK}{source}{end}"))
}

/// The address of a page of the map with the versions that stand on the board; the run that asks for them where
/// an address does not hold them.
pub(crate) fn address(board: Board, page: &str) -> Result<String, NewRun> {
    let chosen = untrack(move || board.chosen_rows()).into_iter();
    let chosen: Vec<(TaskId, Version)> =
        chosen.filter_map(|row| Some((row.id(), untrack(move || row.version())?))).collect();
    let written: Option<Vec<String>> = chosen.iter().map(|(task, version)| write(task, version)).collect();
    let origin = window().location().origin().unwrap_or_default();
    let address = written.map(|versions| {
        let escape = |version: &String| format!("v={}", leptos_router::location::Url::escape(version));
        let query: Vec<String> = versions.iter().map(escape).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{origin}/maps/{}/{page}{mark}{}", board.map.get_value(), query.join("&"))
    });
    address.filter(|address| address.len() <= LONGEST).ok_or_else(|| run_of(chosen))
}

fn run_of(chosen: Vec<(TaskId, Version)>) -> NewRun {
    let item = |(task, version)| NewItem {
        task: Some(task),
        repository: None,
        version,
        wave: None,
        deadline_ms: None,
        seen: None,
    };
    NewRun { items: Some(chosen.into_iter().map(item).collect()), on_blocked: OnBlocked::Skip, ..NewRun::default() }
}

/// Puts the versions of the address before the stored ones, and asks what they would do.
pub(super) fn show(board: Board, versions: &[String]) {
    let rows = untrack(move || board.rows());
    let mut items = Vec::new();
    for (task, version) in versions.iter().filter_map(|text| parse(text)) {
        if let Some(row) = rows.iter().find(|row| row.id() == task) {
            row.from_link.set(Some(version.clone()));
            items.push(NewItem {
                task: Some(task),
                repository: None,
                version,
                wave: None,
                deadline_ms: None,
                seen: None,
            });
        }
    }
    effect(move || {
        let new = NewRun { items: Some(items.clone()), on_blocked: OnBlocked::Skip, ..NewRun::default() };
        let rows = rows.clone();
        spawn_local(async move { show_plan(&rows, plan(board.map.get_value(), new).await) });
    });
}

fn show_plan(rows: &[Row], answer: Answer<Plan>) {
    match answer {
        Ok(plan) => {
            for item in plan.items {
                if let Some(row) = rows.iter().find(|row| row.id() == item.task) {
                    row.planned.try_set(Some(item.into()));
                }
            }
        }
        Err(error) => rows.iter().filter(|row| row.from_link.try_get_untracked().flatten().is_some()).for_each(|row| {
            row.error.try_set(Some(error.clone()));
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("deployment/web/app~tag~1.27.3")]
    #[case("statefulset/store/store~appointed~41")]
    #[case("cronjob/report/report~latest")]
    #[case("deployment/api/api~build~main")]
    #[case("deployment/api/api~build")]
    #[case("deployment/api/api~digest~sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    fn come_back(#[case] link: &str) {
        let (task, version) = parse(link).expect("a version");
        assert_eq!(write(&task, &version).as_deref(), Some(link));
    }

    #[test]
    fn how_to_build_is_not_said() {
        let (task, _) = parse("deployment/api/api~build").expect("a version");
        let params = BuildParams { no_cache: true, ..BuildParams::default() };
        assert_eq!(write(&task, &Version::Build(params)), None);
        assert_eq!(write(&task, &Version::Restart(True)), None);
    }

    #[rstest]
    #[case("deployment/web~tag~1")]
    #[case("deployment/web/app~tag~")]
    #[case("deployment/web/app~appointed~x")]
    #[case("deployment/web/app~digest~sha256:1")]
    #[case("deployment/web/app~restart~1")]
    #[case("")]
    fn are_passed_over(#[case] link: &str) {
        assert_eq!(parse(link), None);
    }
}
