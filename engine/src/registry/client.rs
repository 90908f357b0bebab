//! A registry's client: what is asked, in the product's words.

use super::{
    Reference, RegistryError,
    cache::Cache,
    call::{Actions, Call},
    content::{AT_ONCE, Stored},
    ecr::Ecr,
    facts::Config,
    http::{Http, authorities},
    link::next_page,
    order::newest_first,
    sign_in::{Credentials, Login, SignIn},
};
use crate::{egress::Egress, image::Repository};
use futures::{StreamExt, stream};
use reqwest::{Method, Url, header::LINK};
use secrecy::SecretString;
use std::{collections::HashSet, fmt, sync::Arc};
use types::{
    Digest,
    registry::{RegistryType, TagFacts},
};

/// Most bytes of one page of tags.
const TAGS_BYTES: usize = 8 << 20;
/// Tags asked for at once: few round trips, small pages.
const TAGS_PER_PAGE: usize = 1000;
/// Pages of tags that are read: half a million tags are a registry that nobody cleans up.
const MOST_PAGES: usize = 500;
/// Digests whose content is kept, a kilobyte or so each.
const MOST_KEPT: usize = 4000;

/// How a registry is reached.
#[derive(Clone, Debug)]
pub struct RegistrySettings {
    /// `https://…` or `http://…`.
    pub url: String,
    pub kind: RegistryType,
    pub username: Option<String>,
    pub password: Option<SecretString>,
    /// PEM of an authority of one's own, trusted beside the usual ones.
    pub ca_pem: Option<String>,
    /// Where token realms and redirects may lead; the registry itself may be anywhere.
    pub egress: Arc<Egress>,
}

/// A registry; cheap to clone. Keeps tokens and what it learned of digests, whose content never changes.
#[derive(Clone)]
pub struct RegistryClient(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) http: Http,
    pub(super) sign_in: SignIn,
    /// By repository too: what may be read in one need not be readable in another.
    pub(super) manifests: Cache<(String, Digest), Arc<Stored>>,
    pub(super) configs: Cache<(String, Digest), Arc<Config>>,
}

impl fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryClient").finish_non_exhaustive()
    }
}

impl RegistryClient {
    /// Only looks at the settings; nothing is connected to yet.
    pub fn new(settings: RegistrySettings) -> Result<Self, RegistryError> {
        let RegistrySettings { url, kind, username, password, ca_pem, egress } = settings;
        let http = Http::new(&url, ca_pem.as_deref(), egress)?;
        let credentials = match (kind, username, password) {
            (RegistryType::Ecr, key_id, secret) => {
                Credentials::Ecr(Ecr::new(http.base(), key_id.as_deref(), secret.as_ref())?)
            }
            (RegistryType::Oci, Some(username), Some(password)) => Credentials::Entered(Login { username, password }),
            (RegistryType::Oci, Some(_) | None, None) | (RegistryType::Oci, None, Some(_)) => Credentials::Nobody,
        };
        Self::with(http, credentials)
    }

    pub(super) fn with(http: Http, credentials: Credentials) -> Result<Self, RegistryError> {
        Ok(Self(Arc::new(Inner {
            http,
            sign_in: SignIn::new(credentials)?,
            manifests: Cache::new(MOST_KEPT),
            configs: Cache::new(MOST_KEPT),
        })))
    }

    /// Name and password for somebody else who talks to this registry, such as a build engine that pushes to it.
    pub async fn login(&self) -> Result<Option<Login>, RegistryError> {
        self.0.sign_in.login(&self.0.http).await
    }

    /// Whether this is the PEM of an authority; the error says what would be right.
    pub fn check_ca(pem: &str) -> Result<(), String> {
        authorities(pem).map(drop)
    }

    /// Whether it answers as a registry does, and takes our credentials.
    pub async fn check(&self) -> Result<(), RegistryError> {
        let url = self.0.http.url("/v2/")?;
        let call = Call {
            method: Method::GET,
            url,
            accept: "*/*",
            repository: "",
            actions: Actions::Pull,
            most: TAGS_BYTES,
            what: "",
        };
        match self.call(call).await {
            Ok(_) => Ok(()),
            Err(RegistryError::NotFound(_)) => {
                Err(RegistryError::Invalid("it answers, but not as a registry (no /v2/)".to_owned()))
            }
            Err(error) => Err(error),
        }
    }

    /// All tags of a repository (its path, without the host), newest version first.
    pub async fn tags(&self, repository: &str) -> Result<Vec<String>, RegistryError> {
        let mut url = self.address(repository, &format!("tags/list?n={TAGS_PER_PAGE}"))?;
        let (mut tags, mut pages) = (Vec::new(), HashSet::new());
        while pages.insert(url.clone()) && pages.len() <= MOST_PAGES {
            let accept = "application/json";
            let call = Call {
                method: Method::GET,
                url: url.clone(),
                accept,
                repository,
                actions: Actions::Pull,
                most: TAGS_BYTES,
                what: repository,
            };
            let answer = self.call(call).await?;
            tags.extend(tags_in(&answer.body)?);
            let link = answer.headers.get(LINK).and_then(|link| link.to_str().ok()).and_then(next_page);
            let Some(next) = link.and_then(|next| url.join(next).ok()) else { break };
            if !self.0.http.is_own(&next) {
                return Err(RegistryError::Invalid("its list of tags goes on elsewhere".to_owned()));
            }
            url = next;
        }
        tags.sort_unstable();
        tags.dedup();
        newest_first(&mut tags);
        Ok(tags)
    }

    /// The address of something in a repository, whose name must not lead out of it.
    pub(super) fn address(&self, repository: &str, path: &str) -> Result<Url, RegistryError> {
        Repository::parse(&format!("registry.invalid/{repository}")).map_err(RegistryError::Invalid)?;
        self.0.http.url(&format!("/v2/{repository}/{path}"))
    }

    /// Facts of the given tags, in their order; what cannot be learned is null.
    pub async fn tag_facts(&self, repository: &str, tags: &[String]) -> Vec<TagFacts> {
        let learn = |tag: String| async move {
            let digest = self.digest(repository, &Reference::Tag(tag.clone())).await.ok();
            let facts = match &digest {
                Some(digest) => self.facts(repository, digest).await.ok(),
                None => None,
            };
            let created_at = facts.as_ref().and_then(|facts| facts.created_at);
            TagFacts { tag, digest, created_at, size_bytes: facts.map(|facts| facts.size_bytes) }
        };
        stream::iter(tags.to_vec()).map(learn).buffered(AT_ONCE).collect().await
    }
}

fn tags_in(body: &[u8]) -> Result<Vec<String>, RegistryError> {
    #[derive(serde::Deserialize)]
    struct Page {
        tags: Option<Vec<String>>,
    }
    let page: Page = serde_json::from_slice(body)
        .map_err(|error| RegistryError::Invalid(format!("a list of tags that is none: {error}")))?;
    Ok(page.tags.unwrap_or_default())
}
