//! Freeing disk in an engine: build cache, and images that have no name any more.
//!
//! bollard's own call knows only `reserved-space`, which engines before API 1.48 do not read: they would
//! remove all of the cache. So both names of that limit are sent.

use super::{DockerEngine, DockerError};
use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use types::engine::PruneRule;

/// Removing a full cache takes an engine minutes.
const PRUNE_LIMIT: Duration = Duration::from_secs(600);

#[derive(Deserialize)]
struct Reclaimed {
    #[serde(rename = "SpaceReclaimed")]
    space_reclaimed: Option<u64>,
}

impl DockerEngine {
    /// Removes build cache that nothing uses, the least recently used first; freed bytes. The engine itself keeps what
    /// a build under way uses. An engine without BuildKit has no such cache.
    pub async fn prune_build_cache(&self, rule: &PruneRule) -> Result<u64, DockerError> {
        if !self.buildkit {
            return Ok(0);
        }
        let keep = rule.keep_storage_bytes;
        let filters = filters(rule, json!({}));
        self.prune(&format!("/build/prune?keep-storage={keep}&reserved-space={keep}&filters={filters}")).await
    }

    /// Removes images without a name that no container uses; freed bytes. The engine cannot tell an image that a step
    /// has just pulled by its digest from one that is left over: nothing may be under way.
    pub async fn prune_dangling_images(&self, rule: &PruneRule) -> Result<u64, DockerError> {
        let filters = filters(rule, json!({"dangling": ["true"]}));
        self.prune(&format!("/images/prune?filters={filters}")).await
    }

    async fn prune(&self, path: &str) -> Result<u64, DockerError> {
        let refused = |error: http::Error| DockerError::EngineRefused(error.to_string());
        let request = Request::post(path).body(Empty::<Bytes>::new()).map_err(refused)?;
        let late = |_| DockerError::EngineUnreachable("it prunes without an end".to_owned());
        let answer = tokio::time::timeout(PRUNE_LIMIT, self.answer::<Reclaimed>(request)).await.map_err(late)?;
        Ok(answer?.space_reclaimed.unwrap_or_default())
    }
}

/// Filters as they stand in a query.
fn filters(rule: &PruneRule, mut filters: serde_json::Value) -> String {
    if rule.until_hours > 0 {
        filters["until"] = json!([format!("{}h", rule.until_hours)]);
    }
    percent_encoding::utf8_percent_encode(&filters.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use crate::docker::fake::{Fake, Script};
    use rstest::rstest;
    use types::engine::PruneRule;

    fn asked(fake: &Fake, path: &str) -> Vec<String> {
        let decoded = |line: String| percent_encoding::percent_decode_str(&line).decode_utf8_lossy().into_owned();
        fake.seen(path).into_iter().map(|seen| decoded(seen.line)).collect()
    }

    async fn engine(podman: bool) -> Fake {
        let cache = Script::items(&[r#"{"CachesDeleted":["a"],"SpaceReclaimed":70}"#]);
        let images = Script::items(&[r#"{"ImagesDeleted":null,"SpaceReclaimed":5}"#]);
        Fake::start(podman, vec![("/build/prune", cache), ("/images/prune", images)]).await
    }

    #[rstest]
    #[case::all(0, 0, "keep-storage=0&reserved-space=0&filters={}", r#"{"dangling":["true"]}"#)]
    #[case::some(
        9,
        24,
        r#"keep-storage=9&reserved-space=9&filters={"until":["24h"]}"#,
        r#"{"dangling":["true"],"until":["24h"]}"#
    )]
    #[tokio::test]
    async fn asks_in_the_words_of_the_api(
        #[case] keep_storage_bytes: u64,
        #[case] until_hours: u32,
        #[case] cache: &str,
        #[case] images: &str,
    ) {
        let (fake, rule) = (engine(false).await, PruneRule { keep_storage_bytes, until_hours });
        assert_eq!(fake.engine.prune_build_cache(&rule).await, Ok(70));
        assert_eq!(fake.engine.prune_dangling_images(&rule).await, Ok(5));
        assert_eq!(asked(&fake, "/build/prune"), [format!("POST /build/prune?{cache}")]);
        assert_eq!(asked(&fake, "/images/prune"), [format!("POST /images/prune?filters={images}")]);
    }

    #[tokio::test]
    async fn an_engine_without_buildkit_is_not_asked_for_its_cache() {
        let fake = engine(true).await;
        assert_eq!(fake.engine.prune_build_cache(&PruneRule::default()).await, Ok(0));
        assert!(fake.seen("/build/prune").is_empty());
    }
}
