//! Which runs of a build made the images that a map looks at: the number says which of two is the older.

use super::super::Result;
use super::scene::{KnownBuild, WithPods};
use crate::{Engine, image::ImageRef, registry::DigestSet, store::build_run};
use sea_orm::{EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeSet;
use types::{Digest, Version, build_run::BuildRunStatus};

/// A run that has made an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) number: i32,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// What is looked for.
#[derive(Default)]
struct Looked {
    tags: BTreeSet<String>,
    digests: BTreeSet<String>,
}

impl Engine {
    /// Finds the runs behind what the workloads run and what is chosen for them, in one query.
    pub(crate) async fn find_made(
        &self,
        builds: &mut [KnownBuild],
        workloads: &[WithPods],
        versions: impl Iterator<Item = &Version>,
    ) -> Result<()> {
        let Looked { tags, digests } = looked(builds, workloads, versions);
        if builds.is_empty() || tags.is_empty() && digests.is_empty() {
            return Ok(());
        }
        let rows: Vec<(i64, i32, Option<String>, Option<String>)> = build_run::Entity::find()
            .select_only()
            .columns([build_run::Column::BuildId, build_run::Column::Number])
            .columns([build_run::Column::Tag, build_run::Column::Digest])
            .filter(build_run::COLUMN.build_id.is_in(builds.iter().map(|build| build.row.id)))
            .filter(build_run::COLUMN.status.eq(BuildRunStatus::Succeeded.as_str()))
            .filter(build_run::COLUMN.tag.is_in(tags).or(build_run::COLUMN.digest.is_in(digests)))
            .order_by_desc(build_run::Column::Number)
            .into_tuple()
            .all(&self.db)
            .await?;
        for (build_id, number, tag, digest) in rows {
            let digest = digest.as_deref().and_then(|digest| Digest::parse(digest).ok());
            let made = Made { number, tag, digest };
            if let Some(build) = builds.iter_mut().find(|build| build.row.id == build_id)
                && !build.made.contains(&made)
            {
                build.made.push(made);
            }
        }
        Ok(())
    }
}

fn looked<'a>(builds: &[KnownBuild], workloads: &[WithPods], versions: impl Iterator<Item = &'a Version>) -> Looked {
    let mut looked = Looked::default();
    let containers = workloads.iter().flat_map(|(workload, _)| &workload.containers);
    for image in containers.filter_map(|container| ImageRef::parse(&container.image).ok()) {
        if builds.iter().any(|build| build.image == image.repository) {
            looked.tags.extend(image.tag);
            looked.digests.extend(image.digest.map(|digest| digest.to_string()));
        }
    }
    for version in versions {
        match version {
            Version::Tag(tag) => {
                looked.tags.insert(tag.clone());
            }
            Version::Digest(digest) => {
                looked.digests.insert(digest.to_string());
            }
            Version::BuildRun(_) | Version::Latest(_) | Version::Build(_) | Version::Restart(_) => {}
        }
    }
    looked
}

impl KnownBuild {
    /// The run that made an image: by its digest, or by its tag while no digest is known.
    pub(crate) fn number_of(&self, tag: Option<&str>, digests: &DigestSet) -> Option<i32> {
        let latest = self.newest_success.iter().chain(self.appointed.values()).map(|run| Made {
            number: run.number,
            tag: run.tag.clone(),
            digest: run.digest.as_deref().and_then(|digest| Digest::parse(digest).ok()),
        });
        let all: Vec<Made> = self.made.iter().cloned().chain(latest).collect();
        let by_digest = all.iter().find(|made| made.digest.as_ref().is_some_and(|digest| digests.contains(digest)));
        let by_tag = || all.iter().find(|made| digests.is_empty() && made.tag.is_some() && made.tag.as_deref() == tag);
        by_digest.or_else(by_tag).map(|made| made.number)
    }
}
