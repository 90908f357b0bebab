//! Service maps.

use super::{Result, Revised, Revision, audit};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    bus::Change,
    kube::Selector,
    now,
    store::{self, plan, selection, service_map, task_setting, write_tx},
};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use types::{
    FieldError, Name,
    cluster::Reach,
    map::{MapPatch, MapSummary, NewMap, ServiceMap, WrittenForm},
    task::WorkloadStatus,
};

/// Deadlines of rollouts: ten seconds to a day.
pub(crate) const DEADLINE_MS: std::ops::RangeInclusive<u64> = 10_000..=86_400_000;
const NAMESPACE_MAX: usize = 63;
const GROUP_MAX: usize = 63;

impl Engine {
    pub async fn maps(&self, who: &Principal) -> Result<Vec<MapSummary>> {
        let rows = service_map::Entity::find().order_by_asc(service_map::Column::Name).all(&self.db).await?;
        let mut maps = Vec::with_capacity(rows.len());
        for row in rows {
            let map = self.map_wire(&row).await?;
            if who.may(Verb::Read, &On::Map(map.name.clone())) {
                maps.push(self.summary(&row, map));
            }
        }
        Ok(maps)
    }

    pub async fn map(&self, who: &Principal, name: &Name) -> Result<Revised<ServiceMap>> {
        let row = self.map_row(who, Verb::Read, name).await?;
        Ok(Revised { value: self.map_wire(&row).await?, revision: Revision(row.revision) })
    }

    pub async fn create_map(&self, who: &Principal, new: NewMap) -> Result<Revised<ServiceMap>> {
        who.need_admin()?;
        let name = Name::parse(&new.name).map_err(|why| Error::field("name", why))?;
        let cluster = Name::parse(&new.cluster).map_err(|why| Error::field("cluster", why))?;
        let cluster =
            self.cluster_row(&cluster).await.map_err(|_| Error::field("cluster", "is not a cluster of Slipway"))?;
        check_namespace(&new.namespace)?;
        check_selector(new.selector.as_deref())?;
        check_deadline(new.deadline_ms)?;
        check_group(new.group.as_deref())?;
        let row = service_map::ActiveModel {
            name: Set(name.to_string()),
            cluster_id: Set(cluster.id),
            namespace: Set(new.namespace.clone()),
            selector: Set(new.selector),
            group: Set(new.group),
            color: Set(new.color),
            written_form: Set(form_word(new.written_form).to_owned()),
            deadline_ms: Set(new.deadline_ms.and_then(|ms| i64::try_from(ms).ok())),
            undo_on_deadline: Set(new.undo_on_deadline),
            revision: Set(1),
            created_at: Set(now().as_millis()),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        service_map::Entity::insert(row).exec(&tx).await.map_err(|why| super::exists(why, "service map", &name))?;
        let (thing, to) = (format!("maps/{name}"), Some(new.namespace.into()));
        audit::record(&tx, who, audit::Entry { action: "map.create", thing, from: None, to }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Settings);
        self.map(who, &name).await
    }

    pub async fn patch_map(
        &self,
        who: &Principal,
        name: &Name,
        expected: Revision,
        patch: MapPatch,
    ) -> Result<Revised<ServiceMap>> {
        let row = self.map_row(who, Verb::Manage, name).await?;
        let before = self.map_wire(&row).await?;
        let MapPatch { namespace, selector, group, color, written_form, deadline_ms, undo_on_deadline } = patch;
        let namespace = namespace.unwrap_or(row.namespace);
        if namespace != before.namespace {
            // Another namespace is another set of things that may be changed.
            who.need_admin()?;
        }
        check_namespace(&namespace)?;
        check_selector(selector.as_deref())?;
        check_deadline(deadline_ms)?;
        check_group(group.as_deref())?;
        let deadline = deadline_ms.or(before.deadline_ms).and_then(|ms| i64::try_from(ms).ok());
        let form = form_word(written_form.unwrap_or(before.written_form));
        let tx = write_tx(&self.db).await?;
        let changed = service_map::Entity::update_many()
            .col_expr(service_map::Column::Namespace, Expr::value(namespace))
            .col_expr(service_map::Column::Selector, Expr::value(selector.or(row.selector)))
            .col_expr(service_map::Column::Group, Expr::value(group.or(row.group)))
            .col_expr(service_map::Column::Color, Expr::value(color.or(row.color)))
            .col_expr(service_map::Column::WrittenForm, Expr::value(form))
            .col_expr(service_map::Column::DeadlineMs, Expr::value(deadline))
            .col_expr(
                service_map::Column::UndoOnDeadline,
                Expr::value(undo_on_deadline.unwrap_or(row.undo_on_deadline)),
            )
            .col_expr(service_map::Column::Revision, Expr::value(expected.0 + 1))
            .filter(service_map::COLUMN.id.eq(row.id))
            .filter(service_map::COLUMN.revision.eq(expected.0))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::ChangedMeanwhile);
        }
        let from = Some(store::write(&before)?);
        audit::record(&tx, who, audit::Entry { action: "map.change", thing: format!("maps/{name}"), from, to: None })
            .await?;
        tx.commit().await?;
        self.bus.tell(Change::Settings);
        self.map(who, name).await
    }

    /// Forgets a map; nothing in the cluster changes, and runs keep their history.
    pub async fn delete_map(&self, who: &Principal, name: &Name) -> Result<()> {
        who.need_admin()?;
        let row = self.map_row(who, Verb::Admin, name).await?;
        let busy = self.unsettled_runs_of_map(row.id).await?;
        if !busy.is_empty() {
            return Err(Error::InUse { what: format!("Service map {name}"), users: busy });
        }
        let tx = write_tx(&self.db).await?;
        selection::Entity::delete_many().filter(selection::COLUMN.map_id.eq(row.id)).exec(&tx).await?;
        task_setting::Entity::delete_many().filter(task_setting::COLUMN.map_id.eq(row.id)).exec(&tx).await?;
        plan::Entity::delete_many().filter(plan::COLUMN.map_id.eq(row.id)).exec(&tx).await?;
        service_map::Entity::delete_by_id(row.id).exec(&tx).await?;
        let (thing, from) = (format!("maps/{name}"), Some(row.namespace.into()));
        audit::record(&tx, who, audit::Entry { action: "map.delete", thing, from, to: None }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Settings);
        Ok(())
    }

    /// The row of a map on which `who` may do `verb`.
    pub(crate) async fn map_row(&self, who: &Principal, verb: Verb, name: &Name) -> Result<service_map::Model> {
        let what = format!("service map {name}");
        let on = if verb == Verb::Admin { On::Everywhere } else { On::Map(name.clone()) };
        who.need(verb, &on, &what)?;
        let row = service_map::Entity::find().filter(service_map::COLUMN.name.eq(name.as_str())).one(&self.db).await?;
        row.ok_or(Error::NotFound(what))
    }

    pub(crate) async fn map_wire(&self, row: &service_map::Model) -> Result<ServiceMap> {
        let cluster = store::cluster::Entity::find_by_id(row.cluster_id).one(&self.db).await?;
        let cluster = cluster.ok_or_else(|| Error::Internal(format!("map {} has no cluster", row.name)))?;
        Ok(ServiceMap {
            name: super::stored_name(&row.name)?,
            cluster: super::stored_name(&cluster.name)?,
            namespace: row.namespace.clone(),
            selector: row.selector.clone(),
            group: row.group.clone(),
            color: row.color.clone(),
            written_form: form_of(&row.written_form),
            deadline_ms: row.deadline_ms.and_then(|ms| u64::try_from(ms).ok()),
            undo_on_deadline: row.undo_on_deadline,
        })
    }

    fn summary(&self, row: &service_map::Model, map: ServiceMap) -> MapSummary {
        let mut summary = MapSummary { map, workloads: 0, failed: 0, updating: 0, error: None };
        match self.clusters.get(row.cluster_id) {
            Ok(cluster) => {
                let status = cluster.view().status();
                let selector = row.selector.as_deref().and_then(|text| Selector::parse(text).ok());
                for workload in cluster.view().snapshot(&row.namespace, selector.as_ref()) {
                    summary.workloads += 1;
                    summary.failed += u32::from(workload.status == WorkloadStatus::Failed);
                    summary.updating += u32::from(workload.status == WorkloadStatus::Updating);
                }
                summary.error = if status.reach == Reach::Unreachable { status.error } else { None };
            }
            Err(error) => summary.error = Some(error),
        }
        summary
    }
}

/// The form's word in the database, the same as on the wire.
pub(crate) fn form_word(form: WrittenForm) -> &'static str {
    match form {
        WrittenForm::TagDigest => "tag_digest",
        WrittenForm::Digest => "digest",
        WrittenForm::Tag => "tag",
    }
}

pub(crate) fn form_of(word: &str) -> WrittenForm {
    match word {
        "digest" => WrittenForm::Digest,
        "tag" => WrittenForm::Tag,
        _ => WrittenForm::TagDigest,
    }
}

fn check_namespace(namespace: &str) -> Result<()> {
    let word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let good = !namespace.is_empty() && namespace.len() <= NAMESPACE_MAX && namespace.bytes().all(word);
    if good && !namespace.starts_with('-') && !namespace.ends_with('-') {
        return Ok(());
    }
    Err(Error::field("namespace", format!("must be 1 to {NAMESPACE_MAX} lower-case letters, digits and hyphens")))
}

fn check_selector(selector: Option<&str>) -> Result<()> {
    match selector.map(Selector::parse) {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(message)) => Err(Error::Invalid(vec![FieldError { path: "selector".to_owned(), message }])),
    }
}

fn check_group(group: Option<&str>) -> Result<()> {
    if group.is_none_or(|group| group.chars().count() <= GROUP_MAX) {
        return Ok(());
    }
    Err(Error::field("group", format!("must be at most {GROUP_MAX} characters")))
}

pub(crate) fn check_deadline(deadline_ms: Option<u64>) -> Result<()> {
    if deadline_ms.is_none_or(|ms| DEADLINE_MS.contains(&ms)) {
        return Ok(());
    }
    Err(Error::field("deadline_ms", "must be 10000 to 86400000 (10 s to 24 h)"))
}
