//! A button that has to be held: what it does is not done by a slip of the hand.
//!
//! Pointer, Enter and Space are held alike, and the button fills meanwhile. Screen readers cannot
//! hold; their press asks for a second one.

use super::icon::icon;
use crate::components::any::view;
use crate::text;
use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::time::Duration;

/// Long enough to be meant, short enough for somebody in a hurry. The style sheet fills as long.
const HOLD: Duration = Duration::from_millis(800);
/// How long the first press of a screen reader counts.
const ARMED: Duration = Duration::from_secs(6);

/// What the button knows.
#[derive(Clone, Copy)]
struct Held {
    off: Signal<bool>,
    done: Callback<()>,
    holding: RwSignal<bool>,
    /// Let go too early, or pressed once without holding.
    hint: RwSignal<Option<&'static str>>,
    armed: RwSignal<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Held {
    fn begin(self) {
        if self.off.get_untracked() || self.holding.get_untracked() {
            return;
        }
        self.holding.set(true);
        self.hint.set(None);
        let fire = move || {
            self.timer.try_set_value(None);
            if self.holding.try_update(std::mem::take) == Some(true) {
                self.done.run(());
            }
        };
        match set_timeout_with_handle(fire, HOLD) {
            Ok(handle) => self.timer.set_value(Some(handle)),
            Err(_) => leptos::logging::warn!("the browser counts no time"),
        }
    }

    fn let_go(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        if self.holding.try_update(std::mem::take) == Some(true) {
            self.hint.set(Some(text::hold_it_longer()));
        }
    }

    /// A press that nobody held: of a screen reader.
    fn press(self) {
        if self.off.get_untracked() {
            return;
        }
        if self.armed.get_untracked() {
            self.armed.set(false);
            self.hint.set(None);
            return self.done.run(());
        }
        self.armed.set(true);
        self.hint.set(Some(text::press_once_more()));
        set_timeout(
            move || {
                self.armed.try_set(false);
            },
            ARMED,
        );
    }
}

/// See the module.
#[component]
pub(crate) fn HeldPress(
    #[prop(into)] words: Signal<String>,
    #[prop(into)] off: Signal<bool>,
    #[prop(into)] done: Callback<()>,
) -> impl IntoView {
    let held = Held {
        off,
        done,
        holding: RwSignal::new(false),
        hint: RwSignal::new(None),
        armed: RwSignal::new(false),
        timer: StoredValue::new(None),
    };
    on_cleanup(move || {
        if let Some(timer) = held.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    });
    let down = move |event: ev::PointerEvent| {
        if event.button() == 0 {
            held.begin();
        }
    };
    let key_down = move |event: ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            if !event.repeat() {
                held.begin();
            }
        }
    };
    let key_up = move |event: ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            held.let_go();
        }
    };
    // Clicks of a pointer count their presses, those that a program makes do not.
    let click = move |event: ev::MouseEvent| {
        if event.detail() == 0 {
            held.press();
        }
    };
    view! {
        <button
            class="button button-primary held-press"
            type="button"
            data-holding=move || held.holding.get().then_some("")
            aria-disabled=move || off.get().then_some("true")
            aria-description=text::hold_to_do_it()
            title=text::hold_to_do_it()
            on:pointerdown=down
            on:pointerup=move |_| held.let_go()
            on:pointerleave=move |_| held.let_go()
            on:pointercancel=move |_| held.let_go()
            on:contextmenu=move |event| event.prevent_default()
            on:keydown=key_down
            on:keyup=key_up
            on:blur=move |_| held.let_go()
            on:click=click
        >
            {icon("undo")}
            <span class="clip">{move || if held.holding.get() { text::keep_holding().to_owned() } else { words.get() }}</span>
        </button>
        <span class="sub held-hint" role="status">{move || held.hint.get()}</span>
    }
}
