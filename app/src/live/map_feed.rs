//! What changes in a service map.

use super::{
    Liveness,
    socket::{Feed, Next, follow},
};
use leptos::prelude::*;
use types::{
    Name,
    event::{MapChange, MapFrame},
};

/// Follows a map from `seq` on: `on_change` sees every frame, in order.
pub(crate) fn use_map_feed(
    map: Name,
    seq: String,
    on_change: impl Fn(MapChange) + Send + Sync + 'static,
) -> Signal<Liveness> {
    let liveness = RwSignal::new(Liveness::Connecting);
    let last = StoredValue::new(seq);
    let on_change = StoredValue::new(on_change);
    Effect::new(move |_| {
        let path = format!("/api/v1/maps/{map}/events?after=");
        follow(Feed {
            address: Box::new(move || format!("{path}{}", last.get_value())),
            on_frame: Box::new(move |text| {
                match serde_json::from_slice::<MapFrame>(text.as_bytes()) {
                    Ok(MapFrame { seq, change }) => {
                        if let Some(seq) = seq {
                            last.set_value(seq);
                        }
                        on_change.with_value(|on_change| on_change(change));
                    }
                    Err(error) => leptos::logging::warn!("a frame of the map was not understood: {error}"),
                }
                Next::GoOn
            }),
            liveness,
        });
    });
    liveness.into()
}
