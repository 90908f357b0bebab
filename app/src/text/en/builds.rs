//! Words of builds.

use super::plural;
use types::{Name, build_run::StepStatus};

words! {
    about_the_build = "About the build";
    allow_it_again = "Allow it again";
    as_it_was = "as it was";
    branch = "branch";
    branch_tag_or_commit = "Branch, tag or commit";
    build_args = "Build arguments";
    build_args_hint = "NAME=value, one a line.";
    build_column = "Build";
    build_engine = "Build engine";
    cancel_build = "Cancel build";
    code_repository = "Code repository";
    commit = "Commit";
    compare_with_another = "Compare with another run";
    context_folder = "Context folder";
    create_image = "Create image";
    depth = "Depth";
    depth_hint = "Commits to fetch; 0 fetches all.";
    description = "Description";
    edited_for_this_run = "Steps edited for this run";
    empty_by_the_rule = "Empty: by the build's rule.";
    empty_is_the_last = "Empty: the last stage.";
    empty_is_the_root = "Empty: the work space itself.";
    from_run = "First run";
    fetch_submodules = "Fetch submodules";
    filter_and_create = "Filter and create";
    filter_builds_by = "Filter by name or image";
    flow = "Flow";
    folder_in_the_work_space = "Folder in the work space";
    if_the_repository_asks = "If the repository asks for one.";
    flow_differs = "Flow";
    last_run = "Last run";
    last_runs = "Last 12 runs";
    move_down = "Move down";
    move_up = "Move up";
    name_hint = "Part of every link and API call.";
    new_build = "New build";
    no_builds_yet = "No builds yet. A build makes an image from a git repository and pushes it: make the first one with New build.";
    no = "no";
    no_run_to_compare = "There is no other run yet.";
    off = "off";
    password_or_token = "Password or token";
    prefix = "Prefix";
    prefix_and_commit = "Prefix and commit";
    prefix_and_number = "Prefix and number";
    prefix_and_time = "Prefix and time";
    raw_text = "Raw text";
    reject_it = "Do not deploy";
    rejected_means = "This image is not deployed by Latest, and is marked where versions are chosen.";
    reference = "Reference";
    repository = "Repository";
    repeat_dots = "Repeat…";
    repeat_means = "Its flow and its commit are run again. What you change here counts for the new run.";
    repeats = "Repeats";
    run_dots = "Run with…";
    run_now = "Run now";
    save_and_run = "Save and run";
    step_name = "Name of the step";
    steps_run_in_order = "Steps run in order. The first failure ends the run.";
    stored_encrypted = "Stored encrypted, never shown again.";
    tag = "Tag";
    tag_of_the_new_image = "Tag of the new image";
    same_in_both = "Both ran the same flow.";
    tag_rule = "Tag rule";
    target_stage = "Target stage";
    to_run = "Second run";
    try_again = "Try again";
    try_dots = "Try…";
    try_it = "Try it";
    try_means = "The step runs as it stands here, saved or not, in a work space that is thrown away. Nothing is pushed.";
    try_with_source = "With the code";
    try_with_source_means = "The build's code repositories are cloned first.";
    typed_at_each_run = "Typed at each run";
    used_by = "Used by";
    without_cache = "Without cache";
    yes = "yes";
}

pub(crate) fn edit_build(name: &str) -> String {
    format!("Edit build {name}")
}

pub(crate) fn build_named(name: &str) -> String {
    format!("Build {name}")
}

pub(crate) fn runs_of(name: &str) -> String {
    format!("Runs of {name}")
}

pub(crate) fn build_run_title(build: &Name, number: u32) -> String {
    format!("{build} #{number}")
}

pub(crate) fn step_is_on(name: &str) -> String {
    format!("Step {name} is on")
}

pub(crate) fn steps_of(n: u32) -> String {
    plural(n, "step", "steps")
}

pub(crate) fn durations(n: usize, longest: &str) -> String {
    format!("Durations of the last {}, at most {longest}", plural(n as u64, "run", "runs"))
}

pub(crate) fn fields_need_a_change(n: usize) -> String {
    match n {
        1 => "1 field needs a change. Not saved".to_owned(),
        n => format!("{n} fields need a change. Not saved"),
    }
}

pub(crate) fn step_status(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Waiting => "WAIT",
        StepStatus::Running => "RUNNING",
        StepStatus::Canceling => "CANCELING",
        StepStatus::Succeeded => "DONE",
        StepStatus::Failed => "ERROR",
        StepStatus::Canceled => "CANCELED",
        StepStatus::Skipped => "SKIPPED",
    }
}

pub(crate) fn run_build(name: &Name) -> String {
    format!("Run {name}")
}

pub(crate) fn repeat_run(name: &Name, number: u32) -> String {
    format!("Repeat {name} #{number}")
}

pub(crate) fn run_number(number: u32) -> String {
    format!("#{number}")
}

pub(crate) fn compare_runs(name: &Name, from: u32, to: u32) -> String {
    format!("{name} #{from} and #{to}")
}

pub(crate) fn try_title(name: &Name, step: &str) -> String {
    format!("Try {step} of {name}")
}

pub(crate) fn references_not_listed(why: &str) -> String {
    format!("Branches and tags cannot be listed: {why}.")
}

/// `Release channel. Empty: stable.`
pub(crate) fn param_with_default(description: Option<&str>, default: &str) -> String {
    let about = description.map(|about| format!("{about} ")).unwrap_or_default();
    format!("{about}Empty: {}.", if default.is_empty() { "nothing" } else { default })
}

pub(crate) fn param_without_default(description: Option<&str>) -> String {
    let about = description.map(|about| format!("{about} ")).unwrap_or_default();
    format!("{about}Each run must give it.")
}

/// `0.8 s more`, `2 min less`
pub(crate) fn longer_by(longer: &str) -> String {
    format!("{longer} more")
}

pub(crate) fn shorter_by(shorter: &str) -> String {
    format!("{shorter} less")
}

/// What a step that runs takes otherwise: ` of 12 s`.
pub(crate) fn of_usual(usual: &str) -> String {
    format!(" of {usual}")
}
