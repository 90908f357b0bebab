//! What changes in a service map.

use super::{
    Liveness,
    map_frame::{MapFrame, MapNews},
    socket::{Feed, Next, follow},
};
use crate::{api::reader, reactive::effect};
use leptos::prelude::*;
use types::Name;

/// Follows a map from `seq` on, once the page is alive; see `follow_map`.
pub(crate) fn use_map_feed(
    map: Name,
    seq: String,
    on_news: impl Fn(MapNews) + Send + Sync + 'static,
) -> Signal<Liveness> {
    let liveness = RwSignal::new(Liveness::Connecting);
    let on_news = StoredValue::new(on_news);
    effect(move || {
        let tell = move |news| on_news.with_value(|on_news| on_news(news));
        follow_map(map.clone(), seq.clone(), liveness, Box::new(tell));
    });
    liveness.into()
}

/// Follows a map from `seq` on, until the reactive owner goes: `on_news` sees whatever changes, in
/// order.
pub(crate) fn follow_map(map: Name, seq: String, liveness: RwSignal<Liveness>, on_news: Box<dyn Fn(MapNews)>) {
    let last = StoredValue::new(seq);
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
                        on_news(news);
                    }
                }
                Err(error) => leptos::logging::warn!("a frame of the map was not understood: {error}"),
            }
            Next::GoOn
        }),
        liveness,
    });
}
