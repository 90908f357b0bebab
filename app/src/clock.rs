//! The reader's clock: ages and durations that go on by themselves.
//!
//! It starts at the moment the server rendered the page, so that both sides write the same first
//! words, and then follows the browser.

use crate::reactive::effect;
use crate::{
    boot::{self, ZONE_COOKIE, boot, keep_cookie},
    format,
};
use leptos::prelude::*;
use std::time::Duration;
use types::Time;

/// Durations of what runs count in seconds.
const SECOND: Duration = Duration::from_secs(1);
/// Ages are words like "6 min": they need no more than this.
const AGES_MS: i64 = 15_000;

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    /// Moves each second.
    second: RwSignal<Time>,
    /// Moves each quarter of a minute.
    quarter: RwSignal<Time>,
    zone_min: RwSignal<i32>,
}

impl Clock {
    /// `6 min`, without "ago".
    pub(crate) fn age(self, at: Time) -> String {
        format::age(self.quarter.get().since_ms(at))
    }

    /// From then until now, counting.
    pub(crate) fn elapsed(self, since: Time) -> String {
        format::elapsed(self.second.get().since_ms(since))
    }

    /// Milliseconds from then until now, counting.
    pub(crate) fn elapsed_ms(self, since: Time) -> u64 {
        self.second.get().since_ms(since)
    }

    /// `14:02`, `Thu 18:00` or `25 Nov 14:02`, whichever is clear today.
    pub(crate) fn moment(self, at: Time) -> String {
        format::moment(at, self.quarter.get(), self.zone_min.get())
    }

    /// `2026-11-25 14:01:29`, for those who hover.
    pub(crate) fn exact(self, at: Time) -> String {
        format::exact(at, self.zone_min.get())
    }

    /// `14:01:29.204`
    pub(crate) fn stamp(self, at: Time) -> String {
        format::stamp(at, self.zone_min.get())
    }

    /// The present moment, without following it.
    pub(crate) fn now(self) -> Time {
        self.second.get_untracked()
    }
}

/// Starts the clock of a page.
pub(crate) fn provide() {
    let boot = boot::boot();
    let clock = Clock {
        second: RwSignal::new(boot.now),
        quarter: RwSignal::new(boot.now),
        zone_min: RwSignal::new(boot.zone_min),
    };
    provide_context(clock);
    effect(move || run(clock));
}

/// See the module.
pub(crate) fn clock() -> Clock {
    use_context::<Clock>().unwrap_or_else(|| {
        let now = boot().now;
        Clock { second: RwSignal::new(now), quarter: RwSignal::new(now), zone_min: RwSignal::new(0) }
    })
}

/// Runs in the browser only, as all effects.
fn run(clock: Clock) {
    let Clock { second, quarter, zone_min } = clock;
    let ahead = second.get_untracked().as_millis() - js_sys::Date::now() as i64;
    let zone = -js_sys::Date::new_0().get_timezone_offset() as i32;
    if zone != zone_min.get_untracked() {
        zone_min.set(zone);
        keep_cookie(ZONE_COOKIE, &zone.to_string());
    }
    let tick = move || {
        let now = Time::from_millis(js_sys::Date::now() as i64 + ahead);
        second.set(now);
        if now.as_millis() - quarter.get_untracked().as_millis() >= AGES_MS {
            quarter.set(now);
        }
    };
    match set_interval_with_handle(tick, SECOND) {
        Ok(handle) => on_cleanup(move || handle.clear()),
        Err(_) => leptos::logging::warn!("the clock stands still"),
    }
}
