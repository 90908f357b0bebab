//! Manifests, indexes and configurations: read by digest, checked against it, and kept.

use super::{
    DigestSet, ImageFacts, Reference, RegistryClient, RegistryError, Resolved,
    call::{Actions, Call},
    facts::Config,
    http::Answer,
    manifest::{ACCEPT, Child, Image, Manifest, digest_of},
};
use crate::image::parse_tag;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Method, header::CONTENT_TYPE};
use std::sync::Arc;
use types::Digest;

/// Most bytes of a manifest, as registries themselves have it; configurations are as small.
const MANIFEST_BYTES: usize = 4 << 20;

/// Requests to one registry at once for one image, or one page of ours.
pub(super) const AT_ONCE: usize = 6;

/// A manifest as it is kept.
pub(super) struct Stored {
    manifest: Manifest,
    media_type: String,
}

impl RegistryClient {
    /// What a reference stands for now, asked as a node asks.
    pub async fn resolve(&self, repository: &str, reference: &Reference) -> Result<Resolved, RegistryError> {
        let digest = self.digest(repository, reference).await?;
        let stored = self.manifest(repository, &digest).await?;
        let mut digest_set = DigestSet::from([digest.clone()]);
        let platforms = match &stored.manifest {
            Manifest::Index(children) => {
                let images = self.children(repository, children).await?;
                digest_set.extend(children.iter().map(|child| child.digest.clone()));
                digest_set.extend(images.into_iter().map(|image| image.config));
                children.iter().filter_map(|child| child.platform.clone()).collect()
            }
            Manifest::Image(image) => {
                digest_set.insert(image.config.clone());
                self.config(repository, image).await?.platform.iter().cloned().collect()
            }
        };
        Ok(Resolved { digest, digest_set, media_type: stored.media_type.clone(), platforms })
    }

    /// What the image says of itself; kept, since a digest's content never changes.
    pub async fn facts(&self, repository: &str, digest: &Digest) -> Result<ImageFacts, RegistryError> {
        let stored = self.manifest(repository, digest).await?;
        let (image, platforms) = match &stored.manifest {
            Manifest::Image(image) => (image.clone(), None),
            Manifest::Index(children) => {
                let platforms = children.iter().filter_map(|child| child.platform.clone()).collect();
                (self.first_platform(repository, children).await?, Some(platforms))
            }
        };
        let config = self.config(repository, &image).await?;
        Ok(ImageFacts {
            size_bytes: image.size_bytes,
            layers: image.layers.clone(),
            history: config.history.clone(),
            created_at: config.created_at,
            platforms: platforms.unwrap_or_else(|| config.platform.iter().cloned().collect()),
            labels: config.labels.clone(),
            config: config.summary.clone(),
        })
    }

    /// The digest of a reference. Asking for the head alone is cheap and counts against no quota, but
    /// some registries leave the digest out of it.
    pub(super) async fn digest(&self, repository: &str, reference: &Reference) -> Result<Digest, RegistryError> {
        let what = format!("{repository}:{reference}");
        if let Reference::Tag(tag) = reference {
            parse_tag(tag).map_err(RegistryError::Invalid)?;
        }
        let url = self.address(repository, &format!("manifests/{reference}"))?;
        let call = |method| Call {
            method,
            url: url.clone(),
            accept: ACCEPT,
            repository,
            actions: Actions::Pull,
            most: MANIFEST_BYTES,
            what: &what,
        };
        match self.call(call(Method::HEAD)).await {
            Ok(head) => {
                if let Some(digest) = digest_header(&head) {
                    return Ok(digest);
                }
            }
            Err(RegistryError::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
        let answer = self.call(call(Method::GET)).await?;
        self.keep(repository, &answer)
    }

    /// A manifest by its digest, from what is kept or from the registry.
    async fn manifest(&self, repository: &str, digest: &Digest) -> Result<Arc<Stored>, RegistryError> {
        let key = (repository.to_owned(), digest.clone());
        if let Some(stored) = self.0.manifests.get(&key) {
            return Ok(stored);
        }
        let url = self.address(repository, &format!("manifests/{digest}"))?;
        let what = format!("{repository}@{digest}");
        let call = Call {
            method: Method::GET,
            url,
            accept: ACCEPT,
            repository,
            actions: Actions::Pull,
            most: MANIFEST_BYTES,
            what: &what,
        };
        let found = self.keep(repository, &self.call(call).await?)?;
        let other = || RegistryError::Invalid(format!("it gives {found} where {digest} was asked for"));
        self.0.manifests.get(&key).ok_or_else(other)
    }

    /// Keeps a manifest under the digest of its bytes; what the registry calls it must be the same.
    fn keep(&self, repository: &str, answer: &Answer) -> Result<Digest, RegistryError> {
        let digest = digest_of(&answer.body)?;
        if let Some(named) = digest_header(answer).filter(|named| *named != digest) {
            return Err(RegistryError::Invalid(format!("it says {named} of a content that is {digest}")));
        }
        let media_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
        let stored = Stored { manifest: Manifest::parse(&answer.body)?, media_type };
        self.0.manifests.insert((repository.to_owned(), digest.clone()), Arc::new(stored));
        Ok(digest)
    }

    /// The images of an index that are there; a mirror may have taken only some platforms.
    async fn children(&self, repository: &str, children: &[Child]) -> Result<Vec<Image>, RegistryError> {
        let read = |digest: Digest| async move {
            match self.manifest(repository, &digest).await {
                Ok(stored) => Ok(match &stored.manifest {
                    Manifest::Image(image) => Some(image.clone()),
                    Manifest::Index(_) => None,
                }),
                Err(RegistryError::NotFound(_)) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let digests: Vec<Digest> = children.iter().map(|child| child.digest.clone()).collect();
        let found: Vec<Option<Image>> = stream::iter(digests).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn first_platform(&self, repository: &str, children: &[Child]) -> Result<Image, RegistryError> {
        let none = || RegistryError::Invalid("an index without an image".to_owned());
        let child = children.iter().find(|child| child.platform.is_some()).or(children.first()).ok_or_else(none)?;
        self.children(repository, std::slice::from_ref(child)).await?.pop().ok_or_else(none)
    }

    async fn config(&self, repository: &str, image: &Image) -> Result<Arc<Config>, RegistryError> {
        let key = (repository.to_owned(), image.config.clone());
        if let Some(config) = self.0.configs.get(&key) {
            return Ok(config);
        }
        let url = self.address(repository, &format!("blobs/{}", image.config))?;
        let what = format!("{repository}@{}", image.config);
        let call = Call {
            method: Method::GET,
            url,
            accept: "*/*",
            repository,
            actions: Actions::Pull,
            most: MANIFEST_BYTES,
            what: &what,
        };
        let answer = self.call(call).await?;
        let found = digest_of(&answer.body)?;
        if found != image.config {
            return Err(RegistryError::Invalid(format!("it gives {found} where {} was asked for", image.config)));
        }
        let config = Arc::new(Config::parse(&answer.body)?);
        self.0.configs.insert(key, config.clone());
        Ok(config)
    }
}

fn digest_header(answer: &Answer) -> Option<Digest> {
    answer.headers.get("docker-content-digest")?.to_str().ok().and_then(|text| Digest::parse(text).ok())
}
