//! Secrets at rest: XChaCha20-Poly1305 with a key that is not in the database.
//!
//! A sealed value is one byte of format, four bytes of key id, 24 bytes of nonce, then the
//! ciphertext. The identity of the row is the associated data: a value that is moved to another row
//! does not open there.

use crate::Error;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand::{TryRngCore, rngs::OsRng};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

const FORMAT: u8 = 1;
const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;
const HEAD_LEN: usize = 1 + 4;

/// Seals and opens secrets.
#[derive(Clone)]
pub(crate) struct Secrets {
    cipher: XChaCha20Poly1305,
    key_id: [u8; 4],
}

impl Secrets {
    /// Reads the key, or makes one (mode 0600) where there is none yet.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let key = match fs::read(path) {
            Ok(key) => key,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => make_key(path)?,
            Err(why) => return Err(Error::Internal(format!("SLIPWAY_SECRET_KEY_FILE: {}: {why}", path.display()))),
        };
        if key.len() != KEY_LEN {
            let found = key.len();
            return Err(Error::Internal(format!(
                "SLIPWAY_SECRET_KEY_FILE: {} holds {found} bytes, a key has {KEY_LEN}",
                path.display()
            )));
        }
        let digest = Sha256::digest(&key);
        let cipher = XChaCha20Poly1305::new_from_slice(&key)
            .map_err(|why| Error::Internal(format!("SLIPWAY_SECRET_KEY_FILE: {why}")))?;
        Ok(Self { cipher, key_id: [digest[0], digest[1], digest[2], digest[3]] })
    }

    /// Seals `plain` for the row named by `identity`, as in `registry/7/password`.
    pub(crate) fn seal(&self, identity: &str, plain: &str) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        OsRng.try_fill_bytes(&mut nonce).map_err(|why| Error::Internal(format!("no random bytes: {why}")))?;
        let payload = Payload { msg: plain.as_bytes(), aad: identity.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Internal("a secret could not be sealed".to_owned()))?;
        Ok([&[FORMAT][..], &self.key_id, &nonce, &sealed].concat())
    }

    /// Opens what was sealed for the same row with the same key.
    pub(crate) fn open(&self, identity: &str, sealed: &[u8]) -> Result<SecretString, Error> {
        let wrong = || Error::Internal(format!("the secret of {identity} cannot be opened with this key"));
        if sealed.len() < HEAD_LEN + NONCE_LEN || sealed[0] != FORMAT || sealed[1..HEAD_LEN] != self.key_id {
            return Err(wrong());
        }
        let (nonce, sealed) = sealed[HEAD_LEN..].split_at(NONCE_LEN);
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| wrong())?;
        let payload = Payload { msg: sealed, aad: identity.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| wrong())?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| wrong())
    }
}

fn make_key(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |why: std::io::Error| Error::Internal(format!("SLIPWAY_SECRET_KEY_FILE: {}: {why}", path.display()));
    let mut key = vec![0; KEY_LEN];
    OsRng.try_fill_bytes(&mut key).map_err(|why| Error::Internal(format!("no random bytes: {why}")))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::Secrets;
    use secrecy::ExposeSecret;

    #[test]
    fn opens_only_in_its_own_row_with_its_own_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = Secrets::load(&folder.path().join("key")).expect("a key");
        let sealed = secrets.seal("registry/1/password", "hush").expect("sealed");
        assert!(!sealed.windows(4).any(|part| part == b"hush"));
        assert_eq!(secrets.open("registry/1/password", &sealed).expect("opened").expose_secret(), "hush");
        assert!(secrets.open("registry/2/password", &sealed).is_err());
        let again = Secrets::load(&folder.path().join("key")).expect("the same key");
        assert!(again.open("registry/1/password", &sealed).is_ok());
        let other = Secrets::load(&folder.path().join("other")).expect("another key");
        assert!(other.open("registry/1/password", &sealed).is_err());
    }
}
