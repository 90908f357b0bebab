//! English. Sentence case; a button is a verb and its object; an error says what is wrong and what
//! to do.

mod builds;
mod causes;
mod common;
mod connections;
mod dialogs;
mod history;
mod logs;
mod palette;
mod pipeline;
mod runs;
mod steps;

pub(crate) use builds::*;
pub(crate) use causes::*;
pub(crate) use common::*;
pub(crate) use connections::*;
pub(crate) use dialogs::*;
pub(crate) use history::*;
pub(crate) use logs::*;
pub(crate) use palette::*;
pub(crate) use pipeline::*;
pub(crate) use runs::*;
pub(crate) use steps::*;

/// `1 task`, `4 tasks`
fn plural(n: impl TryInto<u64>, one: &str, many: &str) -> String {
    let n = n.try_into().unwrap_or(u64::MAX);
    match n {
        1 => format!("1 {one}"),
        n => format!("{} {many}", crate::format::count(n)),
    }
}
