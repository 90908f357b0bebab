//! Which cards are shown, and how many tasks each state has.

use super::board::{Board, Card, Head, Row};
use crate::text;
use leptos::prelude::*;
use types::{WorkloadKind, task::WorkloadStatus};

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

/// What stands under headings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Group {
    #[default]
    None,
    State,
    Kind,
}

impl Group {
    pub(crate) const ALL: [Group; 3] = [Group::None, Group::State, Group::Kind];

    pub(crate) fn value(self) -> &'static str {
        match self {
            Group::None => "none",
            Group::State => "state",
            Group::Kind => "kind",
        }
    }

    /// The heading of a card and its rank among headings: what is wrong comes first.
    fn heading(self, head: &Head) -> (usize, &'static str) {
        const BY_STATE: [WorkloadStatus; HEADINGS] = [
            WorkloadStatus::Failed,
            WorkloadStatus::Updating,
            WorkloadStatus::Unknown,
            WorkloadStatus::Running,
            WorkloadStatus::Stopped,
            WorkloadStatus::Suspended,
        ];
        const BY_KIND: [WorkloadKind; 4] =
            [WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet, WorkloadKind::CronJob];
        match self {
            Group::None => (0, ""),
            Group::State => (
                BY_STATE.iter().position(|status| *status == head.status).unwrap_or_default(),
                text::workload_status(head.status),
            ),
            Group::Kind => (BY_KIND.iter().position(|kind| *kind == head.kind).unwrap_or_default(), head.kind.title()),
        }
    }
}

/// A heading with the number of cards below it, or a card.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    Heading(&'static str, usize),
    Card(Card, usize),
}

impl Entry {
    pub(crate) fn key(&self) -> String {
        match self {
            Entry::Heading(title, n) => format!("{title} {n}"),
            Entry::Card(card, _) => card.key(),
        }
    }
}

/// The most headings that there can be: one for each state.
const HEADINGS: usize = 6;

/// What narrows the page.
#[derive(Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) group: RwSignal<Group>,
    pub(crate) text: RwSignal<String>,
    pub(crate) show: RwSignal<Show>,
}

impl Filter {
    pub(crate) fn new() -> Self {
        Self { group: RwSignal::new(Group::None), text: RwSignal::new(String::new()), show: RwSignal::new(Show::All) }
    }

    /// The cards in their order, under headings where the reader wants them.
    pub(crate) fn entries(self, board: Board) -> Vec<Entry> {
        let (group, cards) = (self.group.get(), board.cards.get());
        if group == Group::None {
            return cards.into_iter().enumerate().map(|(at, card)| Entry::Card(card, at)).collect();
        }
        let of = |card: &Card| card.head.with(|head| group.heading(head));
        let cards: Vec<((usize, &'static str), Card)> = cards.into_iter().map(|card| (of(&card), card)).collect();
        let mut entries = Vec::with_capacity(cards.len() + HEADINGS);
        let mut at = 0;
        for rank in 0..HEADINGS {
            let here: Vec<&((usize, &'static str), Card)> = cards.iter().filter(|((of, _), _)| *of == rank).collect();
            if let Some(((_, title), _)) = here.first() {
                entries.push(Entry::Heading(title, here.iter().filter(|(_, card)| self.shows(*card)).count()));
            }
            for (_, card) in here {
                entries.push(Entry::Card(*card, at));
                at += 1;
            }
        }
        entries
    }

    /// A card is shown whole if one of its rows fits.
    pub(crate) fn shows(self, card: Card) -> bool {
        let show = self.show.get();
        let wanted = self.text.with(|text| text.trim().to_ascii_lowercase());
        let rows = card.rows.get();
        rows.iter().any(|row| show.holds(card, *row) && (wanted.is_empty() || words(card, *row).contains(&wanted)))
    }
}

/// All that a row can be found by; names of workloads and images have no other letters than ASCII's.
fn words(card: Card, row: Row) -> String {
    let workload = card.head.with(|head| format!("{} {}", head.name, head.kind));
    row.task.with(|task| {
        let tag = task.target_tag.as_deref().unwrap_or_default();
        format!("{workload} {} {} {tag}", task.container, task.deployed.image).to_ascii_lowercase()
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
