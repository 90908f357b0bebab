//! The lines of a log as they come.

use super::{
    Liveness,
    socket::{Feed, Next, follow},
};
use crate::api::{logs::LogOf, reader};
use crate::reactive::effect;
use leptos::prelude::*;
use types::{
    event::{LogEnd, LogFrame, LogStatus},
    log::LogLine,
};

/// What a log's stream says, without what only keeps it open.
pub(crate) enum LogNews {
    Lines(Vec<LogLine>),
    Status(LogStatus),
    /// Lines up to what comes next were left out: the page asks for them when it shows them.
    Lagged,
    End(LogEnd),
}

/// Follows a log after line `after`: no gap, no double.
pub(crate) fn use_log_feed(
    log: LogOf,
    after: u64,
    on_news: impl Fn(LogNews) + Send + Sync + 'static,
) -> Signal<Liveness> {
    let liveness = RwSignal::new(Liveness::Connecting);
    let cursor = StoredValue::new(after);
    let on_news = StoredValue::new(on_news);
    effect(move || {
        let path = log.rest_path();
        follow(Feed {
            address: Box::new(move || format!("{path}/ws?after={}", cursor.get_value())),
            on_frame: Box::new(move |text| match reader::read::<LogFrame>(text) {
                Ok(frame) => on_news.with_value(|on_news| tell(frame, cursor, on_news)),
                Err(error) => {
                    leptos::logging::warn!("a frame of the log was not understood: {error}");
                    Next::GoOn
                }
            }),
            liveness,
        });
    });
    liveness.into()
}

fn tell(frame: LogFrame, cursor: StoredValue<u64>, on_news: &dyn Fn(LogNews)) -> Next {
    match frame {
        LogFrame::Lines(mut lines) => {
            // A resumed stream may begin before the cursor: what was seen is not told twice.
            let seen = cursor.get_value();
            lines.retain(|line| line.n > seen);
            if let Some(last) = lines.last() {
                cursor.set_value(last.n);
                on_news(LogNews::Lines(lines));
            }
        }
        LogFrame::Status(status) => on_news(LogNews::Status(status)),
        LogFrame::Lagged(_) => on_news(LogNews::Lagged),
        LogFrame::End(end) => {
            on_news(LogNews::End(end));
            return Next::End;
        }
        LogFrame::Ping(_) => {}
    }
    Next::GoOn
}
