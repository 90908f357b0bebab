//! What the viewer knows and does: where the reader is, what is marked, which lines are held.

use super::{
    lines::{Lines, PAGE},
    mark::Mark,
    rows::{At, Rows},
    scroll::{self, Place, Port},
};
use crate::reactive::{effect, memo};
use crate::{
    api::logs::{LogOf, log_window},
    live::{
        Liveness,
        log_feed::{LogNews, use_log_feed},
    },
    text,
};
use leptos::{
    ev,
    html::{Div, Ol},
    prelude::*,
    task::spawn_local,
};
use types::{
    Time,
    build_run::{StepRun, StepStatus},
    log::{LogLine, LogWindow},
};

/// Units drawn above and below what is seen, so that a fast wheel meets lines.
const OVERSCAN: u64 = 12;
/// Units in the page that the server renders: more than a screen.
const FIRST_UNITS: u64 = 100;

/// How the times of lines are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Times {
    #[default]
    Clock,
    SinceStart,
    Off,
}

/// What a viewer begins with.
pub(crate) struct Opened {
    pub(crate) log: LogOf,
    /// From line 1.
    pub(crate) first: LogWindow,
    pub(crate) steps: Vec<StepRun>,
    pub(crate) started_at: Option<Time>,
}

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Viewer {
    log: StoredValue<LogOf>,
    lines: StoredValue<Lines>,
    /// Moves when lines came in.
    came: RwSignal<u32>,
    pub(crate) total: RwSignal<u64>,
    pub(crate) complete: RwSignal<bool>,
    pub(crate) steps: RwSignal<Vec<StepRun>>,
    folded: RwSignal<Vec<u32>>,
    rows: Memo<Rows>,
    place: RwSignal<Place>,
    /// Pixels; 0 until the browser has measured.
    height: RwSignal<f64>,
    pub(crate) shown: Memo<Vec<(u64, At)>>,
    pub(crate) following: RwSignal<bool>,
    /// Lines there were when following ended.
    seen: RwSignal<u64>,
    pub(crate) mark: RwSignal<Option<Mark>>,
    pub(crate) notice: RwSignal<Option<String>>,
    pub(crate) times: RwSignal<Times>,
    pub(crate) started_at: Option<Time>,
    pub(crate) port: NodeRef<Div>,
    pub(crate) space: NodeRef<Div>,
    pub(crate) window: NodeRef<Ol>,
}

impl Viewer {
    pub(crate) fn new(opened: Opened) -> Self {
        let Opened { log, first, steps, started_at } = opened;
        let mut lines = Lines::default();
        lines.put(first.lines, 1);
        let total = RwSignal::new(first.total);
        let (steps, folded) = (RwSignal::new(steps), RwSignal::new(Vec::new()));
        let (place, height) = (RwSignal::new(Place::default()), RwSignal::new(0.0));
        let rows = memo(move || steps.with(|steps| folded.with(|folded| Rows::new(steps, total.get(), folded))));
        let shown = memo(move || {
            let (from, to) = seen_units(place.get(), height.get());
            rows.with(|rows| rows.between(from, to))
        });
        Self {
            log: StoredValue::new(log),
            lines: StoredValue::new(lines),
            came: RwSignal::new(0),
            total,
            complete: RwSignal::new(first.complete),
            steps,
            folded,
            rows,
            place,
            height,
            shown,
            following: RwSignal::new(false),
            seen: RwSignal::new(first.total),
            mark: RwSignal::new(None),
            notice: RwSignal::new(None),
            times: RwSignal::new(Times::default()),
            started_at,
            port: NodeRef::new(),
            space: NodeRef::new(),
            window: NodeRef::new(),
        }
    }

    /// Follows the log; `on_end` is told of changes that are not lines.
    pub(crate) fn live(self, on_status: impl Fn() + Send + Sync + 'static) -> Signal<Liveness> {
        if self.complete.get_untracked() {
            return Signal::stored(Liveness::Over);
        }
        use_log_feed(self.log.get_value(), self.total.get_untracked(), move |news| match news {
            LogNews::Lines(lines) => self.take(lines),
            LogNews::Status(status) => {
                self.steps.set(status.steps);
                on_status();
            }
            LogNews::Lagged => {}
            LogNews::End(end) => {
                self.grow(end.last);
                self.complete.set(true);
                self.following.set(false);
                on_status();
            }
        })
    }

    /// Wires the viewer to its elements, in the browser.
    pub(crate) fn start(self) {
        effect(move || {
            self.measure();
            let resized = window_event_listener(ev::resize, move |_| self.measure());
            let moved = window_event_listener(ev::hashchange, move |_| self.go_to_fragment());
            on_cleanup(move || {
                resized.remove();
                moved.remove();
            });
            self.begin();
        });
        effect(move || self.stretch());
        effect(move || self.draw());
        effect(move || self.fetch());
    }

    pub(crate) fn line(self, n: u64) -> Option<LogLine> {
        self.came.track();
        self.lines.with_value(|lines| lines.get(n).cloned())
    }

    pub(crate) fn is_folded(self, step: u32) -> bool {
        self.folded.with(|folded| folded.contains(&step))
    }

    pub(crate) fn fold(self, step: u32) {
        self.folded.update(|folded| match folded.iter().position(|other| *other == step) {
            Some(at) => {
                folded.remove(at);
            }
            None => folded.push(step),
        });
    }

    /// Lines that came after the reader stopped following.
    pub(crate) fn new_lines(self) -> u64 {
        if self.following.get() { 0 } else { self.total.get().saturating_sub(self.seen.get()) }
    }

    /// To the end, and along with it while the log grows.
    pub(crate) fn follow(self) {
        self.seen.set(self.total.get_untracked());
        self.following.set(!self.complete.get_untracked());
        self.go(self.rows.with_untracked(Rows::units) as f64);
    }

    /// To a line, a third of the box below its upper edge.
    pub(crate) fn go_to(self, line: u64) {
        if let Some(step) = self.rows.with_untracked(|rows| rows.step_of(line)) {
            self.folded.update(|folded| folded.retain(|other| *other != step));
        }
        self.stop_following();
        let unit = self.rows.with_untracked(|rows| rows.unit_of(line)) as f64;
        self.go(unit - self.height.get_untracked() / scroll::UNIT_PX / 3.0);
    }

    /// Whether a step has failed, and where its last line is.
    pub(crate) fn failure(self) -> Option<u64> {
        self.steps.with(|steps| {
            let failed = steps.iter().find(|step| step.status == StepStatus::Failed)?;
            failed.last_line.or(failed.first_line)
        })
    }

    pub(crate) fn show_failure(self) {
        if let Some(line) = untrack(move || self.failure()) {
            self.go_to(line);
        }
    }

    /// Marks a line, or with Shift everything up to it, and writes it into the address.
    pub(crate) fn choose(self, line: u64, extend: bool) {
        let mark = match self.mark.get_untracked().filter(|_| extend) {
            Some(mark) => mark.to(line),
            None => Mark::of_line(line),
        };
        self.mark.set(Some(mark));
        self.notice.set(None);
        self.stop_following();
        let location = window().location();
        let address = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
        let history = window().history();
        let state = history.as_ref().ok().and_then(|history| history.state().ok()).unwrap_or_default();
        let written = history.and_then(|history| {
            history.replace_state_with_url(&state, "", Some(&format!("{address}{}", mark.fragment())))
        });
        if written.is_err() {
            leptos::logging::warn!("the browser keeps its address");
        }
    }

    pub(crate) fn scrolled(self) {
        let Some(port) = self.port.get_untracked() else { return };
        let now = Port { scroll_top: f64::from(port.scroll_top()), height: f64::from(port.client_height()) };
        let units = self.rows.with_untracked(Rows::units);
        let place = scroll::moved(self.place.get_untracked(), now, units);
        self.height.set(now.height);
        self.place.set(place);
        let at_end = place.top + now.height / scroll::UNIT_PX + 1.0 >= units as f64;
        if at_end && !self.complete.get_untracked() {
            self.following.set(true);
        } else {
            self.stop_following();
        }
        if at_end {
            self.seen.set(self.total.get_untracked());
        }
    }

    fn stop_following(self) {
        if self.following.get_untracked() {
            self.following.set(false);
            self.seen.set(self.total.get_untracked());
        }
    }

    fn take(self, lines: Vec<LogLine>) {
        let last = lines.last().map_or(0, |line| line.n);
        let near = self.shown.with_untracked(|shown| shown.iter().find_map(|(_, at)| line_of(*at))).unwrap_or(1);
        self.lines
            .update_value(|held| held.put(lines, near.max(if self.following.get_untracked() { last } else { 0 })));
        self.grow(last);
        self.came.update(|came| *came = came.wrapping_add(1));
    }

    fn grow(self, last: u64) {
        if last > self.total.get_untracked() {
            self.total.set(last);
        }
    }

    fn measure(self) {
        if let Some(port) = self.port.get_untracked() {
            self.height.set(f64::from(port.client_height()));
        }
    }

    /// Where a reader who has just come stands: at the marked line, at the end of what runs, at the
    /// failure, or at the beginning.
    fn begin(self) {
        self.stretch();
        if self.read_fragment() {
            return;
        }
        if !self.complete.get_untracked() {
            self.follow();
        } else {
            self.show_failure();
        }
    }

    fn go_to_fragment(self) {
        self.read_fragment();
    }

    /// Shows the lines that the address marks; false where it marks none.
    fn read_fragment(self) -> bool {
        let fragment = window().location().hash().unwrap_or_default();
        let Some(mark) = Mark::parse(&fragment) else { return false };
        let total = self.total.get_untracked();
        self.mark.set(Some(mark));
        if mark.first > total {
            self.notice.set(Some(text::line_not_there(mark.first, total, self.complete.get_untracked())));
            self.follow();
        } else {
            self.notice.set(None);
            self.go_to(mark.first);
        }
        true
    }

    fn go(self, unit: f64) {
        let Some(port) = self.port.get_untracked() else { return };
        let place = scroll::at(unit, f64::from(port.client_height()), self.rows.with_untracked(Rows::units));
        self.stretch();
        self.place.set(place);
        port.set_scroll_top(place.scroll_top.round() as i32);
    }

    /// Gives the scroll bar its length; whoever follows goes along.
    fn stretch(self) {
        let units = self.rows.with(Rows::units);
        if let Some(space) = self.space.get() {
            set_style(&space, "height", &format!("{}px", scroll::content_px(units)));
        }
        if self.following.get_untracked() {
            let end = self.port.get_untracked();
            let place = scroll::at(units as f64, self.height.get_untracked(), units);
            self.place.set(place);
            if let Some(port) = end {
                port.set_scroll_top(place.scroll_top.ceil() as i32);
            }
        }
    }

    /// Puts the window of lines where the reader is.
    fn draw(self) {
        let units = self.rows.with(Rows::units);
        let place = self.place.get();
        let first = self.shown.with(|shown| shown.first().map_or(0, |(unit, _)| *unit));
        if let Some(window) = self.window.get() {
            let y = scroll::window_px(place, first, units);
            set_style(&window, "transform", &format!("translateY({}px)", y.round()));
        }
    }

    /// Asks for lines that are seen and not held.
    fn fetch(self) {
        let wanted: Vec<u64> = self.shown.with(|shown| shown.iter().filter_map(|(_, at)| line_of(*at)).collect());
        let near = wanted.first().copied().unwrap_or(1);
        let pages = self.lines.try_update_value(|lines| lines.ask(wanted.into_iter())).unwrap_or_default();
        for first in pages {
            let log = self.log.get_value();
            spawn_local(async move {
                let answer = log_window(log, i64::try_from(first).unwrap_or(i64::MAX), PAGE as u32).await;
                self.lines.try_update_value(|lines| lines.answered(first));
                match answer {
                    Ok(window) => {
                        self.lines.try_update_value(|lines| lines.put(window.lines, near));
                        self.came.try_update(|came| *came = came.wrapping_add(1));
                    }
                    Err(error) => {
                        self.notice.try_set(Some(error.detail));
                    }
                }
            });
        }
    }
}

fn line_of(at: At) -> Option<u64> {
    match at {
        At::Line(n) => Some(n),
        At::Head(_) => None,
    }
}

fn seen_units(place: Place, height: f64) -> (u64, u64) {
    if height == 0.0 {
        return (0, FIRST_UNITS);
    }
    let first = place.top.floor() as u64;
    let seen = (height / scroll::UNIT_PX).ceil() as u64;
    (first.saturating_sub(OVERSCAN), first + seen + OVERSCAN)
}

/// Styles are set through the object model: the page's policy allows none in its markup.
fn set_style(element: &web_sys::HtmlElement, name: &str, value: &str) {
    if element.style().set_property(name, value).is_err() {
        leptos::logging::warn!("the browser does not take {name}");
    }
}
