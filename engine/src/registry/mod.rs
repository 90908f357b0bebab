//! Registries, by the OCI distribution protocol: tags, digests, facts of images.
//!
//! A thin client on reqwest: `oci-client` would hand credentials to whatever realm a registry names,
//! over plain http too, reads bodies without a limit, and folds "no such tag", "not allowed" and
//! "not reachable" together, which are three different things to an operator.

mod cache;
mod call;
mod challenge;
mod client;
mod content;
mod ecr;
mod equality;
mod error;
mod facts;
mod host;
mod http;
mod largest;
mod link;
mod manifest;
mod order;
mod realm;
mod rights;
mod sign_in;
mod signature;

pub use client::{RegistryClient, RegistrySettings};
pub use ecr::is_ecr;
pub use equality::{Known, equal};
pub use error::RegistryError;
pub use facts::{ConfigSummary, ImageFacts, Past};
pub use host::host_matches;
pub use order::{Highest, is_lower, newest_first};
pub use rights::Right;
pub use sign_in::Login;

use std::{collections::BTreeSet, fmt};
use types::Digest;

/// What is asked for in a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    Tag(String),
    Digest(Digest),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

/// Everything that a node may report for one image: the digest that its reference resolves to, every
/// manifest in it if it is an index, and their config digests.
pub type DigestSet = BTreeSet<Digest>;

/// What a reference stands for at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub digest: Digest,
    pub digest_set: DigestSet,
    pub media_type: String,
    /// As in `linux/amd64`; empty if the image does not say.
    pub platforms: Vec<String>,
}

#[cfg(test)]
mod fake;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod shelf;
#[cfg(test)]
mod tests;
