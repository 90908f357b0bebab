//! Words of the frame and of all pages.

use types::ErrorCode;

words! {
    actions = "Actions";
    add_by_hand = "Add by hand";
    all = "All";
    as_the_system = "As the system";
    at = "at";
    build = "build";
    builds = "Builds";
    cancel = "Cancel";
    close = "Close";
    connections = "Connections";
    copied = "Copied";
    copy_link = "Copy a link";
    dark = "Dark";
    delete = "Delete";
    delete_for_good = "Delete for good";
    digest = "Digest";
    duration = "Duration";
    edit = "Edit";
    everything = "Everything";
    failed = "Failed";
    failed_count = "failed";
    filter = "Filter";
    first_administrator = "Make the first administrator";
    history = "History";
    image = "Image";
    light = "Light";
    live = "Live";
    log = "Log";
    main_navigation = "Main";
    make_the_account = "Make the account";
    menu = "Open the menu";
    name = "Name";
    no_account_yet = "No account yet? An administrator makes one.";
    none_yet = "None yet";
    note = "Note";
    note_dots = "Note…";
    nothing_here = "There is nothing at this address, or it is not yours to see.";
    older = "Older";
    open_log = "Open log";
    password = "Password";
    password_rule = "At least 12 characters.";
    reason = "Reason";
    request = "Request";
    run = "Run";
    runs = "Runs";
    save = "Save";
    service_maps = "Service maps";
    set_up = "Set up Slipway";
    set_up_once = "This link works once. The account may do everything.";
    sign_in = "Sign in";
    sign_out = "Sign out";
    size = "Size";
    skip_to_the_page = "Skip to the page";
    started = "Started";
    starting = "Starting";
    status = "Status";
    steps = "Steps";
    then_you_go_to = "Then you go to";
    theme = "Theme";
    to_the_start = "To the start";
    undo = "Undo";
    updating_count = "updating";
    url = "URL";
    user_name = "User name";
}

pub(crate) fn page_title(page: String) -> String {
    if page.is_empty() { "Slipway".to_owned() } else { format!("{page} · Slipway") }
}

pub(crate) fn problem_title(code: ErrorCode) -> &'static str {
    match code.status() {
        401 => "Sign in to go on",
        403 => "Not allowed",
        404 => "Not found",
        410 => "Gone",
        503 => "Not reachable just now",
        500.. => "Slipway failed at this",
        _ => "This did not work",
    }
}

pub(crate) fn slipway_does_not_answer() -> &'static str {
    "Slipway does not answer. Check the connection and try again."
}

pub(crate) fn not_understood(status: u16) -> String {
    format!("Slipway answered with {status} and no reason. Try again.")
}

pub(crate) fn not_live_since(moment: &str) -> String {
    format!("Not live since {moment}, trying again")
}

pub(crate) fn ago(age: &str) -> String {
    if age == "now" { age.to_owned() } else { format!("{age} ago") }
}

pub(crate) fn weekday(from_monday: u32) -> &'static str {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    DAYS.get(from_monday as usize).copied().unwrap_or_default()
}

/// `2 Oct`, and the year where it is another one.
pub(crate) fn date(day: u32, month: u32, year: Option<i64>) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    match year {
        Some(year) => format!("{day} {month} {year}"),
        None => format!("{day} {month}"),
    }
}

pub(crate) fn actions_for(name: &str) -> String {
    format!("Actions for {name}")
}
