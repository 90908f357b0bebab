//! What others than Slipway have set, as long as nothing was set after it.

use super::super::Result;
use crate::store::{self, history, service_map};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use types::{Image, Time, history::ChangeSource};

/// An image that somebody else has set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetByOthers {
    pub(crate) image: String,
    pub(crate) by: Option<String>,
    pub(crate) at: Time,
    pub(crate) from: Option<String>,
}

/// Containers of a map's namespace whose present image others have set since Slipway looks on, by task. What was
/// found at first sight is no change.
pub(crate) async fn set_by_others<C: ConnectionTrait>(
    db: &C,
    map: &service_map::Model,
) -> Result<HashMap<String, SetByOthers>> {
    let of_namespace = || {
        Condition::all()
            .add(history::Column::ClusterId.eq(map.cluster_id))
            .add(history::Column::Namespace.eq(map.namespace.as_str()))
    };
    let present = of_namespace()
        .add(history::Column::UntilAt.is_null())
        .add(history::Column::Source.eq(ChangeSource::External.as_str()))
        .add(history::Column::Found.eq(false));
    let rows = history::Entity::find().filter(present).all(db).await?;
    let mut found = HashMap::new();
    for row in rows {
        // Seldom, so that a question for each costs less than all that ended.
        let before = of_namespace()
            .add(history::Column::Kind.eq(row.kind.as_str()))
            .add(history::Column::Workload.eq(row.workload.as_str()))
            .add(history::Column::Container.eq(row.container.as_str()))
            .add(history::Column::UntilAt.eq(row.from_at));
        let before = history::Entity::find().filter(before).order_by_desc(history::Column::Id).one(db).await?;
        let from = before.map(|before| store::read::<Image>(&before.image)).transpose()?.map(|image| image.image);
        let image = store::read::<Image>(&row.image)?.image;
        let task = format!("{}/{}/{}", row.kind, row.workload, row.container);
        found.insert(task, SetByOthers { image, by: row.manager, at: Time::from_millis(row.from_at), from });
    }
    Ok(found)
}
