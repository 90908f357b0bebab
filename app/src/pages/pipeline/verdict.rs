//! What Run would do with a task as this reader sees it: what the server says, unless a version
//! from the link or an unticked Execute stands before it.

use crate::text;
use leptos::prelude::*;
use types::{
    Version,
    plan::{Action, BlockedBy, PlanItem, Wall, Warned},
    task::{Task, Will},
};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) runnable: bool,
    pub(crate) will: Will,
    pub(crate) target_tag: Option<String>,
    pub(crate) blocked_by: Vec<BlockedBy>,
    pub(crate) warnings: Vec<Warned>,
}

pub(crate) fn verdict(
    task: RwSignal<Task>,
    unticked: RwSignal<bool>,
    from_link: RwSignal<Option<Version>>,
    planned: RwSignal<Option<Verdict>>,
) -> Verdict {
    if unticked.get() {
        return not_ticked();
    }
    match from_link.get() {
        Some(version) => of_link(&version, planned.get()),
        None => task.with(of_task),
    }
}

fn of_task(task: &Task) -> Verdict {
    Verdict {
        runnable: task.runnable,
        will: task.will,
        target_tag: task.target_tag.clone(),
        blocked_by: task.blocked_by.clone(),
        warnings: task.warnings.clone(),
    }
}

fn not_ticked() -> Verdict {
    let wall = BlockedBy { code: Wall::NotTicked, message: text::tick_execute().to_owned() };
    Verdict { blocked_by: vec![wall], ..Verdict::default() }
}

/// Until the server has answered, the version from the link cannot run.
fn of_link(version: &Version, planned: Option<Verdict>) -> Verdict {
    let planned = planned.unwrap_or_default();
    Verdict { target_tag: planned.target_tag.clone().or_else(|| tag_of(version)), ..planned }
}

impl From<PlanItem> for Verdict {
    fn from(item: PlanItem) -> Self {
        let deploys = !matches!(item.action, Action::None);
        Self {
            runnable: item.runnable,
            will: Will {
                build: item.runnable && matches!(item.action, Action::BuildDeploy),
                deploy: item.runnable && deploys,
            },
            target_tag: item.to.and_then(|image| image.tag),
            blocked_by: item.blocked_by,
            warnings: item.warnings,
        }
    }
}

/// The tag that a version names by itself.
pub(crate) fn tag_of(version: &Version) -> Option<String> {
    match version {
        Version::Tag(tag) => Some(tag.clone()),
        Version::Build(params) => params.tag.clone(),
        Version::Digest(_) | Version::BuildRun(_) | Version::Latest(_) | Version::Restart(_) => None,
    }
}
