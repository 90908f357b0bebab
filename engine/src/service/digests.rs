//! Which digests a registry must keep: in use, on their way, or within reach of a rollback.

use super::Result;
use crate::{
    Engine, Principal,
    auth::{On, Verb},
    image::ImageRef,
    kube::PodView,
    registry::DigestSet,
    service::tasks::OPEN,
    store::{self, history, run_item, service_map},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use types::{Digest, Image, run::DigestInUse};

/// Versions of each container that a rollback reaches.
const REACH: usize = 20;

type Found = BTreeMap<(String, Digest), BTreeSet<String>>;

impl Engine {
    /// All of them; needs `read` everywhere, since what is not listed may be deleted.
    pub async fn digests(&self, who: &Principal) -> Result<Vec<DigestInUse>> {
        who.need(Verb::Read, &On::Everywhere, "list of digests")?;
        let mut found = Found::new();
        self.add_history(&mut found).await?;
        self.add_items(&mut found).await?;
        self.add_pods(&mut found).await?;
        let wire = |((repository, digest), tasks): ((String, Digest), BTreeSet<String>)| DigestInUse {
            repository,
            digest,
            tasks: tasks.into_iter().collect(),
        };
        Ok(found.into_iter().map(wire).collect())
    }

    async fn add_history(&self, found: &mut Found) -> Result<()> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for row in history::Entity::find().order_by_desc(history::Column::Id).all(&self.db).await? {
            let task = task(&row.namespace, &row.kind, &row.workload, &row.container);
            let count = counts.entry(format!("{} {task}", row.cluster_id)).or_default();
            *count += 1;
            if *count <= REACH || row.until_at.is_none() {
                add(found, &store::read(&row.image)?, store::read(&row.digest_set)?, &task);
            }
        }
        Ok(())
    }

    /// What runs are about to set, or would go back to.
    async fn add_items(&self, found: &mut Found) -> Result<()> {
        let open = run_item::COLUMN.status.is_in(OPEN.iter().map(|status| status.as_str()));
        for row in run_item::Entity::find().filter(open).all(&self.db).await? {
            let task = task(&row.namespace, &row.kind, &row.workload, &row.container);
            let images = [(&row.to_image, &row.digest_set), (&row.back_image, &row.back_digest_set)];
            for (image, digests) in images {
                let digests = digests.as_ref().map(store::read).transpose()?.unwrap_or_default();
                if let Some(image) = image {
                    add(found, &store::read(image)?, digests, &task);
                }
            }
        }
        Ok(())
    }

    /// What pods of the maps run, whatever their templates say.
    async fn add_pods(&self, found: &mut Found) -> Result<()> {
        for map in service_map::Entity::find().all(&self.db).await? {
            let Ok(cluster) = self.clusters.get(map.cluster_id) else { continue };
            for workload in cluster.view().snapshot(&map.namespace, None) {
                let (kind, name) = (workload.key.kind.as_str(), &workload.key.name);
                for pod in cluster.view().pods_of(&workload) {
                    add_pod(found, &pod, |container| task(&map.namespace, kind, name, container));
                }
            }
        }
        Ok(())
    }
}

fn add_pod(found: &mut Found, pod: &PodView, task: impl Fn(&str) -> String) {
    for container in &pod.containers {
        let Ok(image) = ImageRef::parse(&container.image) else { continue };
        let reported = container.image_id.as_deref().and_then(|id| Digest::parse(id.rsplit('@').next()?).ok());
        let digests: DigestSet = image.digest.into_iter().chain(reported).collect();
        for digest in digests {
            found.entry((image.repository.to_string(), digest)).or_default().insert(task(&container.name));
        }
    }
}

fn add(found: &mut Found, image: &Image, digests: DigestSet, task: &str) {
    for digest in image.digest.iter().cloned().chain(digests) {
        found.entry((image.repository.clone(), digest)).or_default().insert(task.to_owned());
    }
}

/// As in `shop/deployment/web/app`.
fn task(namespace: &str, kind: &str, workload: &str, container: &str) -> String {
    format!("{namespace}/{kind}/{workload}/{container}")
}
