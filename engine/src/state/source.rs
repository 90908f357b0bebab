//! Whether an item may change what its container runs now. The source is decided here and nowhere else.

/// Which sources an item takes for granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The planned one alone: an undo puts back only what its run has set.
    Planned,
    /// The planned one, or what an earlier item of Slipway left there.
    Ours,
    /// Whatever is there: an undo that is forced.
    Any,
}

/// What is there when the turn has come.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub rule: Rule,
    pub live: &'a str,
    pub planned: &'a str,
    pub target: &'a str,
    /// What Slipway set last, if it was the last to set anything.
    pub ours: Option<&'a str>,
    /// The rollout of what is there is complete.
    pub complete: bool,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The target stands and runs.
    AlreadyThere,
    /// It goes, from what is there.
    Take,
    Conflict,
}

/// Decides about the source of an item.
pub fn source(look: Look<'_>) -> Source {
    let Look { rule, live, planned, target, ours, complete } = look;
    if live == target {
        // Running again what did not come up repairs; what is whole is left alone.
        return if complete && planned != live { Source::AlreadyThere } else { Source::Take };
    }
    let granted = match rule {
        Rule::Planned => live == planned,
        Rule::Ours => live == planned || ours == Some(live),
        Rule::Any => true,
    };
    if granted { Source::Take } else { Source::Conflict }
}

stored_words! { Rule { Planned = "planned", Ours = "ours", Any = "any" } }

#[cfg(test)]
mod tests {
    use super::{Look, Rule, Source, source};
    use rstest::rstest;

    #[rstest]
    #[case::planned(Rule::Ours, "v1", None, true, Source::Take)]
    #[case::left_by_slipway(Rule::Ours, "v5", Some("v5"), true, Source::Take)]
    #[case::changed_since(Rule::Ours, "v5", Some("v4"), true, Source::Conflict)]
    #[case::changed_by_nobody_known(Rule::Ours, "v5", None, true, Source::Conflict)]
    #[case::target_runs(Rule::Ours, "v2", None, true, Source::AlreadyThere)]
    #[case::target_did_not_come_up(Rule::Ours, "v2", None, false, Source::Take)]
    #[case::undo_from_its_own(Rule::Planned, "v1", None, true, Source::Take)]
    #[case::undo_from_another_of_slipway(Rule::Planned, "v5", Some("v5"), true, Source::Conflict)]
    #[case::forced(Rule::Any, "v5", None, true, Source::Take)]
    fn from_one_to_two(
        #[case] rule: Rule,
        #[case] live: &str,
        #[case] ours: Option<&str>,
        #[case] complete: bool,
        #[case] expected: Source,
    ) {
        let look = Look { rule, live, planned: "v1", target: "v2", ours, complete };
        assert_eq!(source(look), expected);
    }

    #[test]
    fn what_was_planned_as_a_repair_goes_again() {
        let look = Look { rule: Rule::Ours, live: "v2", planned: "v2", target: "v2", ours: None, complete: true };
        assert_eq!(source(look), Source::Take);
    }
}
