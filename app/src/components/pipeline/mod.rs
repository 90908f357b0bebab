//! The parts of the pipeline page.

pub(crate) mod action_bar;
mod appointed;
pub(crate) mod build_options;
pub(crate) mod card;
pub(crate) mod card_menu;
mod chooser;
pub(crate) mod failure;
pub(crate) mod hold;
pub(crate) mod link_button;
mod phases;
mod plan_lines;
pub(crate) mod plan_sheet;
pub(crate) mod restart;
pub(crate) mod roll_back;
pub(crate) mod rollout;
mod row;
pub(crate) mod shelf;
pub(crate) mod stored_plan;
pub(crate) mod suggest;
pub(crate) mod suggestions;
pub(crate) mod tag_box;
pub(crate) mod task_settings;
pub(crate) mod way_back;
mod why;

pub(crate) use card::kind_icon;
pub(crate) use phases::{shout, squares};
pub(crate) use plan_lines::changes;
pub(crate) use rollout::waits;

use crate::text;
use types::Image;

/// The tag of an image, else the beginning of its digest.
pub(crate) fn image_tag(image: &Image) -> String {
    let digest = || image.digest.as_ref().map(|digest| digest.short().to_owned());
    image.tag.clone().or_else(digest).unwrap_or_else(|| text::no_tag().to_owned())
}

/// `sha256:9b1c04d27e0f`
pub(crate) fn image_digest(image: &Image) -> String {
    let short = |digest: &types::Digest| format!("sha256:{}", digest.short());
    image.digest.as_ref().map_or_else(|| text::digest_unknown().to_owned(), short)
}
