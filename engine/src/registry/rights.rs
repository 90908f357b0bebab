//! What our credentials may do in a repository, found by trying, without leaving anything there.

use super::{
    RegistryClient, RegistryError,
    call::{Actions, Call},
};
use reqwest::{Method, header::LOCATION};
use std::fmt;

/// Most bytes of an answer; nothing of it is read.
const ANSWER_BYTES: usize = 1 << 20;

/// Something that may be allowed in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    Pull,
    Push,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pull => "pull",
            Self::Push => "push",
        })
    }
}

impl RegistryClient {
    /// Which rights the registry refuses in a repository.
    pub async fn missing_rights(&self, repository: &str) -> Result<Vec<Right>, RegistryError> {
        let mut missing = Vec::new();
        match self.try_pull(repository).await {
            // It may not have been pushed to yet.
            Ok(()) | Err(RegistryError::NotFound(_)) => {}
            Err(RegistryError::Unauthorized(_)) => missing.push(Right::Pull),
            Err(other) => return Err(other),
        }
        match self.try_push(repository).await {
            Ok(()) => {}
            // Some registries make no repository by a push, and some hide what may not be written.
            Err(RegistryError::Unauthorized(_) | RegistryError::NotFound(_)) => missing.push(Right::Push),
            Err(other) => return Err(other),
        }
        Ok(missing)
    }

    async fn try_pull(&self, repository: &str) -> Result<(), RegistryError> {
        let url = self.address(repository, "tags/list?n=1")?;
        self.call(call(Method::GET, url, repository, Actions::Pull)).await.map(drop)
    }

    /// Begins an upload and cancels it, as a push begins.
    async fn try_push(&self, repository: &str) -> Result<(), RegistryError> {
        let url = self.address(repository, "blobs/uploads/")?;
        let begun = self.call(call(Method::POST, url, repository, Actions::PullPush)).await?;
        let location = begun.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let upload = location.and_then(|location| begun.url.join(location).ok());
        // One that stays is removed by the registry when it is a few days old.
        if let Some(upload) = upload.filter(|upload| self.0.http.is_own(upload))
            && let Err(why) = self.call(call(Method::DELETE, upload, repository, Actions::PullPush)).await
        {
            tracing::debug!(%why, repository, "an upload that was begun to see whether it may be was not cancelled");
        }
        Ok(())
    }
}

fn call(method: Method, url: reqwest::Url, repository: &str, actions: Actions) -> Call<'_> {
    Call { method, url, accept: "*/*", repository, actions, most: ANSWER_BYTES, what: repository }
}
