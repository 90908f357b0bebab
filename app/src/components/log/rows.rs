//! Where each line of a log stands: sections by step, each with a head, folded or open.
//!
//! Heights are counted in units of one line, so that the place of any line of a log of millions is
//! found without looking at the others.

use types::build_run::StepRun;

/// Units that the head of a section takes.
pub(crate) const HEAD: u64 = 2;

/// Lines of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// Index of the step; `None` for lines that belong to none: they have no head.
    pub(crate) step: Option<u32>,
    pub(crate) first: u64,
    /// Below `first` while it has no line.
    pub(crate) last: u64,
    pub(crate) folded: bool,
}

impl Section {
    fn units(&self) -> u64 {
        let head = if self.step.is_some() { HEAD } else { 0 };
        let lines = if self.folded { 0 } else { (self.last + 1).saturating_sub(self.first) };
        head + lines
    }

    fn head(&self) -> u64 {
        if self.step.is_some() { HEAD } else { 0 }
    }
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum At {
    /// Head of the section of this step.
    Head(u32),
    Line(u64),
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    sections: Vec<Section>,
}

impl Rows {
    /// Sections of a log of `total` lines. Lines between two steps belong to the one before.
    pub(crate) fn new(steps: &[StepRun], total: u64, folded: &[u32]) -> Self {
        let mut starts: Vec<(Option<u32>, u64)> =
            steps.iter().filter_map(|step| Some((Some(step.index), step.first_line?))).collect();
        starts.sort_by_key(|(_, first)| *first);
        if starts.first().is_none_or(|(_, first)| *first > 1) {
            starts.insert(0, (None, 1));
        }
        let ends = starts.iter().skip(1).map(|(_, first)| first.saturating_sub(1)).chain([total]);
        let sections = starts.iter().zip(ends).map(|((step, first), last)| Section {
            step: *step,
            first: *first,
            last: last.min(total),
            folded: step.is_some_and(|step| folded.contains(&step)),
        });
        Self { sections: sections.collect() }
    }

    /// Height of all.
    pub(crate) fn units(&self) -> u64 {
        self.sections.iter().map(Section::units).sum()
    }

    /// What begins in `from..to`, and where; what began before and reaches into it comes first.
    pub(crate) fn between(&self, from: u64, to: u64) -> Vec<(u64, At)> {
        let mut found = Vec::new();
        let mut top = 0;
        for section in &self.sections {
            let (head, end) = (section.head(), top + section.units());
            if let Some(step) = section.step
                && top < to
                && top + head > from
            {
                found.push((top, At::Head(step)));
            }
            let lines = from.max(top + head)..to.min(end);
            found.extend(lines.map(|unit| (unit, At::Line(section.first + unit - top - head))));
            top = end;
        }
        found
    }

    /// Where a line stands; in a folded section, its head.
    pub(crate) fn unit_of(&self, line: u64) -> u64 {
        let mut top = 0;
        for section in &self.sections {
            if line <= section.last.max(section.first) {
                let below = if section.folded { 0 } else { section.head() + line.saturating_sub(section.first) };
                return top + below;
            }
            top += section.units();
        }
        top.saturating_sub(1)
    }

    /// The step whose section a line is in.
    pub(crate) fn step_of(&self, line: u64) -> Option<u32> {
        self.sections.iter().find(|section| line <= section.last).and_then(|section| section.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use types::build_run::StepStatus;

    fn step(index: u32, first: Option<u64>) -> StepRun {
        StepRun {
            index,
            name: format!("step-{index}"),
            kind: "git".to_owned(),
            status: StepStatus::Succeeded,
            started_at: None,
            usual_ms: None,
            duration_ms: None,
            first_line: first,
            last_line: None,
            failure: None,
        }
    }

    /// Steps at lines 3, none, and 6 of a log of ten lines; the lines before belong to none.
    fn rows(folded: &[u32]) -> Rows {
        Rows::new(&[step(0, Some(3)), step(1, None), step(2, Some(6))], 10, folded)
    }

    #[test]
    fn a_log_without_steps_is_its_lines() {
        let rows = Rows::new(&[], 3, &[]);
        assert_eq!(rows.between(0, 9), vec![(0, At::Line(1)), (1, At::Line(2)), (2, At::Line(3))]);
        assert_eq!(Rows::new(&[], 0, &[]).between(0, 9), vec![]);
    }

    #[test]
    fn heads_stand_before_their_lines() {
        let all = rows(&[]).between(0, 99);
        assert_eq!(rows(&[]).units(), 14);
        assert_eq!(all[..4], [(0, At::Line(1)), (1, At::Line(2)), (2, At::Head(0)), (4, At::Line(3))]);
        assert_eq!(all[6..8], [(7, At::Head(2)), (9, At::Line(6))]);
    }

    #[test]
    fn a_folded_section_is_its_head() {
        let all = rows(&[0]).between(0, 99);
        assert_eq!(rows(&[0]).units(), 11);
        assert_eq!(all[1..4], [(1, At::Line(2)), (2, At::Head(0)), (4, At::Head(2))]);
    }

    #[rstest]
    #[case(3, 4, &[(2, At::Head(0))])]
    #[case(4, 5, &[(4, At::Line(3))])]
    #[case(13, 20, &[(13, At::Line(10))])]
    fn a_window_holds_what_reaches_into_it(#[case] from: u64, #[case] to: u64, #[case] found: &[(u64, At)]) {
        assert_eq!(rows(&[]).between(from, to), found);
    }

    #[rstest]
    #[case(1, 0)]
    #[case(3, 4)]
    #[case(6, 9)]
    #[case(10, 13)]
    #[case::beyond(99, 13)]
    fn lines_have_their_place(#[case] line: u64, #[case] unit: u64) {
        assert_eq!(rows(&[]).unit_of(line), unit);
    }

    #[test]
    fn lines_know_their_step() {
        assert_eq!(rows(&[]).step_of(2), None);
        assert_eq!(rows(&[]).step_of(5), Some(0));
        assert_eq!(rows(&[]).step_of(6), Some(2));
    }
}
