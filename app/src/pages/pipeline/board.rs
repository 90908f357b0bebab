//! The pipeline page's data as signals: one per task, so that a change redraws one row and nothing
//! jumps.

use crate::reactive::memo;
use crate::{
    api::press::Press,
    boot::boot,
    pages::pipeline::{
        seen::Seen,
        toast::Toast,
        verdict::{Verdict, verdict},
    },
};
use leptos::prelude::*;
use types::{
    ApiError, Name, TaskId, Version, WorkloadKind,
    task::{ClusterState, MapTasks, Task, Workload, WorkloadStatus},
};

/// A workload without its tasks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) kind: WorkloadKind,
    pub(crate) name: String,
    pub(crate) status: WorkloadStatus,
    pub(crate) ready: Option<u32>,
    pub(crate) replicas: Option<u32>,
    pub(crate) managed_by: Option<String>,
    pub(crate) last_job: Option<String>,
}

/// One task, and what this reader does with it.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) task: RwSignal<Task>,
    /// Build & Deployment is chosen here and Execute is not ticked.
    pub(crate) unticked: RwSignal<bool>,
    /// What stands in the text box while it is not stored.
    pub(crate) typed: RwSignal<Option<String>>,
    /// From the page's address; stands before what is stored.
    pub(crate) from_link: RwSignal<Option<Version>>,
    /// What the server says of the version from the link.
    pub(crate) planned: RwSignal<Option<Verdict>>,
    pub(crate) storing: RwSignal<bool>,
    /// What the socket told of the task while a choice was on its way.
    told: StoredValue<Option<Task>>,
    pub(crate) error: RwSignal<Option<ApiError>>,
    pub(crate) verdict: Memo<Verdict>,
    /// Counts the choices, so that an answer to an older one is not shown.
    pub(crate) turn: StoredValue<u32>,
}

impl Row {
    fn new(task: Task) -> Self {
        let task = RwSignal::new(task);
        let (unticked, from_link, planned) = (RwSignal::new(false), RwSignal::new(None), RwSignal::new(None));
        Self {
            task,
            unticked,
            typed: RwSignal::new(None),
            from_link,
            planned,
            storing: RwSignal::new(false),
            told: StoredValue::new(None),
            error: RwSignal::new(None),
            verdict: memo(move || verdict(task, unticked, from_link, planned)),
            turn: StoredValue::new(0),
        }
    }

    /// The version that Run would take.
    pub(crate) fn version(self) -> Option<Version> {
        if self.unticked.get() {
            return None;
        }
        let stored = || self.task.with(|task| task.selection.as_ref().and_then(|selection| selection.version.clone()));
        self.from_link.get().or_else(stored)
    }

    pub(crate) fn id(self) -> TaskId {
        self.task.with_untracked(|task| task.id.clone())
    }

    /// What the cluster or another reader changed; a choice on its way is not taken back.
    fn update(self, mut task: Task) {
        if self.storing.get_untracked() {
            self.told.set_value(Some(task.clone()));
            task.selection = self.task.with_untracked(|task| task.selection.clone());
        }
        if self.task.with_untracked(|known| *known != task) {
            self.task.set(task);
        }
    }

    pub(crate) fn begin_storing(self) {
        self.told.set_value(None);
        self.storing.set(true);
    }

    /// Takes the answer to a choice. Where the socket has told of that choice already, the answer is the
    /// older of the two: it would stay, since the socket tells each thing once.
    pub(crate) fn stored(self, answer: Task) {
        let told = self.told.try_update_value(Option::take).flatten();
        let told = told.filter(|told| told.selection == answer.selection);
        self.task.set(told.unwrap_or(answer));
    }
}

/// One workload with its rows.
#[derive(Clone, Copy)]
pub(crate) struct Card {
    pub(crate) head: RwSignal<Head>,
    pub(crate) rows: RwSignal<Vec<Row>>,
    pub(crate) press: Press,
    /// Marked by the reader: Plan and Batch execution take the marked ones alone.
    pub(crate) marked: RwSignal<bool>,
    /// Why the last Run of this card was refused.
    pub(crate) error: RwSignal<Option<ApiError>>,
}

impl Card {
    fn new(workload: Workload) -> Self {
        let (head, tasks) = parts(workload);
        Self {
            head: RwSignal::new(head),
            rows: RwSignal::new(tasks.into_iter().map(Row::new).collect()),
            press: Press::new(),
            marked: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    /// `kind/workload`
    pub(crate) fn key(self) -> String {
        self.head.with_untracked(key)
    }

    fn update(self, workload: Workload) {
        let (head, tasks) = parts(workload);
        if self.head.with_untracked(|known| *known != head) {
            self.head.set(head);
        }
        let known = self.rows.get_untracked();
        let same = known.len() == tasks.len() && known.iter().zip(&tasks).all(|(row, task)| row.id() == task.id);
        let find = |id: &TaskId| known.iter().copied().find(|row| row.id() == *id);
        let rows = tasks.into_iter().map(|task| match find(&task.id) {
            Some(row) => {
                row.update(task);
                row
            }
            None => Row::new(task),
        });
        let rows: Vec<Row> = rows.collect();
        if !same {
            self.rows.set(rows);
        }
    }
}

fn parts(workload: Workload) -> (Head, Vec<Task>) {
    let Workload { kind, name, uid: _, status, ready, replicas, managed_by, last_job, tasks } = workload;
    (Head { kind, name, status, ready, replicas, managed_by, last_job }, tasks)
}

fn key(head: &Head) -> String {
    format!("{}/{}", head.kind, head.name)
}

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Board {
    pub(crate) map: StoredValue<Name>,
    pub(crate) cluster: RwSignal<ClusterState>,
    pub(crate) cards: RwSignal<Vec<Card>>,
    /// Runs that were seen since the page was opened.
    pub(super) seen: RwSignal<Seen>,
    /// What ended just now, the newest last.
    pub(crate) toasts: RwSignal<Vec<Toast>>,
    /// Signals of what appears later belong to the page, not to the frame that told of it.
    owner: StoredValue<Owner>,
    pub(super) reader: StoredValue<Option<String>>,
}

impl Board {
    pub(crate) fn new(tasks: MapTasks) -> Self {
        let MapTasks { map, seq: _, cluster, workloads, runnable_count: _ } = tasks;
        Self {
            map: StoredValue::new(map),
            cluster: RwSignal::new(cluster),
            cards: RwSignal::new(workloads.into_iter().map(Card::new).collect()),
            seen: RwSignal::new(None),
            toasts: RwSignal::new(Vec::new()),
            reader: StoredValue::new(boot().user),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// The page as it was read again.
    pub(crate) fn replace(self, tasks: MapTasks) {
        let MapTasks { map: _, seq: _, cluster, workloads, runnable_count: _ } = tasks;
        self.cluster.set(cluster);
        let here: Vec<String> =
            workloads.iter().map(|workload| format!("{}/{}", workload.kind, workload.name)).collect();
        if self.cards.get_untracked().iter().any(|card| !here.contains(&card.key())) {
            self.cards.update(|cards| cards.retain(|card| here.contains(&card.key())));
        }
        for workload in workloads {
            self.put(workload);
        }
    }

    /// The rows that Plan and Batch execution take: of the marked cards, or all.
    pub(crate) fn chosen_rows(self) -> Vec<Row> {
        let cards = self.cards.get();
        let marked: Vec<Card> = cards.iter().copied().filter(|card| card.marked.get()).collect();
        let cards = if marked.is_empty() { cards } else { marked };
        cards.into_iter().flat_map(|card| card.rows.get()).collect()
    }

    /// How many cards the reader has marked.
    pub(crate) fn marked(self) -> usize {
        self.cards.get().into_iter().filter(|card| card.marked.get()).count()
    }

    pub(crate) fn unmark(self) {
        for card in self.cards.get_untracked() {
            card.marked.set(false);
        }
    }

    pub(crate) fn rows(self) -> Vec<Row> {
        self.cards.get().into_iter().flat_map(|card| card.rows.get()).collect()
    }

    /// False where the task is not on the page.
    pub(super) fn update_task(self, task: Task) -> bool {
        let key = task.id.workload_key();
        let cards = self.cards.get_untracked();
        let card = cards.into_iter().find(|card| card.key() == key);
        let row = card.and_then(|card| card.rows.get_untracked().into_iter().find(|row| row.id() == task.id));
        match row {
            Some(row) => {
                row.update(task);
                true
            }
            None => false,
        }
    }

    pub(super) fn put(self, workload: Workload) {
        let name = format!("{}/{}", workload.kind, workload.name);
        let known = self.cards.get_untracked().into_iter().find(|card| card.key() == name);
        let owner = self.owner.get_value();
        owner.with(|| match known {
            Some(card) => card.update(workload),
            None => self.insert(workload),
        });
    }

    /// Cards stand in the order of their names, as the server gives them.
    fn insert(self, workload: Workload) {
        let card = Card::new(workload);
        let rank = |card: &Card| card.head.with_untracked(|head| (head.name.clone(), head.kind));
        self.cards.update(|cards| {
            let at = cards.iter().position(|other| rank(other) > rank(&card)).unwrap_or(cards.len());
            cards.insert(at, card);
        });
    }
}
