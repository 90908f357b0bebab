//! Manifests and indexes as registries store them.

use super::RegistryError;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write;
use types::{Digest, build_run::ImageLayer};

/// What a node asks for: with other types the same tag gives another digest, or none.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// Children of an index that are looked at: platforms and their attestations, with much to spare.
const MOST_CHILDREN: usize = 256;

/// What a digest stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Manifest {
    Index(Vec<Child>),
    Image(Image),
}

/// An entry of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) digest: Digest,
    /// None for what is not to run, such as an attestation.
    pub(super) platform: Option<String>,
}

/// One platform's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) config: Digest,
    /// From the base up.
    pub(super) layers: Vec<ImageLayer>,
    /// Compressed layers plus config.
    pub(super) size_bytes: u64,
}

/// Where a platform's image runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Platform {
    pub(super) os: String,
    pub(super) architecture: String,
    pub(super) variant: String,
}

#[derive(Deserialize)]
struct Raw {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    #[serde(default)]
    size: u64,
    platform: Option<Platform>,
}

impl Manifest {
    /// Reads a manifest or an index. One that could be both is refused: engines disagree about it.
    pub(super) fn parse(body: &[u8]) -> Result<Self, RegistryError> {
        let wrong = |why: &str| RegistryError::Invalid(format!("a manifest that {why}"));
        let raw: Raw = serde_json::from_slice(body).map_err(|error| wrong(&format!("is none: {error}")))?;
        match raw {
            Raw { manifests: Some(children), config: None, layers: None } => {
                if children.len() > MOST_CHILDREN {
                    return Err(wrong(&format!("lists more than {MOST_CHILDREN} others")));
                }
                children.into_iter().map(Descriptor::child).collect::<Result<_, _>>().map(Self::Index)
            }
            Raw { manifests: None, config: Some(config), layers: Some(layers) } => {
                let sizes = layers.iter().map(|layer| layer.size);
                let size_bytes = sizes.fold(config.size, u64::saturating_add);
                let layers = layers.into_iter().map(Descriptor::layer).collect::<Result<_, _>>()?;
                Ok(Self::Image(Image { config: digest(&config.digest)?, layers, size_bytes }))
            }
            Raw { .. } => Err(wrong("is neither an image nor an index")),
        }
    }
}

impl Descriptor {
    fn child(self) -> Result<Child, RegistryError> {
        let platform = self.platform.and_then(|platform| platform.name());
        Ok(Child { digest: digest(&self.digest)?, platform })
    }

    fn layer(self) -> Result<ImageLayer, RegistryError> {
        Ok(ImageLayer { digest: digest(&self.digest)?, size_bytes: self.size })
    }
}

impl Platform {
    /// As in `linux/amd64` or `linux/arm/v7`; attestations say `unknown/unknown`.
    pub(super) fn name(&self) -> Option<String> {
        let Self { os, architecture, variant } = self;
        if os.is_empty() || architecture.is_empty() || os == "unknown" {
            return None;
        }
        Some(if variant.is_empty() { format!("{os}/{architecture}") } else { format!("{os}/{architecture}/{variant}") })
    }
}

/// The digest of a content.
pub(super) fn digest_of(body: &[u8]) -> Result<Digest, RegistryError> {
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(body) {
        write!(text, "{byte:02x}").map_err(|error| RegistryError::Invalid(error.to_string()))?;
    }
    digest(&text)
}

fn digest(text: &str) -> Result<Digest, RegistryError> {
    Digest::parse(text).map_err(|why| RegistryError::Invalid(format!("a digest {text:?} that {why}")))
}

#[cfg(test)]
mod tests {
    use super::{Manifest, Platform, digest_of};
    use rstest::rstest;

    const D: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn adds_sizes_up() {
        let body = format!(
            r#"{{"config":{{"digest":"{D}","size":5}},"layers":[{{"digest":"{D}","size":7}},{{"digest":"{D}","size":8}}]}}"#
        );
        let Ok(Manifest::Image(image)) = Manifest::parse(body.as_bytes()) else { panic!("no image") };
        assert_eq!((image.layers.len(), image.size_bytes), (2, 20));
    }

    #[test]
    fn attestations_have_no_platform() {
        let body = format!(
            r#"{{"manifests":[{{"digest":"{D}","platform":{{"os":"linux","architecture":"arm","variant":"v7"}}}},
            {{"digest":"{D}","platform":{{"os":"unknown","architecture":"unknown"}}}},{{"digest":"{D}"}}]}}"#
        );
        let Ok(Manifest::Index(children)) = Manifest::parse(body.as_bytes()) else { panic!("no index") };
        let platforms: Vec<_> = children.iter().map(|child| child.platform.as_deref()).collect();
        assert_eq!(platforms, [Some("linux/arm/v7"), None, None]);
    }

    #[rstest]
    #[case("{}")]
    #[case("[]")]
    #[case("<html>")]
    #[case(r#"{"schemaVersion":1,"fsLayers":[]}"#)]
    #[case(r#"{"manifests":[],"config":{"digest":"x"},"layers":[]}"#)]
    #[case(r#"{"config":{"digest":"sha256:1"},"layers":[]}"#)]
    fn refuses(#[case] body: &str) {
        assert!(Manifest::parse(body.as_bytes()).is_err());
    }

    #[test]
    fn knows_a_digest() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest_of(b"").expect("a digest").as_str(), empty);
        assert_eq!(Platform::default().name(), None);
    }
}
