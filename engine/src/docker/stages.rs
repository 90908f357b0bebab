//! What BuildKit's progress tells of the image's last stage: its base, and how much was put on it.
//!
//! Its names of instructions are made from the Dockerfile as it was resolved, as in
//! `[build 1/3] FROM docker.io/library/alpine:3@sha256:…`. What they leave open stays unknown.

use bollard::moby::buildkit::v1::Vertex;
use regex::Regex;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use types::{Digest, build_run::BaseImage};

/// Instructions of a build that are looked at: Dockerfiles have some dozens.
const MOST: usize = 10_000;

/// Platform, stage, number, count and text of an instruction; stages without a name have none.
static INSTRUCTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\[(?:[^\s/\]]+/[^\s\]]+ +)?(?:(?P<stage>[^\s\]]+) +)?(?P<number>\d+)/(?P<count>\d+)\] (?P<text>.*)$")
        .expect("a pattern")
});

/// The last stage of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastStage {
    /// None: another stage, nothing at all, or not known.
    pub base: Option<BaseImage>,
    /// Instructions on top of the base, each of which may have made a layer.
    pub instructions: usize,
}

/// The instructions of a build.
#[derive(Default)]
pub(super) struct Stages {
    instructions: HashMap<String, Instruction>,
}

struct Instruction {
    stage: String,
    first: bool,
    count: usize,
    text: String,
    inputs: Vec<String>,
}

impl Stages {
    pub(super) fn note(&mut self, vertex: &Vertex) {
        if self.instructions.len() >= MOST || self.instructions.contains_key(&vertex.digest) {
            return;
        }
        let Some(parts) = INSTRUCTION.captures(&vertex.name) else { return };
        let Ok(count) = parts["count"].parse() else { return };
        let instruction = Instruction {
            stage: parts.name("stage").map_or(String::new(), |stage| stage.as_str().to_owned()),
            first: &parts["number"] == "1",
            count,
            text: parts["text"].to_owned(),
            inputs: vertex.inputs.clone(),
        };
        self.instructions.insert(vertex.digest.clone(), instruction);
    }

    /// The stage whose results no other instruction takes; none if that is more than one.
    pub(super) fn last(&self) -> Option<LastStage> {
        let taken: HashSet<&String> = self.instructions.values().flat_map(|known| &known.inputs).collect();
        let ends = self.instructions.iter().filter(|(digest, _)| !taken.contains(digest));
        let mut ends = ends.map(|(_, known)| (known.stage.as_str(), known.count));
        let last = ends.next()?;
        if ends.any(|other| other != last) {
            return None;
        }
        let (stage, count) = last;
        let first = self.instructions.values().filter(|known| known.stage == stage && known.first);
        let bases: HashSet<&str> = first.filter_map(|known| known.text.strip_prefix("FROM ")).collect();
        let mut bases = bases.into_iter();
        match (bases.next(), bases.next()) {
            (None, _) => Some(LastStage { base: None, instructions: count }),
            (Some(base), None) => Some(LastStage { base: Some(named(base)), instructions: count.saturating_sub(1) }),
            // One of several platforms' images, each with a name of its own.
            (Some(_), Some(_)) => Some(LastStage { base: None, instructions: count.saturating_sub(1) }),
        }
    }
}

fn named(base: &str) -> BaseImage {
    let (name, digest) = base.split_once('@').unwrap_or((base, ""));
    BaseImage { name: name.to_owned(), digest: Digest::parse(digest).ok() }
}

#[cfg(test)]
mod tests {
    use super::{LastStage, Stages};
    use bollard::moby::buildkit::v1::Vertex;
    use rstest::rstest;
    use types::build_run::BaseImage;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// Digest, name, and digests of inputs.
    type Told = (&'static str, &'static str, &'static str);

    const ALPINE: &str =
        "FROM docker.io/library/alpine:3@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn last(told: &[(&str, String, &str)]) -> Option<LastStage> {
        let mut stages = Stages::default();
        for (digest, name, inputs) in told {
            let inputs = inputs.split_whitespace().map(str::to_owned).collect();
            stages.note(&Vertex { digest: (*digest).to_owned(), name: name.clone(), inputs, ..Vertex::default() });
        }
        stages.last()
    }

    #[rstest]
    #[case::one_stage(&[("a", "[1/3] {}", ""), ("c", "[internal] load remote build context", ""),
        ("b", "[2/3] RUN make", "a"), ("d", "[3/3] COPY . .", "b c"), ("e", "exporting to image", "")],
        Some((true, 2)))]
    #[case::only_a_base(&[("a", "[1/1] {}", "")], Some((true, 0)))]
    #[case::two_stages(&[("a", "[build 1/2] FROM docker.io/library/rust", ""), ("b", "[build 2/2] RUN make", "a"),
        ("c", "[stage-1 1/2] {}", ""), ("d", "[stage-1 2/2] COPY --from=build /a /a", "c b")], Some((true, 1)))]
    #[case::from_nothing(&[("a", "[build 1/2] {}", ""), ("b", "[build 2/2] RUN make", "a"),
        ("d", "[stage-1 1/1] COPY --from=build /a /a", "b")], Some((false, 1)))]
    #[case::a_copy_that_is_linked(&[("a", "[1/2] {}", ""), ("b", "[2/2] COPY --link . .", ""),
        ("c", "merging", "a b")], Some((true, 1)))]
    #[case::platforms(&[("a", "[linux/amd64 1/2] {}", ""), ("b", "[linux/amd64 2/2] COPY . .", "a"),
        ("c", "[linux/arm64 1/2] {}", ""), ("d", "[linux/arm64 2/2] COPY . .", "c")], Some((true, 1)))]
    #[case::two_ends(&[("a", "[a 1/1] {}", ""), ("b", "[b 1/2] {}", "")], None)]
    #[case::padded(&[("a", "[stage-1  1/10] {}", ""), ("b", "[stage-1 10/10] RUN make", "a")], Some((true, 9)))]
    #[case::nothing(&[], None)]
    fn finds_the_base(#[case] told: &[Told], #[case] expected: Option<(bool, usize)>) {
        let told: Vec<_> =
            told.iter().map(|&(digest, name, inputs)| (digest, name.replace("{}", ALPINE), inputs)).collect();
        let base =
            BaseImage { name: "docker.io/library/alpine:3".to_owned(), digest: types::Digest::parse(DIGEST).ok() };
        let expected = expected.map(|(known, instructions)| LastStage { base: known.then_some(base), instructions });
        assert_eq!(last(&told), expected);
    }

    #[test]
    fn a_base_without_a_digest_is_named() {
        let stage = last(&[("a", "[1/1] FROM 127.0.0.1:5000/shop/base:1".to_owned(), "")]).expect("a stage");
        assert_eq!(stage.base, Some(BaseImage { name: "127.0.0.1:5000/shop/base:1".to_owned(), digest: None }));
    }
}
