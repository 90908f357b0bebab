//! Words of the steps of a flow, and of the page that edits them.

words! {
    add_argument = "Add argument";
    add_cache = "Add cache";
    add_header = "Add header";
    add_parameter = "Add parameter";
    add_secret = "Add secret";
    add_step = "Add step";
    add_value = "Add value";
    add_variable = "Add variable";
    allow_plain_ftp = "Allow FTP";
    allow_plain_ftp_hint = "It hides neither files nor password.";
    answer_body = "Body";
    are_no_numbers = "must be whole numbers, with commas between them";
    build_args_rows_hint = "They stay in the image's history: secrets belong below.";
    build_secrets = "Build secrets";
    build_secrets_hint = "Files in /run/secrets while an instruction asks for them.";
    cache_from = "Cache from";
    cache_to = "Cache to";
    caches = "Caches";
    caches_hint = "Folders that stay from one run of this build to the next.";
    changed_meanwhile_means = "What you typed is still here. Nothing has been saved over yet.";
    changed_meanwhile_title = "Somebody else has saved this build";
    command = "Command";
    command_hint = "Words as in a shell: quotes keep spaces. No shell runs it, so there are no pipes and no variables. Empty: what the image says.";
    credentials_are = "User name and password";
    default_value = "Default";
    direction = "Direction";
    dockerfile_text = "Dockerfile as text";
    dockerfile_text_hint = "Used instead of the file. Empty: the file.";
    duplicate = "Duplicate";
    each_run_must_give_it = "Each run must give it";
    environment = "Environment";
    expected_status = "Expected status";
    expected_status_hint = "With commas between them. Any other status fails the step.";
    extract = "Values to extract";
    extract_hint = "From a JSON answer. Later steps use them as ${step:NAME.VALUE}.";
    fetch_files = "Fetch files";
    file_transfer = "File transfer";
    flow_help = "A step moves with its handle, or with Alt and the arrow keys.";
    headers = "Headers";
    hide_it = "Hide it in logs";
    host = "Host";
    host_key = "Host key";
    host_key_hint = "Of an SFTP server. Empty: the one that was seen first.";
    images_between_commas = "Images, with commas between them.";
    is_needed = "is needed";
    is_no_duration = "must be a time such as 30m, 2h or 1h 30m";
    is_no_number = "must be a whole number";
    is_there_twice = "is there twice";
    json_pointer = "JSON pointer";
    keep_editing = "Keep editing";
    leave_without_saving = "Leave without saving";
    leaving_means = "What you changed here is not saved.";
    leaving_title = "Leave without saving?";
    local_path = "Path in the work space";
    max_parallel = "Runs at once";
    max_parallel_hint = "1 keeps Latest in order.";
    method = "Method";
    needs_a_name = "needs a name";
    not_saved = "Not saved";
    nothing_differs = "Nothing that this page shows has changed.";
    nothing_there = "nothing";
    params = "Parameters";
    params_hint = "What a run may be given, as ${param:NAME}.";
    path_in_the_container = "Path in the container";
    platforms = "Platforms";
    platforms_hint = "As in linux/amd64, linux/arm64. Empty: the engine's own.";
    port = "Port";
    port_hint = "Empty: the protocol's own.";
    protocol = "Protocol";
    quote_is_open = "has a quote that is not closed";
    remote_path = "Path on the server";
    remote_path_hint = "The last part may be a pattern, as in *.csv.";
    remove = "Remove";
    rest_call = "REST call";
    runs_keep_their_flow = "Runs keep their own copy of the flow.";
    save_mine_over_it = "Save mine over it";
    script = "Script";
    script_hint = "Run by /bin/sh -e. Values reach it as variables: name them under Environment.";
    send_files = "Send files";
    step_type = "Type";
    steps_in_another_order = "The steps stand in another order";
    take_theirs = "Take theirs";
    time_limit = "Time limit";
    time_limit_hint = "As in 30m, 2h or 1h 30m.";
    user_task = "User task";
    value = "Value";
    values_are = "Values that can stand in fields:";
    values_secret = "secrets only in environment, headers, body, build secrets and credentials";
    what_changed = "What changed since you opened it";
    working_folder = "Working folder";
    yaml = "YAML";
    yaml_apply = "Take it over";
    yaml_hint = "What is by default is left out. Passwords are ***: they stay as they are stored. Nothing is saved until you press Save.";
    yaml_of_build = "The build as YAML";
}

/// What stands for a value, and what it is.
pub(crate) fn values() -> [(&'static str, &'static str); 6] {
    [
        ("${build.tag}", "tag of the run"),
        ("${build.number}", "its number"),
        ("${build.commit}", "the commit that it builds"),
        ("${param:NAME}", "a parameter"),
        ("${step:NAME.VALUE}", "what a REST call extracted"),
        ("${secret:NAME}", "a stored secret"),
    ]
}

pub(crate) fn step_named(kind: &str, name: &str) -> String {
    format!("{kind} {name}")
}

pub(crate) fn edit_step(name: &str) -> String {
    format!("Edit step {name}")
}

pub(crate) fn move_step(place: usize, name: &str) -> String {
    format!("Move step {place}, {name}. Arrow keys move it")
}

/// For those who do not see it.
pub(crate) fn step_moved(name: &str, place: usize, of: usize) -> String {
    format!("Step {name} is now {place} of {of}")
}

pub(crate) fn step_removed(name: &str) -> String {
    format!("Step {name} is removed")
}

pub(crate) fn row_part(rows: &str, part: &str) -> String {
    format!("{rows}: {part}")
}

pub(crate) fn remove_row(name: &str) -> String {
    if name.trim().is_empty() { remove().to_owned() } else { format!("Remove {}", name.trim()) }
}

/// `6 lines`
pub(crate) fn lines_of(n: usize) -> String {
    super::plural(n, "line", "lines")
}

/// `expects 200, 204`
pub(crate) fn expects(status: &str) -> String {
    format!("expects {status}")
}

/// `rates/*.csv into api/data`
pub(crate) fn into_folder(from: &str, to: &str) -> String {
    format!("{from} into {to}")
}

/// Where a field stands, in words: `Step 2 lint, environment.CI`.
pub(crate) fn place_of_field(step: Option<(usize, &str)>, field: &str) -> String {
    match (step, field) {
        (None, field) => field.to_owned(),
        (Some((place, name)), "") => format!("Step {place} {name}"),
        (Some((place, name)), field) => format!("Step {place} {name}, {field}"),
    }
}

/// The word for a field of the wire, as its label has it; what hangs below it stays.
pub(crate) fn field_words(path: &str) -> String {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (field, below) = path.split_at(end);
    let word = match field {
        "body" => answer_body(),
        "build_args" => super::build_args(),
        "cache_from" => cache_from(),
        "cache_to" => cache_to(),
        "caches" => caches(),
        "command" => command(),
        "context" => super::context_folder(),
        "credentials" => credentials_are(),
        "depth" => super::depth(),
        "description" => super::description(),
        "direction" => direction(),
        "dockerfile" => "Dockerfile",
        "engine" => super::build_engine(),
        "environment" => environment(),
        "expected_status" => expected_status(),
        "extract" => extract(),
        "folder" => super::folder_in_the_work_space(),
        "headers" => headers(),
        "host" => host(),
        "host_key" => host_key(),
        "image" => super::image(),
        "inline" => dockerfile_text(),
        "insecure" => allow_plain_ftp(),
        "local_path" => local_path(),
        "max_parallel" => max_parallel(),
        "method" => method(),
        "name" => super::name(),
        "no_cache" => super::without_cache(),
        "params" => params(),
        "platforms" => platforms(),
        "port" => port(),
        "protocol" => protocol(),
        "reference" => super::branch_tag_or_commit(),
        "registry" => super::registry(),
        "remote_path" => remote_path(),
        "repository" => super::repository(),
        "script" => script(),
        "secrets" => build_secrets(),
        "steps" => super::steps(),
        "submodules" => super::fetch_submodules(),
        "tag_rule" => super::tag_rule(),
        "target" => super::target_stage(),
        "time_limit_ms" => time_limit(),
        "type" => step_type(),
        "url" => super::url(),
        "working_folder" => working_folder(),
        other => other,
    };
    format!("{word}{below}")
}

/// A field of a step, by the step's name.
pub(crate) fn field_of_step(step: &str, field: &str) -> String {
    format!("Step {step}, {field}")
}

pub(crate) fn step_was_added(name: &str) -> String {
    format!("Step {name} was added")
}

pub(crate) fn step_was_removed(name: &str) -> String {
    format!("Step {name} was removed")
}

pub(crate) fn yaml_leaves_out(n: usize) -> String {
    let fields = super::plural(n, "field", "fields");
    format!("{fields} of the form cannot be read yet, and are not in this text.")
}
