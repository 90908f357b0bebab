//! Passwords: argon2id, off the worker threads, a few at a time.

use crate::Error;
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Hashes at once: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 2;

/// Fewest characters of a password.
pub(crate) const PASSWORD_MIN: usize = 12;

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    slots: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { slots: Arc::new(Semaphore::new(HASHES_AT_ONCE)) }
    }

    /// A salted hash of `password`; the error says what would be right.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        if password.chars().count() < PASSWORD_MIN {
            return Err(Error::field("password", format!("must have at least {PASSWORD_MIN} characters")));
        }
        self.run(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|why| Error::Internal(format!("a password could not be hashed: {why}")))
    }

    /// Whether `password` is the one behind `hash`. Without a hash it takes as long and is wrong, so
    /// that an unknown user cannot be told from a wrong password.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.run(move || match hash {
            Some(hash) => PasswordHash::new(&hash)
                .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()),
            None => {
                let spent = Argon2::default().hash_password(password.as_bytes());
                drop(spent);
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let slot = self.slots.clone().acquire_owned().await;
        let done = tokio::task::spawn_blocking(work).await;
        drop(slot);
        done.map_err(|why| Error::Internal(format!("hashing ended: {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::Passwords;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse battery".into()).await.expect("a hash");
        assert!(passwords.verify("correct horse battery".into(), Some(hash.clone())).await.expect("checked"));
        assert!(!passwords.verify("wrong horse battery".into(), Some(hash)).await.expect("checked"));
        assert!(!passwords.verify("correct horse battery".into(), None).await.expect("checked"));
        assert!(passwords.hash("short".into()).await.is_err());
    }
}
