//! Words of the pipeline page.

use super::plural;
use types::{Name, task::WorkloadStatus};

words! {
    appointed = "Appointed";
    arrange_waves = "Arrange waves";
    as_the_build_says = "as the build says";
    asking = "Asking…";
    batch_execution = "Batch execution";
    build_and_deployment = "Build & Deployment";
    builds_first = "builds first";
    builds_first_title = "Builds first";
    can_run = "Can run";
    cancel_means = "Leaves the pods as they are now";
    choose_newer = "Choose the newer version";
    changes_of_the_configuration = "Configuration";
    checked_with_cluster_and_registry = "Checked with cluster and registry";
    choose_a_run = "Choose a run";
    choose_a_tag = "Choose a tag";
    commits_between = "Commits";
    another_thing_would_happen = "Another thing would happen now than what was stored";
    as_it_was_stored = "As it was stored";
    kept_until = "kept until";
    what_was_stored = "What was stored";
    made = "made";
    unknown_age = "at an unknown time";
    copy_link_with_selections = "Copy a link with the selections";
    deploy = "deploy";
    digest_known_at_the_end = "digest known at the end";
    digest_unknown = "digest unknown";
    drop_it = "Drop";
    execute = "Execute";
    filter_and_run = "Filter and run";
    filter_tasks_by = "Filter by workload, container, image or tag";
    from_link = "from link";
    go_on = "Continue";
    go_on_means = "with the others";
    group_by = "Group by";
    group_kind = "By kind";
    group_none = "In one list";
    group_state = "By state";
    held = "Held";
    if_a_task_fails = "If a task fails";
    image_tag = "Image tag";
    init = "init";
    is_running = "is running";
    latest = "Latest";
    never_built = "Never built";
    newer_available = "Newer version available";
    newer_short = "Newer";
    newest_first = "Newest first";
    next_job_runs_it = "The next job runs it";
    mark_means = "Plan and Batch execution take the marked workloads alone (x)";
    none_fits = "No workload fits the filter.";
    no_pods = "No pods";
    no_successful_run = "No successful run";
    no_tag = "no tag";
    no_workloads = "No workloads in this namespace. Those that are created appear here by themselves.";
    none_found = "None found";
    nothing_to_appoint = "This build has no successful run yet. Run it first.";
    nothing_to_run = "Nothing would run. Choose a version on the pipeline page.";
    pass_the_holds = "Pass the holds";
    pipeline = "Pipeline";
    plan = "Plan";
    plan_again = "Plan again";
    plan_is_stale = "Something has changed since";
    planning = "Asking cluster and registry…";
    rejected = "rejected";
    restart = "restart";
    rolling = "Rolling";
    running = "Running";
    run_marked = "Run marked";
    runs_now = "runs now";
    runs_to_appoint = "Successful runs";
    show_by_state = "Show by state";
    sidecar = "sidecar";
    stop = "Stop";
    stop_means = "later tasks do not start";
    stopped = "Stopped";
    suspended = "Suspended";
    take_over = "Take over";
    tasks = "tasks";
    tick_execute = "Tick Execute to build, then deploy";
    undo_means = "everything this run changed";
    unknown = "Unknown";
    updating = "Updating";
    why_pass_the_holds = "Why? Holds that block are passed with this reason";
    why_this_run = "Why this run? Shown in history and messages";
    will_not_run = "will not run";
    will_not_run_title = "Will not run";
    will_run = "will run";
}

pub(crate) fn columns() -> [&'static str; 5] {
    ["Workload", "Container and image", "Newest build", "Runs now, and after Run", "Version to run"]
}

pub(crate) fn pipeline_of(map: &str) -> String {
    format!("{map} pipeline")
}

pub(crate) fn service_map(map: &str) -> String {
    format!("Service map {map}")
}

pub(crate) fn failed_workload(name: &str, ready: Option<u32>, replicas: Option<u32>, more: usize) -> String {
    let pods =
        ready.zip(replicas).map(|(ready, replicas)| format!(", {ready} of {replicas} ready")).unwrap_or_default();
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{name}: failed{pods}{more}")
}

pub(crate) fn cluster_and_namespace(cluster: &Name, namespace: &str) -> String {
    format!("Cluster {cluster}, namespace {namespace}")
}

pub(crate) fn not_contacted_yet(cluster: &Name) -> String {
    format!("Cluster {cluster} not contacted yet")
}

pub(crate) fn cluster_down(cluster: &Name, since: Option<&str>) -> String {
    match since {
        Some(since) => format!("Cluster {cluster} does not answer since {since}; shown as it was then"),
        None => format!("Cluster {cluster} does not answer"),
    }
}

pub(crate) fn last_job(job: &str) -> String {
    format!("Last job {job}")
}

pub(crate) fn held_by(by: &str, reason: &str) -> String {
    format!("Held by {by}: {reason}")
}

pub(crate) fn run_workload(name: &str, n: usize) -> String {
    format!("Run {name}: {}", plural(n as u64, "container", "containers"))
}

pub(crate) fn task_label(workload: &str, container: &str, role: Option<&str>) -> String {
    let role = role.map(|role| format!(", {role}")).unwrap_or_default();
    format!("{workload}, container {container}{role}")
}

pub(crate) fn edit_this_build(image: &str) -> String {
    format!("{image}, edit this build")
}

pub(crate) fn version_of(container: &str) -> String {
    format!("Version of {container}")
}

pub(crate) fn tags_of(repository: &str) -> String {
    format!("Tags of {repository}")
}

pub(crate) fn newest_tags(n: usize, query: &str, more: bool) -> String {
    match (query.is_empty(), more) {
        (true, true) => format!("Newest {n} tags"),
        (true, false) => plural(n as u64, "tag", "tags"),
        (false, _) => format!("Tags with “{query}”"),
    }
}

pub(crate) fn ready_of(ready: u32, replicas: u32) -> String {
    format!("{ready} of {replicas} ready")
}

pub(crate) fn mixed(ready: u32, replicas: u32) -> String {
    format!("{ready} of {replicas} ready, mixed digests")
}

pub(crate) fn pods_run_it(proven: u32, pods: u32) -> String {
    if proven == pods { format!("{proven} of {pods} pods") } else { format!("{proven} of {pods} pods proven") }
}

pub(crate) fn chosen_by(by: &str) -> String {
    format!("Chosen by {by}")
}

pub(crate) fn builds_and_deploys(build: &Name) -> String {
    format!("Builds {build}, then deploys it")
}

pub(crate) fn usually(duration: &str) -> String {
    format!(", usually {duration}")
}

pub(crate) fn stop_and_roll_back(others: usize) -> String {
    match others {
        0 => "Stop and roll back".to_owned(),
        others => format!("Stop and roll back, {others} more"),
    }
}

pub(crate) fn roll_back_to(tag: &str) -> String {
    format!("Roll back to {tag}")
}

pub(crate) fn retry(tag: &str) -> String {
    format!("Retry {tag}")
}

/// What Plan would show: `Plan: 1 build, 4 deploys`.
pub(crate) fn plan_of(builds: usize, deploys: usize) -> String {
    let deploys = plural(deploys as u64, "deploy", "deploys");
    match builds {
        0 => format!("Plan: {deploys}"),
        builds => format!("Plan: {}, {deploys}", plural(builds as u64, "build", "builds")),
    }
}

pub(crate) fn set_by(manager: Option<&str>) -> String {
    format!("set by {}", manager.unwrap_or("somebody else"))
}

pub(crate) fn it_was(from: Option<&str>) -> String {
    match from {
        Some(from) => format!("Changed outside Slipway; it was {from}"),
        None => "Changed outside Slipway".to_owned(),
    }
}

pub(crate) fn stored_by(who: &str) -> String {
    format!("stored by {who}")
}

pub(crate) fn plan_for(map: &Name) -> String {
    format!("Plan for {map}")
}

pub(crate) fn marked(n: usize) -> String {
    format!("{} marked", plural(n as u64, "workload", "workloads"))
}

pub(crate) fn workload_status(status: WorkloadStatus) -> &'static str {
    match status {
        WorkloadStatus::Running => running(),
        WorkloadStatus::Updating => updating(),
        WorkloadStatus::Stopped => stopped(),
        WorkloadStatus::Failed => "Failed",
        WorkloadStatus::Suspended => suspended(),
        WorkloadStatus::Unknown => unknown(),
    }
}

/// Said of a wave: what goes together, and what comes after it.
pub(crate) fn wave_means(n: usize, last: bool) -> &'static str {
    match (n, last) {
        (1, true) => "",
        (1, false) => "must be ready before the next",
        (_, true) => "all at once",
        (_, false) => "all at once, then all must be ready",
    }
}

pub(crate) fn wave_of(workload: &str, container: &str) -> String {
    format!("Wave of {workload} / {container}")
}

pub(crate) fn for_tasks(n: usize) -> String {
    format!("for {}", plural(n as u64, "task", "tasks"))
}

pub(crate) fn waits_behind(n: u32) -> String {
    format!("waits behind {}", plural(n, "run", "runs"))
}

pub(crate) fn and_more(n: usize) -> String {
    format!("and {n} more")
}

pub(crate) fn stay_as_they_are(n: usize) -> String {
    match n {
        1 => "this one stays as it is".to_owned(),
        n => format!("these {n} stay as they are"),
    }
}

pub(crate) fn wave(n: u32) -> String {
    format!("Wave {n}")
}

pub(crate) fn new_image_of(build: &str) -> String {
    format!("new image of {build}")
}

pub(crate) fn size_change(less: bool, size: &str) -> String {
    format!("{size} {}", if less { "less" } else { "more" })
}

pub(crate) fn run_tasks(n: u32) -> String {
    format!("Run {}", plural(n, "task", "tasks"))
}
