//! Which cards are shown, and how many tasks each state has.

use super::board::{Board, Card, Row};
use leptos::prelude::*;
use types::task::WorkloadStatus;

/// A state that the page can be narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    All,
    Failed,
    Rolling,
    CanRun,
    Held,
    Newer,
}

impl Show {
    pub(crate) const ALL: [Show; 6] = [Show::All, Show::Failed, Show::Rolling, Show::CanRun, Show::Held, Show::Newer];

    /// Whether a row is in this state.
    pub(crate) fn holds(self, card: Card, row: Row) -> bool {
        match self {
            Show::All => true,
            Show::Failed => {
                card.head.with(|head| head.status == WorkloadStatus::Failed)
                    || row.task.with(|task| task.last_failure.is_some())
            }
            Show::Rolling => is_rolling(row),
            Show::CanRun => row.verdict.with(|verdict| verdict.runnable),
            Show::Held => row.task.with(|task| task.hold.is_some()),
            Show::Newer => row.task.with(|task| task.newer.is_some()),
        }
    }
}

/// Whether a run has the task in hand.
pub(crate) fn is_rolling(row: Row) -> bool {
    row.task.with(|task| task.current_run.as_ref().is_some_and(|run| !run.status.is_final()))
}

/// What narrows the page.
#[derive(Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) text: RwSignal<String>,
    pub(crate) show: RwSignal<Show>,
}

impl Filter {
    pub(crate) fn new() -> Self {
        Self { text: RwSignal::new(String::new()), show: RwSignal::new(Show::All) }
    }

    /// A card is shown whole if one of its rows fits.
    pub(crate) fn shows(self, card: Card) -> bool {
        let show = self.show.get();
        let wanted = self.text.with(|text| text.trim().to_lowercase());
        let rows = card.rows.get();
        rows.iter().any(|row| show.holds(card, *row) && (wanted.is_empty() || words(card, *row).contains(&wanted)))
    }
}

/// All that a row can be found by.
fn words(card: Card, row: Row) -> String {
    let workload = card.head.with(|head| format!("{} {}", head.name, head.kind));
    row.task.with(|task| {
        let tag = task.target_tag.as_deref().unwrap_or_default();
        format!("{workload} {} {} {tag}", task.container, task.deployed.image).to_lowercase()
    })
}

/// Tasks in each state, in the order of `Show::ALL`.
pub(crate) fn counts(board: Board) -> [usize; 6] {
    let mut counts = [0; 6];
    for card in board.cards.get() {
        for row in card.rows.get() {
            for (count, show) in counts.iter_mut().zip(Show::ALL) {
                *count += usize::from(show.holds(card, row));
            }
        }
    }
    counts
}
