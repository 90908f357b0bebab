//! How two images differ in what changes the way a container starts.

use crate::registry::{ConfigSummary, ImageFacts};
use types::plan::PlanDiff;

/// The label that names the commit an image was made from.
const REVISION: &str = "org.opencontainers.image.revision";
/// Labels whose change says something about the image, with their words.
const LABELS: [(&str, &str); 2] =
    [("org.opencontainers.image.base.name", "base image"), ("org.opencontainers.image.source", "source")];
/// Characters of a commit that tell it from others.
const COMMIT_SHORT: usize = 12;

/// Target less source.
pub fn diff(from: &ImageFacts, to: &ImageFacts) -> PlanDiff {
    let size = |facts: &ImageFacts| i64::try_from(facts.size_bytes).unwrap_or(i64::MAX);
    PlanDiff {
        size_bytes: Some(size(to) - size(from)),
        config: config(&from.config, &to.config).into_iter().chain(around(from, to)).collect(),
        commits: commits(from, to),
        from_created_at: from.created_at,
        to_created_at: to.created_at,
        to_size_bytes: Some(to.size_bytes),
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

/// What an image is made for and from.
fn around(from: &ImageFacts, to: &ImageFacts) -> Vec<String> {
    let label = |facts: &ImageFacts, name: &str| facts.labels.get(name).cloned().unwrap_or_default();
    let labels = LABELS.iter().filter_map(|(name, words)| changed(words, &label(from, name), &label(to, name)));
    // The one platform of a plain image is told by its architecture.
    let several = from.platforms.len() > 1 || to.platforms.len() > 1;
    let platforms = if several { set("platform", &from.platforms, &to.platforms) } else { Vec::new() };
    platforms.into_iter().chain(labels).collect()
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

/// A run of a build, as far as it says what is in its image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    pub number: i32,
    pub tag: Option<String>,
    pub commit: Option<String>,
    pub note: Option<String>,
}

/// Lines of commits that are shown; whoever needs more looks into the repository.
const COMMITS_MAX: usize = 50;

/// The runs of one build that lie between two images, newest first. From a later to an earlier one they are what
/// is taken back.
pub fn between(from: i32, to: i32, runs: &[Built]) -> Vec<String> {
    let (low, high, sign) = if from < to { (from, to, "") } else { (to, from, "− ") };
    let mut inside: Vec<&Built> = runs.iter().filter(|run| run.number > low && run.number <= high).collect();
    inside.sort_by_key(|run| std::cmp::Reverse(run.number));
    let mut lines: Vec<String> = inside.iter().map(|run| format!("{sign}{}", line(run))).collect();
    let more = lines.len().saturating_sub(COMMITS_MAX);
    lines.truncate(COMMITS_MAX);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn line(run: &Built) -> String {
    let short = |commit: &String| commit.chars().take(COMMIT_SHORT).collect::<String>();
    let tag = run.tag.as_ref().map(|tag| format!("({tag})"));
    let first = |note: &String| note.lines().next().unwrap_or_default().to_owned();
    let parts = [run.commit.as_ref().map(short), run.note.as_ref().map(first), tag];
    let words: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    format!("#{} {}", run.number, words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{Built, COMMITS_MAX, REVISION, between, diff};
    use crate::registry::{ConfigSummary, ImageFacts};
    use rstest::rstest;

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

    #[test]
    fn tells_ages_and_the_size() {
        let made = |at: i64, size_bytes: u64| ImageFacts {
            created_at: Some(types::Time::from_millis(at)),
            size_bytes,
            ..ImageFacts::default()
        };
        let found = diff(&made(1_000, 10), &made(2_000, 30));
        let ages = [found.from_created_at, found.to_created_at].map(|at| at.map(types::Time::as_millis));
        assert_eq!((ages, found.to_size_bytes), ([Some(1_000), Some(2_000)], Some(30)));
        assert_eq!(diff(&ImageFacts::default(), &ImageFacts::default()).from_created_at, None);
    }

    fn facts(platforms: &[&str], labels: &[(&str, &str)]) -> ImageFacts {
        ImageFacts {
            platforms: platforms.iter().map(|platform| (*platform).to_owned()).collect(),
            labels: labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..ImageFacts::default()
        }
    }

    #[rstest]
    #[case::one_platform_each(facts(&["linux/amd64"], &[]), facts(&["linux/arm64"], &[]), &[])]
    #[case::one_more(facts(&["linux/amd64"], &[]), facts(&["linux/amd64", "linux/arm64"], &[]), &["platform: + linux/arm64"])]
    #[case::one_less(facts(&["linux/amd64", "linux/arm64"], &[]), facts(&["linux/amd64"], &[]), &["platform: − linux/arm64"])]
    #[case::base(
        facts(&[], &[("org.opencontainers.image.base.name", "alpine:3.20")]),
        facts(&[], &[("org.opencontainers.image.base.name", "alpine:3.21")]),
        &["base image: alpine:3.20 → alpine:3.21"]
    )]
    #[case::source(facts(&[], &[]), facts(&[], &[("org.opencontainers.image.source", "https://git.example/web")]), &["source: none → https://git.example/web"])]
    #[case::other_labels_say_nothing(facts(&[], &[("maintainer", "a")]), facts(&[], &[("maintainer", "b")]), &[])]
    fn what_it_is_made_for_and_from(#[case] from: ImageFacts, #[case] to: ImageFacts, #[case] expected: &[&str]) {
        assert_eq!(diff(&from, &to).config, expected);
    }

    fn built(number: i32, commit: &str, note: Option<&str>) -> Built {
        let tag = Some(format!("1.{number}"));
        Built { number, tag, commit: Some(commit.repeat(40)), note: note.map(str::to_owned) }
    }

    #[test]
    fn runs_between_two_images_tell_their_commits() {
        let runs = [
            built(1, "a", None),
            built(2, "b", Some("fix the fair\n\nlong words")),
            built(3, "c", None),
            built(4, "d", None),
        ];
        let (b, c) = ("b".repeat(12), "c".repeat(12));
        let forward = [format!("#3 {c} (1.3)"), format!("#2 {b} fix the fair (1.2)")];
        assert_eq!(between(1, 3, &runs), forward);
        assert_eq!(between(3, 1, &runs), forward.map(|line| format!("− {line}")));
        assert_eq!(between(3, 3, &runs), [""; 0]);
        assert_eq!(between(0, 1, &[Built { number: 1, ..Built::default() }]), ["#1 "]);
    }

    #[test]
    fn a_long_way_is_cut() {
        let runs: Vec<Built> = (1..=70).map(|number| built(number, "a", None)).collect();
        let lines = between(0, 70, &runs);
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (COMMITS_MAX + 1, Some("and 20 more")));
    }
}
