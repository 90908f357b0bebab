//! Two images compared by what their registries say of them.

use super::{Result, plans::Planned};
use crate::{
    Engine, Error,
    image::ImageRef,
    registry::ImageFacts,
    state::diff::{Built, between, diff},
    store::build_run,
};
use futures::{StreamExt, stream};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use std::time::Duration;
use tokio::time::timeout;
use types::{Digest, Image, build_run::BuildRunStatus, plan::PlanDiff};

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
        let after = match self.facts_of(to).await? {
            Ok(facts) => facts,
            Err(why) => return Ok(Err(why)),
        };
        let mut found = diff(&before, &after);
        // Runs of one of our builds say more than two labels.
        if let Some(commits) = self.commits_between(from, to).await? {
            found.commits = commits;
        }
        Ok(Ok(found))
    }

    /// What lies between two images of one build; none: they are not both of one.
    async fn commits_between(&self, from: &Image, to: &Image) -> Result<Option<Vec<String>>> {
        let Some((from, to)) = from.digest.as_ref().zip(to.digest.as_ref()) else { return Ok(None) };
        let made = build_run::Entity::find()
            .filter(build_run::COLUMN.digest.is_in([from.as_str(), to.as_str()]))
            .filter(build_run::COLUMN.status.eq(BuildRunStatus::Succeeded.as_str()))
            .order_by_desc(build_run::Column::Number)
            .all(&self.db)
            .await?;
        let of = |digest: &Digest| made.iter().find(|run| run.digest.as_deref() == Some(digest.as_str()));
        let Some((from, to)) = of(from).zip(of(to)).filter(|(from, to)| from.build_id == to.build_id) else {
            return Ok(None);
        };
        let (low, high) = (from.number.min(to.number), from.number.max(to.number));
        let runs = build_run::Entity::find()
            .filter(build_run::COLUMN.build_id.eq(from.build_id))
            .filter(build_run::COLUMN.status.eq(BuildRunStatus::Succeeded.as_str()))
            .filter(build_run::COLUMN.number.gt(low))
            .filter(build_run::COLUMN.number.lte(high))
            .all(&self.db)
            .await?;
        let built =
            |run: build_run::Model| Built { number: run.number, tag: run.tag, commit: run.commit, note: run.note };
        let runs: Vec<Built> = runs.into_iter().map(built).collect();
        Ok(Some(between(from.number, to.number, &runs)))
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
