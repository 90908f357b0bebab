//! Words of builds.

use super::plural;
use types::{Name, build_run::StepStatus};

words! {
    about_the_build = "About the build";
    branch_tag_or_commit = "Branch, tag or commit";
    build_args = "Build arguments";
    build_args_hint = "NAME=value, one a line.";
    build_column = "Build";
    build_engine = "Build engine";
    cancel_build = "Cancel build";
    code_repository = "Code repository";
    commit = "Commit";
    context_folder = "Context folder";
    create_image = "Create image";
    depth = "Depth";
    depth_hint = "Commits to fetch; 0 fetches all.";
    description = "Description";
    empty_is_the_last = "Empty: the last stage.";
    empty_is_the_root = "Empty: the work space itself.";
    fetch_submodules = "Fetch submodules";
    filter_and_create = "Filter and create";
    filter_builds_by = "Filter by name or image";
    flow = "Flow";
    folder_in_the_work_space = "Folder in the work space";
    if_the_repository_asks = "If the repository asks for one.";
    last_run = "Last run";
    last_runs = "Last 12 runs";
    move_down = "Move down";
    move_up = "Move up";
    name_hint = "Part of every link and API call.";
    new_build = "New build";
    no_builds_yet = "No builds yet. A build makes an image from a git repository and pushes it: make the first one with New build.";
    off = "off";
    password_or_token = "Password or token";
    prefix = "Prefix";
    prefix_and_commit = "Prefix and commit";
    prefix_and_number = "Prefix and number";
    prefix_and_time = "Prefix and time";
    raw_text = "Raw text";
    reference = "Reference";
    remove_step = "Remove this step";
    repository = "Repository";
    save_and_run = "Save and run";
    step_is_on = "The step is on";
    step_name = "Name of the step";
    steps_run_in_order = "Steps run in order. The first failure ends the run.";
    stored_encrypted = "Stored encrypted, never shown again.";
    tag = "Tag";
    tag_of_the_new_image = "Tag of the new image";
    tag_rule = "Tag rule";
    target_stage = "Target stage";
    time_limit_min = "Time limit in minutes";
    typed_at_each_run = "Typed at each run";
    used_by = "Used by";
    without_cache = "Without cache";
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
