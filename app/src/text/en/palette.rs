//! Words of the palette.

words! {
    asks_first = "asks first";
    in_all_maps = "all maps";
    palette = "Search or run";
    palette_do = "Do";
    palette_go = "Go to";
    palette_hint = "A map, a workload, a build, a run, or what to do";
    to_choose = "choose";
    to_close = "close";
    to_do_it = "do";
}

pub(crate) fn in_map(map: &str) -> String {
    format!("in {map}")
}

pub(crate) fn theme_is(word: &str) -> String {
    format!("Theme: {}", word.to_lowercase())
}

pub(crate) fn run_task(name: &str, to: Option<&str>) -> String {
    match to {
        Some(tag) => format!("Run {name} to {tag}"),
        None => format!("Run {name}"),
    }
}

pub(crate) fn roll_back_task(name: &str) -> String {
    format!("Roll back {name}")
}

pub(crate) fn hold_task(name: &str) -> String {
    format!("Hold {name}")
}
