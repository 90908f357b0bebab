//! Names that no packer makes smaller, made short.

use anyhow::{Result, bail};
use std::{fs, path::Path};
use walrus::{Import, Module};

/// A name between module and script, and the short one in its place.
pub(super) type ShortName = (String, String);

/// What the module imports from its script has names with hashes in them: the one thing in both
/// files that does not compress.
pub(super) fn shorten_names(module: &mut Module) -> Vec<ShortName> {
    let long = module.imports.iter_mut().filter(|import| import.name.starts_with("__wbg_"));
    let rename = |(n, import): (usize, &mut Import)| {
        let short = format!("i{n}");
        (std::mem::replace(&mut import.name, short.clone()), short)
    };
    long.enumerate().map(rename).collect()
}

/// Names them in the script as the module does now.
pub(super) fn rename_in(script: &Path, names: &[ShortName]) -> Result<()> {
    let mut text = fs::read_to_string(script)?;
    for (long, short) in names {
        let member = format!("{long}: ");
        if text.matches(&member).count() != 1 {
            bail!("the script does not give {long} to the module exactly once");
        }
        text = text.replace(&member, &format!("{short}: "));
    }
    fs::write(script, text)?;
    Ok(())
}
