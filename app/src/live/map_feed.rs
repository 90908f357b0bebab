//! What changes in a service map.

use super::{
    Liveness,
    map_frame::{MapFrame, MapNews},
    socket::{Feed, Next, follow},
};
use crate::api::reader;
use leptos::prelude::*;
use types::Name;

/// Follows a map from `seq` on: `on_news` sees whatever changes, in order.
pub(crate) fn use_map_feed(
    map: Name,
    seq: String,
    on_news: impl Fn(MapNews) + Send + Sync + 'static,
) -> Signal<Liveness> {
    let liveness = RwSignal::new(Liveness::Connecting);
    let last = StoredValue::new(seq);
    let on_news = StoredValue::new(on_news);
    Effect::new(move |_| {
        let path = format!("/api/v1/maps/{map}/events?after=");
        follow(Feed {
            address: Box::new(move || format!("{path}{}", last.get_value())),
            on_frame: Box::new(move |text| {
                match reader::read::<MapFrame>(text) {
                    Ok(MapFrame { seq, news }) => {
                        if let Some(seq) = seq {
                            last.set_value(seq);
                        }
                        if let Some(news) = news {
                            on_news.with_value(|on_news| on_news(news));
                        }
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
