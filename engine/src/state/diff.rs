//! How two images differ in what changes the way a container starts.

use crate::registry::{ConfigSummary, ImageFacts};
use types::plan::PlanDiff;

/// The label that names the commit an image was made from.
const REVISION: &str = "org.opencontainers.image.revision";
/// Characters of a commit that tell it from others.
const COMMIT_SHORT: usize = 12;

/// Target less source.
pub fn diff(from: &ImageFacts, to: &ImageFacts) -> PlanDiff {
    let size = |facts: &ImageFacts| i64::try_from(facts.size_bytes).unwrap_or(i64::MAX);
    PlanDiff {
        size_bytes: Some(size(to) - size(from)),
        config: config(&from.config, &to.config),
        commits: commits(from, to),
    }
}

fn config(from: &ConfigSummary, to: &ConfigSummary) -> Vec<String> {
    let ConfigSummary { entrypoint, cmd, user, ports, env_names, architecture, working_dir } = from;
    let words = [
        changed("entry point", &entrypoint.join(" "), &to.entrypoint.join(" ")),
        changed("command", &cmd.join(" "), &to.cmd.join(" ")),
        changed("user", user, &to.user),
        changed("working folder", working_dir, &to.working_dir),
        changed("architecture", architecture, &to.architecture),
    ];
    let sets = set("port", ports, &to.ports).into_iter().chain(set("environment", env_names, &to.env_names));
    words.into_iter().flatten().chain(sets).collect()
}

fn changed(what: &str, from: &str, to: &str) -> Option<String> {
    let shown = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    (from != to).then(|| format!("{what}: {} → {}", shown(from), shown(to)))
}

fn set(what: &str, from: &[String], to: &[String]) -> Vec<String> {
    let gone = from.iter().filter(|name| !to.contains(name)).map(|name| format!("{what}: − {name}"));
    let new = to.iter().filter(|name| !from.contains(name)).map(|name| format!("{what}: + {name}"));
    gone.chain(new).collect()
}

fn commits(from: &ImageFacts, to: &ImageFacts) -> Vec<String> {
    let of = |facts: &ImageFacts| facts.labels.get(REVISION).map(|commit| commit.chars().take(COMMIT_SHORT).collect());
    let (before, after): (Option<String>, Option<String>) = (of(from), of(to));
    match (before, after) {
        (Some(before), Some(after)) if before != after => vec![format!("{before} → {after}")],
        (None, Some(after)) => vec![after],
        (Some(_), Some(_)) | (_, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{REVISION, diff};
    use crate::registry::{ConfigSummary, ImageFacts};

    #[test]
    fn tells_what_changes_the_start() {
        let before = ImageFacts {
            size_bytes: 10,
            labels: [(REVISION.to_owned(), "a".repeat(40))].into(),
            config: ConfigSummary {
                user: "root".to_owned(),
                ports: vec!["80/tcp".to_owned()],
                env_names: vec!["A".to_owned(), "PATH".to_owned()],
                ..ConfigSummary::default()
            },
            ..ImageFacts::default()
        };
        let after = ImageFacts {
            size_bytes: 7,
            labels: [(REVISION.to_owned(), "b".repeat(40))].into(),
            config: ConfigSummary {
                entrypoint: vec!["/app".to_owned()],
                ports: vec!["8080/tcp".to_owned()],
                env_names: vec!["PATH".to_owned()],
                ..ConfigSummary::default()
            },
            ..ImageFacts::default()
        };
        let found = diff(&before, &after);
        assert_eq!(found.size_bytes, Some(-3));
        let expected =
            ["entry point: none → /app", "user: root → none", "port: − 80/tcp", "port: + 8080/tcp", "environment: − A"];
        assert_eq!(found.config, expected);
        assert_eq!(found.commits, [format!("{} → {}", "a".repeat(12), "b".repeat(12))]);
        assert_eq!(diff(&before, &before).config, [""; 0]);
    }
}
