//! Versions in the page's address: `?v=deployment/web/app~tag~1.27.3`, as often as needed.

use super::board::Board;
use leptos::prelude::*;
use types::{Digest, TaskId, Version, version::BuildParams, version::True};

/// Between the parts: not part of a Kubernetes name or of a tag.
const MARK: char = '~';

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

/// The inverse of `parse`; `None` for a restart, which no link asks for.
pub(crate) fn write(task: &TaskId, version: &Version) -> Option<String> {
    let (source, value) = match version {
        Version::Tag(tag) => ("tag", tag.clone()),
        Version::Digest(digest) => ("digest", digest.to_string()),
        Version::BuildRun(number) => ("appointed", number.to_string()),
        Version::Latest(_) => ("latest", String::new()),
        Version::Build(params) => ("build", params.reference.clone().unwrap_or_default()),
        Version::Restart(_) => return None,
    };
    let end = if value.is_empty() { String::new() } else { format!("{MARK}{value}") };
    Some(format!("{task}{MARK}{source}{end}"))
}

/// The address of a page of the map with the versions that stand on the board.
pub(crate) fn address(board: Board, page: &str) -> String {
    let versions = untrack(move || board.chosen_rows()).into_iter().filter_map(|row| {
        let version = untrack(move || row.version())?;
        write(&row.id(), &version)
    });
    let query: Vec<String> =
        versions.map(|version| format!("v={}", leptos_router::location::Url::escape(&version))).collect();
    let origin = window().location().origin().unwrap_or_default();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{origin}/maps/{}/{page}{mark}{}", board.map.get_value(), query.join("&"))
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
