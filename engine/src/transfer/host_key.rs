//! Host keys of SFTP: what a server shows, and what it must show.

use russh::keys::{Algorithm, HashAlg, PublicKey, ssh_key::Fingerprint};
use std::borrow::Cow;

/// The key that a server has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// As in `ssh-ed25519 AAAA…`: what is stored to be expected the next time.
    pub line: String,
    /// As in `SHA256:…`: what people compare.
    pub fingerprint: String,
    /// Nothing was expected, so that this key was believed.
    pub first_use: bool,
}

/// The key that a server must show.
#[derive(Clone, Debug)]
pub(super) enum Pinned {
    Key(PublicKey),
    Fingerprint(Fingerprint),
}

impl HostKey {
    pub(super) fn of(key: &PublicKey, first_use: bool) -> Self {
        let mut bare = key.clone();
        bare.set_comment("");
        let line = bare.to_openssh().unwrap_or_default().trim_end().to_owned();
        Self { line, fingerprint: fingerprint(key), first_use }
    }
}

impl Pinned {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("SHA256:") {
            let wrong = |why| format!("is no fingerprint: {why}");
            return text.parse().map(Self::Fingerprint).map_err(wrong);
        }
        let wrong = |why| format!("must be as in ssh-ed25519 AAAA… or SHA256:…: {why}");
        PublicKey::from_openssh(text).map(Self::Key).map_err(wrong)
    }

    pub(super) fn is(&self, key: &PublicKey) -> bool {
        match self {
            Self::Key(own) => own.key_data() == key.key_data(),
            Self::Fingerprint(own) => *own == key.fingerprint(own.algorithm()),
        }
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Self::Key(key) => fingerprint(key),
            Self::Fingerprint(fingerprint) => fingerprint.to_string(),
        }
    }

    /// What to ask for: a server has a key of each algorithm, and only one of them is known.
    pub(super) fn algorithms(pinned: Option<&Self>) -> Cow<'static, [Algorithm]> {
        let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
        match pinned {
            Some(Self::Key(key)) if key.algorithm().is_rsa() => vec![rsa(HashAlg::Sha512), rsa(HashAlg::Sha256)].into(),
            Some(Self::Key(key)) => vec![key.algorithm()].into(),
            // Those that sign with SHA-1 are left out.
            Some(Self::Fingerprint(_)) | None => {
                let weak = |algorithm: &&Algorithm| **algorithm != Algorithm::Rsa { hash: None };
                russh::Preferred::DEFAULT.key.iter().filter(weak).cloned().collect::<Vec<_>>().into()
            }
        }
    }
}

pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}
