//! Leaving a page on which something was changed and not saved: first it is asked.
//!
//! There are four ways off a page: a link, Back and Forward, the palette, and the browser's own
//! (another address, closing). The router has no say before it goes, so links and steps of the
//! history are taken before it hears of them. The palette asks with an event of its own.

use super::{
    any::view,
    dialog::Dialog,
    over::{Part, over},
};
use crate::{reactive::effect, text};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use send_wrapper::SendWrapper;
use std::{cell::RefCell, rc::Rc, sync::Arc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{CustomEvent, CustomEventInit, Event, HtmlAnchorElement, MouseEvent};

/// What is said before the palette goes to another page; who does not want it cancels the event.
const LEAVE: &str = "slipway-leave";

/// Whether the page lets go; where it does not, it asks by itself and goes to the address then.
pub(crate) fn may_leave(to: &str) -> bool {
    let about = CustomEventInit::new();
    about.set_cancelable(true);
    about.set_detail(&JsValue::from_str(to));
    let event = CustomEvent::new_with_event_init_dict(LEAVE, &about);
    event.and_then(|event| window().dispatch_event(&event)).unwrap_or(true)
}

/// Where the reader was about to go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    To(String),
    /// A step of the history, either way.
    Step,
}

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Leaving {
    changed: Memo<bool>,
    let_go: StoredValue<bool>,
    /// The address of the page.
    here: StoredValue<String>,
}

impl Leaving {
    /// Asks as long as the page that asks for it is there.
    pub(crate) fn new(changed: Memo<bool>) -> Self {
        let leaving = Self { changed, let_go: StoredValue::new(false), here: StoredValue::new(String::new()) };
        let over = over();
        let go = use_navigate();
        let leave = Callback::new(move |way: Way| {
            leaving.let_go();
            over.close();
            match way {
                Way::To(address) => go(&address, NavigateOptions::default()),
                Way::Step => step_back(),
            }
        });
        let ask = Callback::new(move |way: Way| {
            over.open(Part::Own(Arc::new(move || question(way.clone(), leave))));
        });
        // While a page comes, router and browser still say where the reader comes from; when something is typed, no more.
        effect(move || {
            if leaving.changed.get() {
                leaving.here.set_value(path());
            }
        });
        effect(move || leaving.listen(ask));
        leaving
    }

    /// What is left from now on is left without a question: it is saved.
    pub(crate) fn let_go(self) {
        self.let_go.try_set_value(true);
    }

    fn holds(self) -> bool {
        self.changed.try_get_untracked() == Some(true) && self.let_go.try_get_value() == Some(false)
    }

    fn listen(self, ask: Callback<Way>) {
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if self.holds() {
                event.prevent_default();
            }
        });
        on_cleanup(move || unload.remove());
        before_others("click", move |event| {
            if let Some(address) = address_of(&event)
                && self.holds()
            {
                event.prevent_default();
                ask.run(Way::To(address));
            }
        });
        before_others(LEAVE, move |event| {
            let to = event.dyn_ref::<CustomEvent>().and_then(|event| event.detail().as_string());
            if let Some(to) = to
                && self.holds()
            {
                event.prevent_default();
                ask.run(Way::To(to));
            }
        });
        let back = move || {
            let here = self.here.try_get_value().unwrap_or_default();
            if path() == here || !self.holds() {
                return false;
            }
            // The browser has gone already; the page has not.
            let back = window().history().and_then(|it| it.push_state_with_url(&JsValue::NULL, "", Some(&here)));
            if back.is_err() {
                leptos::logging::warn!("the browser keeps no history");
            }
            ask.run(Way::Step);
            true
        };
        HOLDER.with(|holder| *holder.borrow_mut() = Some(Rc::new(back)));
        on_cleanup(|| HOLDER.with(|holder| *holder.borrow_mut() = None));
    }
}

/// Takes a step of the history back and asks, where something is not saved; whether it did.
type TakeBack = Rc<dyn Fn() -> bool>;

thread_local! {
    /// Of the page that is open.
    static HOLDER: RefCell<Option<TakeBack>> = const { RefCell::new(None) };
}

/// Hears of steps of the history before the router, which must not be there yet: browsers tell a window's listeners in
/// the order in which they came.
pub fn guard_history() {
    let work = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        let holder = HOLDER.with(|holder| holder.borrow().clone());
        if holder.is_some_and(|take_back| take_back()) {
            event.stop_immediate_propagation();
        }
    });
    let listener = work.as_ref().unchecked_ref();
    if window().add_event_listener_with_callback("popstate", listener).is_err() {
        leptos::logging::warn!("the browser tells nothing of its history");
    }
    work.forget();
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

fn step_back() {
    if window().history().and_then(|history| history.back()).is_err() {
        leptos::logging::warn!("the browser keeps no history");
    }
}

/// Where a press would lead to another page of ours: the rules are the router's. What it leaves to the browser is asked
/// by the browser.
fn address_of(event: &Event) -> Option<String> {
    let press = event.dyn_ref::<MouseEvent>()?;
    if press.button() != 0 || press.meta_key() || press.alt_key() || press.ctrl_key() || press.shift_key() {
        return None;
    }
    let hit = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let link = hit.closest("a[href]").ok()??.dyn_into::<HtmlAnchorElement>().ok()?;
    let ours = Some(link.origin()) == window().location().origin().ok();
    let by_browser = !link.target().is_empty() || link.has_attribute("download") || link.rel().contains("external");
    (ours && !by_browser && link.pathname() != path())
        .then(|| format!("{}{}{}", link.pathname(), link.search(), link.hash()))
}

/// Hears of events before the router and everything on the page.
fn before_others(name: &'static str, work: impl FnMut(Event) + 'static) {
    let work = Closure::<dyn FnMut(Event)>::new(work);
    let listener = work.as_ref().unchecked_ref();
    if window().add_event_listener_with_callback_and_bool(name, listener, true).is_err() {
        leptos::logging::warn!("the browser tells nothing of {name}");
    }
    let work = SendWrapper::new(work);
    on_cleanup(move || {
        let listener = work.as_ref().unchecked_ref();
        if window().remove_event_listener_with_callback_and_bool(name, listener, true).is_err() {
            leptos::logging::warn!("the browser goes on telling of {name}");
        }
    });
}

fn question(way: Way, leave: Callback<Way>) -> AnyView {
    let over = over();
    view! {
        <Dialog title=text::leaving_title().to_owned()>
            <div class="panel dialog-body"><p>{text::leaving_means()}</p></div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=move |_| leave.run(way.clone())>{text::leave_without_saving()}</button>
                    <button class="button button-primary" type="button" autofocus on:click=move |_| over.close()>{text::keep_editing()}</button>
                </span>
            </footer>
        </Dialog>
    }
}
