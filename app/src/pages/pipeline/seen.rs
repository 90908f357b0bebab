//! Runs that were seen since the page was opened. The first load knows nothing of a run: what reads
//! and shows them comes with them.

use super::{board::Board, toast};
use leptos::prelude::*;
use std::{any::Any, collections::HashMap, sync::Arc};
use types::run::{Item, Run};
use uuid::Uuid;

/// Things that ended lately and still stand at the edge of the page.
const TOASTS: usize = 3;

/// The runs, as the board holds them.
pub(super) type Seen = Option<Arc<dyn Any + Send + Sync>>;

type Runs = HashMap<Uuid, Arc<Run>>;

fn runs(seen: Seen) -> Arc<Runs> {
    seen.and_then(|seen| seen.downcast().ok()).unwrap_or_default()
}

impl Board {
    pub(crate) fn take_run(self, run: Run) {
        let known = runs(self.seen.get_untracked());
        let before = known.get(&run.id).map(AsRef::as_ref);
        let said = self.reader.with_value(|reader| toast::of_run(before, &run, reader.as_deref()));
        let mut known = known.as_ref().clone();
        known.insert(run.id, Arc::new(run));
        self.seen.set(Some(Arc::new(known)));
        if let Some(toast) = said {
            self.toasts.update(|toasts| {
                toasts.push(toast);
                let old = toasts.len().saturating_sub(TOASTS);
                toasts.drain(..old);
            });
        }
    }

    /// An item of a run, if the run was seen.
    pub(crate) fn item(self, run: Uuid, n: u32) -> Option<(Item, usize)> {
        let known = runs(self.seen.get());
        let run = known.get(&run)?;
        let item = run.items.iter().find(|item| item.n == n)?;
        Some((item.clone(), run.items.len()))
    }
}
