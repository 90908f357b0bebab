//! Where the signals of a form live that are made by a press: what is made within the handler of an event otherwise
//! goes with what was pressed, such as the line of a menu that closes.

use leptos::prelude::*;

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct Keeper(StoredValue<Owner>);

impl Keeper {
    /// Keeps as long as who makes it.
    pub(super) fn new() -> Self {
        Self(StoredValue::new(Owner::new()))
    }

    pub(super) fn keep<T>(self, make: impl FnOnce() -> T) -> T {
        self.0.with_value(|owner| owner.with(make))
    }
}
