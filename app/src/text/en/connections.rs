//! Words of connections, maps and the first steps.

use super::plural;

words! {
    add_cluster = "Add cluster";
    add_engine = "Add engine";
    add_registry = "Add registry";
    add_what_was_found = "Add what was found on this machine";
    all_run = "All run";
    choose_and_run = "Choose a version and run";
    choose_and_run_means = "you see the plan before anything happens";
    cluster = "Cluster";
    cluster_context = "cluster context";
    cluster_unreachable = "cluster does not answer";
    context = "Context";
    context_hint = "Empty: the current one.";
    engine = "Engine";
    engine_unknown = "Container engine";
    group = "Group";
    group_hint = "Maps of one group stand together. Empty: none.";
    kubeconfig_hint = "With its data inside: no files, no plugins. Stored encrypted, never shown again.";
    label_selector = "Label selector";
    make_a_map_means = "choose a namespace; its workloads appear at once, nothing is adopted";
    make_a_service_map = "Make a service map";
    make_the_map = "Make the map";
    name_rule = "Lower-case letters, digits and hyphens.";
    namespace = "Namespace";
    new_map = "New map";
    not_contacted = "not contacted yet";
    nothing_found = "No container engine and no cluster was found on this machine. Add them by hand.";
    nothing_was_changed = "Slipway touches only what you add. Nothing below has been changed.";
    pull_hosts = "Pull hosts";
    pull_hosts_hint = "Hosts under which the cluster names this registry. Empty: the host of the URL.";
    registry = "Registry";
    selector_hint = "For instance app=web. Empty: all workloads.";
    three_steps = "Three steps to the first rollout";
    what_to_add = "What to add";
}

pub(crate) fn add_connections(n: usize) -> String {
    format!("Add {}", plural(n as u64, "connection", "connections"))
}

pub(crate) fn answers(version: Option<&str>) -> String {
    version.map_or_else(|| "answers".to_owned(), |version| format!("answers, {version}"))
}

pub(crate) fn does_not_answer(since: Option<&str>, error: Option<&str>) -> String {
    let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
    let error = error.map(|error| format!(": {error}")).unwrap_or_default();
    format!("does not answer{since}{error}")
}

pub(crate) fn used_by_so_many(builds: usize, tasks: usize) -> String {
    let builds = (builds > 0).then(|| plural(builds as u64, "build", "builds"));
    let tasks = (tasks > 0).then(|| plural(tasks as u64, "task", "tasks"));
    format!("used by {}", builds.into_iter().chain(tasks).collect::<Vec<_>>().join(" and "))
}

pub(crate) fn workloads(n: u32) -> String {
    plural(n, "workload", "workloads")
}

pub(crate) fn workloads_failed(n: u32) -> String {
    format!("{} failed", plural(n, "workload", "workloads"))
}

pub(crate) fn workloads_updating(n: u32) -> String {
    format!("{} updating", plural(n, "workload", "workloads"))
}
