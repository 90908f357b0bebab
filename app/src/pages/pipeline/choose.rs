//! Choosing versions and running them: what the reader's hand does on the pipeline page.

use super::{
    act::{Act, act},
    board::{Board, Row},
};
use crate::{
    api::{
        Answer,
        maps::{clear_selection, select, start_run},
        press::Press,
    },
    boot::boot,
    clock::clock,
    pages::pipeline::verdict::tag_of,
};
use leptos::{prelude::*, task::spawn_local};
use std::pin::Pin;
use types::{
    ApiError, Version,
    run::{NewItem, NewRun, Run},
    task::{NewSelection, Selection, Task},
};

/// Stores a version for a task.
pub(crate) fn choose(board: Board, row: Row, version: Version) {
    act(Act::Choose(board, row, version));
}

/// Takes the choice back to what holds without one.
pub(crate) fn clear(board: Board, row: Row) {
    act(Act::Clear(board, row));
}

/// See `choose`: shown at once, taken back where the server refuses it. What was typed stays then.
pub(super) fn choose_now(board: Board, row: Row, version: Version) {
    let before = row.task.get_untracked();
    let (user, now) = (boot().user, clock().now());
    row.task.update(|task| {
        task.target_tag = tag_of(&version);
        task.selection = Some(Selection { version: Some(version.clone()), by: user, at: Some(now) });
    });
    let (map, task) = (board.map.get_value(), row.id());
    store(row, before, Box::pin(select(map, task, NewSelection { version, seen: None })));
}

/// See `clear`.
pub(super) fn clear_now(board: Board, row: Row) {
    let before = row.task.get_untracked();
    row.task.update(|task| {
        task.target_tag = None;
        task.selection = None;
    });
    let (map, task) = (board.map.get_value(), row.id());
    store(row, before, Box::pin(clear_selection(map, task)));
}

fn store(row: Row, before: Task, answer: Pin<Box<dyn Future<Output = Answer<Task>>>>) {
    row.unticked.set(false);
    row.from_link.set(None);
    row.error.set(None);
    row.begin_storing();
    row.turn.update_value(|turn| *turn += 1);
    let turn = row.turn.get_value();
    spawn_local(async move {
        let answer = answer.await;
        // A newer choice has its own answer; a row that is gone has none.
        if row.turn.try_get_value() != Some(turn) {
            return;
        }
        row.storing.set(false);
        match answer {
            Ok(task) => {
                row.typed.set(None);
                row.stored(task);
            }
            Err(error) => {
                row.task.set(before);
                row.error.set(Some(error));
            }
        }
    });
}

/// What is started, and where its progress and refusal show.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) board: Board,
    pub(crate) press: Press,
    pub(crate) error: RwSignal<Option<ApiError>>,
}

impl Start {
    /// Runs the rows that can run, with the versions that stand on the page.
    pub(crate) fn rows(self, rows: Vec<Row>) {
        act(Act::Run(self, rows));
    }

    pub(super) fn rows_now(self, rows: &[Row]) {
        let items = items(rows);
        if !items.is_empty() {
            self.run(NewRun { items: Some(items), ..NewRun::default() }, || {});
        }
    }

    /// Runs one task with a version that is not the chosen one: the way back, or once more.
    pub(crate) fn version(self, row: Row, version: Version) {
        let item =
            NewItem { task: Some(row.id()), repository: None, version, wave: None, deadline_ms: None, seen: None };
        self.run(NewRun { items: Some(vec![item]), ..NewRun::default() }, || {});
    }

    pub(crate) fn run(self, new: NewRun, started: impl FnOnce() + 'static) {
        let Start { board, press, error } = self;
        // What is asked, in its own words: another choice is another press.
        let Some(key) = serde_json::to_string(&new).ok().and_then(|what| press.begin(what)) else { return };
        error.set(None);
        spawn_local(async move {
            let answer = start_run(board.map.get_value(), new, key).await;
            press.end(&answer);
            match answer {
                Ok(run) => {
                    // The reader may have left the page before the answer came.
                    if board.cards.try_get_untracked().is_some() {
                        drop_links(board, &run);
                        board.take_run(run);
                        started();
                    }
                }
                Err(refusal) => {
                    error.try_set(Some(refusal));
                }
            }
        });
    }
}

/// What runs is no longer from the link.
fn drop_links(board: Board, run: &Run) {
    let rows = untrack(move || board.rows());
    for row in rows.into_iter().filter(|row| run.items.iter().any(|item| item.task == row.id())) {
        row.from_link.set(None);
    }
}

/// The runnable rows as items of a run.
pub(crate) fn items(rows: &[Row]) -> Vec<NewItem> {
    let item = |row: &Row| {
        let version = row.version()?;
        Some(NewItem { task: Some(row.id()), repository: None, version, wave: None, deadline_ms: None, seen: None })
    };
    untrack(|| rows.iter().filter(|row| row.verdict.with(|verdict| verdict.runnable)).filter_map(item).collect())
}
