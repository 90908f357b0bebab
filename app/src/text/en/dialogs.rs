//! Words of what opens over a page: holds, the way back, undo, restart, keys.

use super::plural;
use types::map::WrittenForm;

const AS_THE_MAP_SAYS: &str = "as the service map says";

words! {
    also_changed_since = "Also what somebody has changed since";
    also_changed_since_means = "without it, such a task refuses the whole undo";
    build_and_deploy_now = "Build and deploy now";
    build_options = "Reference, arguments and note";
    change_the_hold = "Change the hold";
    checking_versions = "Asking cluster and registry what is still there…";
    each_run_needs_a_tag = "Each run of this build needs one.";
    empty_as_the_build_says = "Empty: as the build says.";
    failed_here = "Failed here";
    hold_afterwards = "Hold it there";
    hold_afterwards_means = "Latest and automation keep off until the hold is lifted";
    hold_and_lift = "Hold…";
    hold_it = "Hold";
    deadline = "Deadline of a rollout";
    hold_it_dots = "Hold…";
    hold_it_longer = "Hold it until it is full";
    images_are_written = "Images are written";
    settings_dots = "Settings…";
    settings_mean = "What is chosen here stands before what the service map says, for runs from now on.";
    when_the_deadline_passes = "When the deadline passes";
    hold_means = "Latest and automation keep off while it is held. People pass it with a reason.";
    hold_to_do_it = "Hold it for a second; a screen reader presses twice";
    keep_for_run = "Keep for Run";
    keep_holding = "Keep holding";
    keys_title = "Keys";
    leave_as_it_is = "Leave as it is";
    lift_the_hold = "Lift the hold";
    more = "More";
    nothing_to_go_back_to = "No other version ran here";
    other_versions = "Other versions";
    press_once_more = "Press once more to do it";
    restart_it = "Restart…";
    restart_means = "The pods are made anew, one after the other, on the image that the workload names. The image stays as it is.";
    roll_back = "Roll back";
    roll_back_dots = "Roll back…";
    see_the_run = "See the run";
    since = "since";
    until = "until";
    until_somebody_lifts_it = "until somebody lifts it";
    until_when = "Until";
    versions_that_ran = "Versions that ran here";
    why_held = "Why? Others read it";
    without_cache_means = "every layer is made anew";
}

/// Groups of keys and what they do.
pub(crate) fn keys() -> [(&'static str, &'static [(&'static str, &'static str)]); 4] {
    [
        (
            "Everywhere",
            &[("Ctrl K", "Search, go and do (⌘ K on a Mac)"), ("?", "This list"), ("Esc", "Close what is on top")],
        ),
        (
            "Pipeline",
            &[
                ("/", "Filter"),
                ("j k", "Next and previous card; the arrows too"),
                ("x", "Mark the card: Plan and Batch execution take the marked ones"),
                ("r", "Run the card"),
                ("p", "Open the plan"),
                ("Ctrl Enter", "Run the plan"),
            ],
        ),
        ("Edit build", &[("Ctrl S", "Save"), ("Alt ↑", "Move the step up"), ("Alt ↓", "Move the step down")]),
        ("Log", &[("E", "First error"), ("Enter", "Next hit")]),
    ]
}

pub(crate) fn settings_of(workload: &str, container: &str) -> String {
    format!("Settings of {workload} / {container}")
}

pub(crate) fn written_form(form: Option<WrittenForm>) -> &'static str {
    match form {
        None => AS_THE_MAP_SAYS,
        Some(WrittenForm::TagDigest) => "with tag and digest",
        Some(WrittenForm::Digest) => "with the digest alone",
        Some(WrittenForm::Tag) => "with the tag alone",
    }
}

/// In minutes.
pub(crate) fn deadline_of(minutes: Option<u64>) -> String {
    match minutes {
        None => AS_THE_MAP_SAYS.to_owned(),
        Some(minutes) if minutes >= 60 && minutes % 60 == 0 => plural(minutes / 60, "hour", "hours"),
        Some(minutes) => plural(minutes, "minute", "minutes"),
    }
}

pub(crate) fn goes_back(by_itself: Option<bool>) -> &'static str {
    match by_itself {
        None => AS_THE_MAP_SAYS,
        Some(true) => "it goes back by itself",
        Some(false) => "it stays as it is",
    }
}

pub(crate) fn hold_title(workload: &str, container: &str) -> String {
    format!("Hold {workload} / {container}")
}

pub(crate) fn for_hours(hours: Option<i64>) -> String {
    match hours {
        None => "Somebody lifts it".to_owned(),
        Some(hours @ 0..24) => format!("In {}", plural(u64::try_from(hours).unwrap_or_default(), "hour", "hours")),
        Some(hours) => format!("In {}", plural(u64::try_from(hours / 24).unwrap_or_default(), "day", "days")),
    }
}

pub(crate) fn roll_back_title(workload: &str, container: &str) -> String {
    format!("Roll back {workload} / {container}")
}

/// It runs now, or it never ran there.
pub(crate) fn no_way_back_to(tag: &str) -> String {
    format!("{tag} runs again, or is not in the history")
}

pub(crate) fn ran_until(lasted: &str, until: &str, found: bool) -> String {
    let found = if found { ", found in the cluster" } else { "" };
    match lasted {
        "now" => format!("Ran a moment, until {until}{found}"),
        lasted => format!("Ran {lasted}, until {until}{found}"),
    }
}

pub(crate) fn runs_since(from: &str, found: bool) -> String {
    format!("Runs since {from}{}", if found { ", found in the cluster" } else { "" })
}

pub(crate) fn undo_title(n: usize) -> String {
    format!("Undo {}", plural(n as u64, "change", "changes"))
}

pub(crate) fn undo_n_changes(n: usize) -> String {
    undo_title(n)
}

pub(crate) fn restart_title(workload: &str) -> String {
    format!("Restart {workload}")
}

pub(crate) fn build_options_title(build: &str) -> String {
    format!("Build {build}, then deploy it")
}

pub(crate) fn argument_wrong(line: usize) -> String {
    format!("Line {line} is no argument. Write NAME=value.")
}

pub(crate) fn no_suggestions_from(registry: &str) -> String {
    format!("{registry} gives no tags just now. Any tag can be typed.")
}

pub(crate) fn mark_workload(name: &str) -> String {
    format!("Mark {name}")
}

pub(crate) fn managed_means(by: &str) -> String {
    format!("{by} manages it and may put back what Slipway sets")
}
