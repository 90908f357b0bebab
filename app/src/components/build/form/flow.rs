//! The steps of a flow while they come, go and move.

use super::{
    BuildForm, not_sent,
    reader::{Reader, trimmed},
    step::{StepForm, StepKind, StepType},
};
use leptos::prelude::*;
use types::{ApiError, build::Step};

/// A step that was taken out, and where it stood.
#[derive(Clone, Copy)]
pub(crate) struct Removed {
    pub(crate) step: StepForm,
    pub(crate) at: usize,
}

impl BuildForm {
    /// Adds a step at the end.
    pub(crate) fn add(self, kind: StepType) -> StepForm {
        let step = kind.step(self.free_name(kind.name()));
        self.insert(usize::MAX, &step)
    }

    /// Puts a copy of a step below it. It has no password stored: the server asks for it.
    pub(crate) fn duplicate(self, step: StepForm) -> StepForm {
        let mut copy = untrack(|| step.read(&mut Reader::default()));
        let name = self.free_name(copy.name());
        copy.set_name(name);
        let at = self.place(step.key).map_or(usize::MAX, |at| at + 1);
        self.insert(at, &copy)
    }

    /// A step as it stands now; the error names what of it cannot be read.
    pub(crate) fn read_step(self, step: StepForm) -> Result<Step, ApiError> {
        let mut reader = Reader::default();
        let read = untrack(|| step.read(&mut reader));
        let wrong = reader.finish();
        if wrong.is_empty() { Ok(read) } else { Err(not_sent(wrong)) }
    }

    /// Whether a code repository is cloned besides this step.
    pub(crate) fn has_source_beside(self, key: usize) -> bool {
        let clones = |step: &StepForm| matches!(step.kind, StepKind::Git(_)) && step.enabled.get_untracked();
        self.steps.with_untracked(|steps| steps.iter().any(|step| step.key != key && clones(step)))
    }

    fn insert(self, at: usize, step: &Step) -> StepForm {
        let step = self.keeper.keep(|| StepForm::of(self.next_key(), step));
        self.steps.update(|steps| steps.insert(at.min(steps.len()), step));
        step
    }

    /// Counted from 0.
    pub(crate) fn place(self, key: usize) -> Option<usize> {
        self.steps.with_untracked(|steps| steps.iter().position(|step| step.key == key))
    }

    /// Moves a step before the one at `to` (counted while it still stands where it stands); says where it stands then,
    /// nothing where it stays.
    pub(crate) fn put(self, key: usize, to: usize) -> Option<usize> {
        let at = self.place(key)?;
        let to = if to > at { to - 1 } else { to };
        if to == at || to >= self.steps.with_untracked(Vec::len) {
            return None;
        }
        self.steps.update(|steps| {
            let step = steps.remove(at);
            steps.insert(to, step);
        });
        Some(to)
    }

    /// Moves a step by one place, as far as there is one.
    pub(crate) fn shift(self, key: usize, down: bool) -> Option<usize> {
        let at = self.place(key)?;
        self.put(key, if down { at + 2 } else { at.checked_sub(1)? })
    }

    pub(crate) fn remove(self, key: usize) -> Option<Removed> {
        let at = self.place(key)?;
        let mut removed = None;
        self.steps.update(|steps| removed = Some(steps.remove(at)));
        removed.map(|step| Removed { step, at })
    }

    /// Takes a removal back.
    pub(crate) fn restore(self, Removed { step, at }: Removed) {
        self.steps.update(|steps| steps.insert(at.min(steps.len()), step));
    }

    /// `lint`, else `lint-2`, …: names of steps are unique.
    fn free_name(self, wanted: &str) -> String {
        let taken: Vec<String> =
            untrack(|| self.steps.with(|steps| steps.iter().map(|step| trimmed(step.name)).collect()));
        let is_free = |name: &String| !taken.contains(name);
        let stem = match wanted.rsplit_once('-') {
            Some((stem, number)) if number.parse::<u32>().is_ok() => stem,
            Some(_) | None => wanted,
        };
        let first = Some(wanted.to_owned()).filter(is_free);
        first.or_else(|| (2u32..).map(|n| format!("{stem}-{n}")).find(is_free)).unwrap_or_default()
    }
}
