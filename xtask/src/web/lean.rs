//! What the first module carries and nobody needs: taken out between binding and optimising.

use anyhow::{Result, bail};
use std::{fs, path::Path};
use walrus::{FunctionKind, Module};

/// Parts of the names of functions that are never called, as they are mangled.
///
/// Every kind of view and attribute names them in its table, so that no optimiser can tell. The
/// first takes over a page step by step while modules come: the browser has all that a page needs
/// before it begins (`frontend/src/lib.rs`). The second takes over clones of templates, of which
/// there are none.
const NEVER_CALLED: [&str; 2] = ["13hydrate_async", "21hydrate_from_template"];

/// Empties functions that are never called; whoever called one would trap.
pub(super) fn leave_out_what_is_never_called(module: &mut Module) -> Result<()> {
    let mut emptied = 0;
    for function in module.funcs.iter_mut() {
        let never = function.name.as_ref().is_some_and(|name| NEVER_CALLED.iter().any(|part| name.contains(part)));
        if let FunctionKind::Local(local) = &mut function.kind
            && never
        {
            let mut body = local.builder_mut().func_body();
            body.instrs_mut().clear();
            body.unreachable();
            emptied += 1;
        }
    }
    if emptied == 0 {
        bail!("no function is called {}: the names are not there", NEVER_CALLED.join(" or "));
    }
    Ok(())
}

/// A name between module and script, and the short one in its place.
pub(super) type ShortName = (String, String);

/// What the module imports from its script has names with hashes in them, which no packer can make
/// smaller, and twice.
pub(super) fn shorten_names(module: &mut Module) -> Vec<ShortName> {
    let long = module.imports.iter_mut().filter(|import| import.name.starts_with("__wbg_"));
    let rename = |(n, import): (usize, &mut walrus::Import)| {
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
