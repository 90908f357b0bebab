//! Words of the history of images.

words! {
    all_tasks = "All tasks";
    by_slipway = "Slipway";
    changes_between = "What differs";
    compare = "Compare";
    compare_with_this = "Compare with this";
    configuration_is_the_same = "The configuration of both images is the same";
    could_not_compare = "The images could not be compared";
    drop_the_comparison = "Close the comparison";
    filter_by_task = "Task";
    found_in_the_cluster = "found in the cluster";
    no_history_yet = "Nothing ran here yet. Every image that a workload gets is kept here, by whomever.";
    now = "now";
    proof_column = "Result";
    ran = "Ran";
    same_size = "same size";
    task = "Task";
    version = "Version";
    who_and_why = "Who and why";
}

pub(crate) fn history_of(map: &str) -> String {
    format!("History of {map}")
}

pub(crate) fn changed_by_manager(manager: Option<&str>) -> String {
    match manager {
        Some(manager) => format!("{manager}, outside Slipway"),
        None => "outside Slipway".to_owned(),
    }
}

pub(crate) fn lasted(age: &str) -> String {
    match age {
        "now" => "a moment".to_owned(),
        age => format!("for {age}"),
    }
}

pub(crate) fn compare_from(tag: &str) -> String {
    format!("Compare {tag} with …")
}

pub(crate) fn compared(from: &str, to: &str) -> String {
    format!("{from} and {to}")
}

pub(crate) fn digests_of(n: usize) -> String {
    super::plural(n as u64, "digest stands for it", "digests stand for it")
}
