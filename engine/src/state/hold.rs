//! What a hold means to an item: who is kept, who waits, who passes.

/// What an item does at a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A way back: it is what the hold was set for, or sets one.
    Passes,
    /// A version that a person named.
    Explicit,
    /// A version that a person named, with a reason why the hold is passed over.
    Overrides,
    /// `latest`, a build in a batch, automation.
    Automatic,
}

stored_words! { Rule { Passes = "passes", Explicit = "explicit", Overrides = "overrides", Automatic = "automatic" } }

/// What a queued item does whose turn has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtTurn {
    Goes,
    /// Until the hold is lifted.
    Waits,
    Refused,
}

/// A hold in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// A rollback or undo has set it.
    pub by_way_back: bool,
    /// It was set after the item was asked for.
    pub since: bool,
}

/// Whether a hold keeps an item from being accepted.
pub fn blocks(rule: Rule) -> bool {
    match rule {
        Rule::Passes | Rule::Overrides => false,
        Rule::Explicit | Rule::Automatic => true,
    }
}

/// What an item does at a hold when its turn has come.
pub fn at_turn(rule: Rule, hold: Standing) -> AtTurn {
    match (rule, hold) {
        (Rule::Passes, _) => AtTurn::Goes,
        // The reason was given for the hold that stood then.
        (Rule::Overrides, Standing { since: false, .. }) => AtTurn::Goes,
        (Rule::Overrides | Rule::Explicit, Standing { by_way_back: true, .. }) => AtTurn::Waits,
        (Rule::Overrides | Rule::Explicit | Rule::Automatic, _) => AtTurn::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::{AtTurn, Rule, Standing, at_turn, blocks};
    use rstest::rstest;

    const BY_HAND: Standing = Standing { by_way_back: false, since: true };
    const BY_ROLLBACK: Standing = Standing { by_way_back: true, since: true };
    const BEFORE: Standing = Standing { by_way_back: false, since: false };

    #[rstest]
    #[case(Rule::Passes, BY_HAND, AtTurn::Goes)]
    #[case(Rule::Passes, BY_ROLLBACK, AtTurn::Goes)]
    #[case(Rule::Explicit, BY_ROLLBACK, AtTurn::Waits)]
    #[case(Rule::Explicit, BY_HAND, AtTurn::Refused)]
    #[case(Rule::Overrides, BEFORE, AtTurn::Goes)]
    #[case(Rule::Overrides, BY_HAND, AtTurn::Refused)]
    #[case(Rule::Overrides, BY_ROLLBACK, AtTurn::Waits)]
    #[case(Rule::Automatic, BY_ROLLBACK, AtTurn::Refused)]
    #[case(Rule::Automatic, BEFORE, AtTurn::Refused)]
    fn when_the_turn_comes(#[case] rule: Rule, #[case] hold: Standing, #[case] expected: AtTurn) {
        assert_eq!(at_turn(rule, hold), expected);
    }

    #[rstest]
    #[case(Rule::Passes, false)]
    #[case(Rule::Overrides, false)]
    #[case(Rule::Explicit, true)]
    #[case(Rule::Automatic, true)]
    fn when_it_is_asked_for(#[case] rule: Rule, #[case] blocked: bool) {
        assert_eq!(blocks(rule), blocked);
    }
}
