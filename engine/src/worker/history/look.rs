//! One look at the images of a workload: what is new is kept, with who has set it.

use crate::{
    Engine, Error,
    bus::Change,
    image::ImageRef,
    kube::{Cluster, ContainerView, PastTemplate, WorkloadKey, WorkloadView, patch::FIELD_MANAGER},
    now,
    registry::{DigestSet, Reference},
    service::{
        history::record::{self, Entry, Place, Ran, open_entry},
        tasks::OPEN,
    },
    store::{self, history, run, run_item, service_map, write_tx},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, HashMap};
use types::{Image, Time, cluster::Reach, history::ChangeSource};

/// An image that others change within this time after a run marks the run: ten minutes.
const REVERTED_WITHIN_MS: u64 = 600_000;

/// Kind and name of a workload, and container.
type Key = (WorkloadKey, String);

/// What was seen of one cluster.
pub(super) struct Seen {
    engine: Engine,
    cluster_id: i64,
    cluster: Cluster,
    /// The namespaces of the maps, each with since when Slipway has it in a map.
    namespaces: BTreeMap<String, Time>,
    /// The image of each container when it was looked at last.
    images: HashMap<Key, String>,
    /// Templates of the past, while a whole namespace is looked at.
    past: HashMap<String, Vec<PastTemplate>>,
}

impl Seen {
    pub(super) fn new(engine: Engine, cluster_id: i64, cluster: Cluster) -> Self {
        let (namespaces, images, past) = (BTreeMap::new(), HashMap::new(), HashMap::new());
        Self { engine, cluster_id, cluster, namespaces, images, past }
    }

    /// Looks at every workload of these namespaces, and at no other from now on.
    pub(super) async fn all_of(&mut self, namespaces: BTreeMap<String, Time>) -> Result<(), Error> {
        self.namespaces = namespaces;
        self.all().await
    }

    pub(super) async fn all(&mut self) -> Result<(), Error> {
        for namespace in self.namespaces.keys().cloned().collect::<Vec<_>>() {
            for workload in self.cluster.view().snapshot(&namespace, None) {
                self.workload(&workload).await?;
            }
        }
        self.past.clear();
        Ok(())
    }

    /// Looks at one workload, if a map has its namespace.
    pub(super) async fn one(&mut self, key: &WorkloadKey) -> Result<(), Error> {
        if !self.namespaces.contains_key(&key.namespace) {
            return Ok(());
        }
        match self.cluster.view().workload(key.kind, &key.namespace, &key.name) {
            Some(workload) => self.workload(&workload).await?,
            None => self.images.retain(|(known, _), _| known != key),
        }
        self.past.clear();
        Ok(())
    }

    async fn workload(&mut self, workload: &WorkloadView) -> Result<(), Error> {
        for container in &workload.containers {
            let key = (workload.key.clone(), container.name.clone());
            if self.images.get(&key) != Some(&container.image) {
                self.container(workload, container).await?;
                self.images.insert(key, container.image.clone());
            }
        }
        Ok(())
    }

    async fn container(&mut self, workload: &WorkloadView, container: &ContainerView) -> Result<(), Error> {
        let place = Place {
            cluster_id: self.cluster_id,
            namespace: &workload.key.namespace,
            kind: workload.key.kind.as_str(),
            workload: &workload.key.name,
            container: &container.name,
        };
        match open_entry(&self.engine.db, place).await? {
            Some(open) if image_of(&open)?.image == container.image => Ok(()),
            Some(_) => self.changed(place, workload, container).await,
            None => self.first_sight(place, workload, container).await,
        }
    }

    /// Somebody has set another image.
    async fn changed(&self, place: Place<'_>, workload: &WorkloadView, container: &ContainerView) -> Result<(), Error> {
        let ran = self.resolved(&container.image).await?;
        let by_slipway = container.written_by.as_deref() == Some(FIELD_MANAGER);
        let tx = write_tx(&self.engine.db).await?;
        // An item that has the workload in hand writes what it has set itself.
        if by_slipway && in_hand(&tx, place).await? {
            return Ok(());
        }
        let open = open_entry(&tx, place).await?;
        if let Some(open) = &open
            && image_of(open)?.image == container.image
        {
            return Ok(());
        }
        let entry = Entry {
            place,
            ran,
            source: if by_slipway { ChangeSource::Slipway } else { ChangeSource::External },
            manager: container.written_by.clone(),
            by: None,
            from_at: now().as_millis(),
            until_at: None,
            found: false,
        };
        record::begin(&tx, entry).await?;
        let reverted = match open.filter(|_| !by_slipway) {
            Some(open) => mark_reverted(&tx, &open, container).await?,
            None => None,
        };
        tx.commit().await?;
        tracing::info!(workload = %workload.key, container = container.name, image = container.image, "seen");
        self.tell_maps(&workload.key.namespace).await?;
        if let Some(row) = reverted {
            self.engine.bus.tell(Change::Run { id: row.id, map_id: row.map_id });
        }
        Ok(())
    }

    /// Pages show who has set what runs, and what ran.
    async fn tell_maps(&self, namespace: &str) -> Result<(), Error> {
        let maps = service_map::Entity::find()
            .filter(service_map::COLUMN.cluster_id.eq(self.cluster_id))
            .filter(service_map::COLUMN.namespace.eq(namespace));
        for map in maps.all(&self.engine.db).await? {
            self.engine.bus.tell(Change::Map { id: map.id });
        }
        Ok(())
    }

    /// Nothing is known of the container: what the cluster still has of its past is taken over.
    async fn first_sight(
        &mut self,
        place: Place<'_>,
        workload: &WorkloadView,
        container: &ContainerView,
    ) -> Result<(), Error> {
        let versions = self.versions(workload, container).await;
        let since = self.namespaces.get(&workload.key.namespace).copied();
        let present = self.resolved(&container.image).await?;
        let tx = write_tx(&self.engine.db).await?;
        if open_entry(&tx, place).await?.is_some() {
            return Ok(());
        }
        for (at, (image, from)) in versions.iter().enumerate() {
            let until = versions.get(at + 1).map(|(_, next)| next.as_millis());
            let is_present = until.is_none();
            let manager = container.written_by.clone().filter(|_| is_present);
            let by_slipway = manager.as_deref() == Some(FIELD_MANAGER);
            let ran = if is_present {
                Ran { image: present.image.clone(), digests: present.digests.clone() }
            } else {
                written(image)
            };
            let entry = Entry {
                place,
                ran,
                source: if by_slipway { ChangeSource::Slipway } else { ChangeSource::External },
                manager,
                by: None,
                from_at: from.as_millis(),
                until_at: until,
                found: at == 0 || since.is_none_or(|since| !is_after(*from, since)),
            };
            record::insert(&tx, entry).await?;
        }
        tx.commit().await?;
        self.tell_maps(&workload.key.namespace).await
    }

    /// The images that the container had, oldest first, each with since when; the last is the present one.
    async fn versions(&mut self, workload: &WorkloadView, container: &ContainerView) -> Vec<(String, Time)> {
        let namespace = &workload.key.namespace;
        if !self.past.contains_key(namespace) {
            let read = self.cluster.past_templates(namespace).await;
            let past = read.unwrap_or_else(|why| {
                tracing::warn!(%why, namespace, "the past of a namespace could not be read");
                Vec::new()
            });
            self.past.insert(namespace.clone(), past);
        }
        let past = self.past.get(namespace).map(Vec::as_slice).unwrap_or_default();
        in_order(past, workload, container)
    }

    /// With what the registry says the image is now.
    async fn resolved(&self, image: &str) -> Result<Ran, Error> {
        let mut ran = written(image);
        let Ok(parsed) = ImageRef::parse(image) else { return Ok(ran) };
        let by_tag = || parsed.tag.clone().map(Reference::Tag);
        let Some(reference) = parsed.digest.clone().map(Reference::Digest).or_else(by_tag) else { return Ok(ran) };
        let Some(entry) = self.engine.registry_of(&parsed.repository).await? else { return Ok(ran) };
        if entry.health.state().reach == Reach::Unreachable {
            // A map of hundreds of containers would wait as often for nothing.
            return Ok(ran);
        }
        if let Ok(resolved) = entry.resolve(parsed.repository.path(), &reference).await {
            ran.image.digest = Some(resolved.digest);
            ran.digests = resolved.digest_set;
        }
        Ok(ran)
    }
}

/// Whether something that the cluster dates in whole seconds may have come after this time: what was changed while
/// a map shows it is a change, however late it is looked at.
fn is_after(dated: Time, time: Time) -> bool {
    dated.as_millis() / 1_000 >= time.as_millis() / 1_000
}

/// The distinct images of a container over the templates of its workload.
fn in_order(past: &[PastTemplate], workload: &WorkloadView, container: &ContainerView) -> Vec<(String, Time)> {
    let mut templates: Vec<&PastTemplate> = past.iter().filter(|past| past.owner_uid == workload.uid).collect();
    templates.sort_by_key(|past| past.number);
    let image = |past: &PastTemplate| past.images.iter().find(|(name, _)| *name == container.name).cloned();
    let mut versions: Vec<(String, Time)> = Vec::new();
    for template in templates {
        let (Some((_, image)), Some(at)) = (image(template), template.created_at) else { continue };
        // A template that was taken up again has its old time: nothing begins before what it followed.
        let from = versions.last().map_or(at, |(_, before)| at.max(*before));
        if versions.last().is_none_or(|(before, _)| *before != image) {
            versions.push((image, from));
        }
    }
    if versions.last().is_none_or(|(last, _)| *last != container.image) {
        let from = container.written_at.unwrap_or_else(now);
        let from = versions.last().map_or(from, |(_, before)| from.max(*before));
        versions.push((container.image.clone(), from));
    }
    versions
}

fn written(image: &str) -> Ran {
    let image = match ImageRef::parse(image) {
        Ok(parsed) => Image {
            image: image.to_owned(),
            repository: parsed.repository.to_string(),
            tag: parsed.tag,
            digest: parsed.digest,
        },
        Err(_) => Image { image: image.to_owned(), repository: image.to_owned(), tag: None, digest: None },
    };
    let digests: DigestSet = image.digest.iter().cloned().collect();
    Ran { image, digests }
}

fn image_of(entry: &history::Model) -> Result<Image, Error> {
    store::read(&entry.image)
}

/// Whether an item has the workload in hand.
async fn in_hand(tx: &DatabaseTransaction, place: Place<'_>) -> Result<bool, Error> {
    let open = run_item::Entity::find()
        .filter(run_item::COLUMN.cluster_id.eq(place.cluster_id))
        .filter(run_item::COLUMN.namespace.eq(place.namespace))
        .filter(run_item::COLUMN.kind.eq(place.kind))
        .filter(run_item::COLUMN.workload.eq(place.workload))
        .filter(run_item::COLUMN.status.is_in(OPEN.iter().map(|status| status.as_str())))
        .one(tx)
        .await?;
    Ok(open.is_some())
}

/// What a run had set did not stay: the run tells by whom.
async fn mark_reverted(
    tx: &DatabaseTransaction,
    before: &history::Model,
    container: &ContainerView,
) -> Result<Option<run::Model>, Error> {
    let Some(id) = before.run_id else { return Ok(None) };
    let Some(row) = run::Entity::find_by_id(id).one(tx).await? else { return Ok(None) };
    let soon = row.ended_at.is_none_or(|ended| now().since_ms(Time::from_millis(ended)) <= REVERTED_WITHIN_MS);
    if !soon || row.reverted_by.is_some() {
        return Ok(None);
    }
    let by = container.written_by.clone().unwrap_or_else(|| "unknown".to_owned());
    let change = run::ActiveModel {
        id: Set(id),
        reverted_by: Set(Some(by)),
        version: Set(row.version + 1),
        ..Default::default()
    };
    Ok(Some(run::Entity::update(change).exec(tx).await?))
}

#[cfg(test)]
mod tests {
    use super::{in_order, is_after};
    use crate::kube::{PastTemplate, testing};
    use types::{Time, WorkloadKind};

    fn past(number: i64, at: i64, image: &str) -> PastTemplate {
        PastTemplate {
            owner_uid: "uid-web".to_owned(),
            number,
            created_at: Some(Time::from_millis(at)),
            images: vec![("app".to_owned(), image.to_owned())],
        }
    }

    #[test]
    fn the_past_is_in_the_order_of_revisions() {
        let workload = testing::workload(WorkloadKind::Deployment, 1);
        let container = testing::template_container("app", "web:3");
        // Revision 4 took up the template that was made first.
        let others = PastTemplate { owner_uid: "another".to_owned(), ..past(9, 1, "web:9") };
        let templates = [past(4, 10, "web:1"), past(2, 20, "web:2"), past(3, 25, "web:2"), others];
        let found = in_order(&templates, &workload, &container);
        let expected = [("web:2", 20), ("web:1", 20), ("web:3", 1_000)];
        let expected = expected.map(|(image, at)| (image.to_owned(), Time::from_millis(at.max(20))));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_the_cluster_dates_in_seconds_is_after_what_was_in_the_same_second() {
        let map = Time::from_millis(5_900);
        assert!(is_after(Time::from_millis(5_000), map));
        assert!(is_after(Time::from_millis(6_000), map));
        assert!(!is_after(Time::from_millis(4_000), map));
    }
}
