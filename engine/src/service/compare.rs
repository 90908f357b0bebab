//! Two images compared by what their registries say of them.

use super::{Result, plans::Planned};
use crate::{Engine, Error, image::ImageRef, registry::ImageFacts, state::diff::diff};
use futures::{StreamExt, stream};
use std::time::Duration;
use tokio::time::timeout;
use types::{Image, plan::PlanDiff};

/// Images of a plan that are compared at once.
const COMPARED_AT_ONCE: usize = 16;
/// A plan does not wait longer for what is only good to know.
const PLAN_LIMIT: Duration = Duration::from_secs(3);

impl Engine {
    /// How two images differ; the inner error says why that is not known.
    pub(crate) async fn compare(&self, from: &Image, to: &Image) -> Result<std::result::Result<PlanDiff, String>> {
        let before = match self.facts_of(from).await? {
            Ok(facts) => facts,
            Err(why) => return Ok(Err(why)),
        };
        Ok(self.facts_of(to).await?.map(|after| diff(&before, &after)))
    }

    async fn facts_of(&self, image: &Image) -> Result<std::result::Result<ImageFacts, String>> {
        let Some(digest) = &image.digest else { return Ok(Err(format!("the digest of {} is not known", image.image))) };
        let parsed = ImageRef::parse(&image.image).map_err(Error::Internal)?;
        let Some(entry) = self.registry_of(&parsed.repository).await? else {
            return Ok(Err(format!("no registry of Slipway has {}", parsed.repository.host())));
        };
        let facts = entry.observe(entry.client.facts(parsed.repository.path(), digest).await);
        Ok(facts.map_err(|why| why.to_string()))
    }

    /// Fills in how targets differ from sources, as far as that is known soon.
    pub(super) async fn add_diffs(&self, planned: &mut Planned) {
        let pairs = planned.plan.items.iter().enumerate().filter(|(_, item)| item.runnable);
        let pairs: Vec<(usize, Image, Image)> =
            pairs.filter_map(|(at, item)| Some((at, item.from.clone()?, item.to.clone()?))).collect();
        let compare = |(at, from, to): (usize, Image, Image)| async move { (at, self.compare(&from, &to).await) };
        let mut compared = stream::iter(pairs).map(compare).buffer_unordered(COMPARED_AT_ONCE);
        let fill = async {
            while let Some((at, diff)) = compared.next().await {
                if let (Ok(Ok(diff)), Some(item)) = (diff, planned.plan.items.get_mut(at)) {
                    item.diff = diff;
                }
            }
        };
        if timeout(PLAN_LIMIT, fill).await.is_err() {
            tracing::debug!("a plan was answered before all its images were compared");
        }
    }
}
