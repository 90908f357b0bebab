//! Code that nobody calls, although no compiler can see it.
//!
//! What a table of methods names is compiled, called or not: an erased view knows how to take over a
//! page bit by bit, which Slipway never asks of it. And the crate that carries server functions
//! exports streams that no function of Slipway returns. Bodies that are never entered become a trap,
//! and wasm-opt then finds that nobody needs what they called.

use anyhow::Result;
use std::{collections::HashSet, fs, path::Path};
use walrus::{
    FunctionId, Module,
    ir::{Call, Visitor, dfs_in_order},
};

/// What the name of a function holds that takes over a page bit by bit, as rustc writes names: of
/// the method of an erased view, and of the futures that they make. `hydrate_body`, which Slipway
/// calls, takes over a page in one go. What else has such a name may be shared with code that is
/// entered: the compiler keeps one of two functions that do the same.
const NEVER_ENTERED: [&str; 2] = ["8into_any13hydrate_async17h", "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h"];

/// How the exports begin that belong to streams of server functions.
const EXPORTS: [&str; 2] = ["intounderlying", "__wbg_intounderlying"];
/// Their classes in the script.
const CLASSES: [&str; 3] = ["IntoUnderlyingByteSource", "IntoUnderlyingSink", "IntoUnderlyingSource"];

/// See the module.
pub(super) fn take_out_of(module: &mut Module) {
    let is_of_a_stream = |name: &str| EXPORTS.iter().any(|start| name.starts_with(start));
    let exports = module.exports.iter().filter(|export| is_of_a_stream(&export.name));
    for export in exports.map(|export| export.id()).collect::<Vec<_>>() {
        module.exports.delete(export);
    }
    for function in never_entered(module) {
        let mut body = module.funcs.get_mut(function).kind.unwrap_local_mut().builder_mut().func_body();
        body.instrs_mut().clear();
        body.unreachable();
    }
}

/// Those with such a name that no function without one calls.
fn never_entered(module: &Module) -> HashSet<FunctionId> {
    let is = |name: &str| NEVER_ENTERED.iter().any(|part| name.contains(part));
    let (named, others): (Vec<_>, Vec<_>) =
        module.funcs.iter_local().partition(|(id, _)| module.funcs.get(*id).name.as_deref().is_some_and(is));
    let mut never = Uncalled(named.into_iter().map(|(id, _)| id).collect());
    for (_, function) in others {
        dfs_in_order(&mut never, function, function.entry_block());
    }
    never.0
}

/// What remains when those are taken away that are called.
struct Uncalled(HashSet<FunctionId>);

impl<'i> Visitor<'i> for Uncalled {
    fn visit_call(&mut self, call: &Call) {
        self.0.remove(&call.func);
    }
}

/// Takes the classes out of the script that nothing makes, and what only its readers need: comments
/// and the space before lines.
pub(super) fn take_out_of_script(script: &Path) -> Result<()> {
    let mut text = fs::read_to_string(script)?;
    for class in CLASSES {
        cut(&mut text, &format!("export class {class} {{"), &format!("= {class}.prototype.free;\n"));
        cut(&mut text, &format!("const {class}Finalization"), ");\n");
    }
    let mut comment = false;
    let lines = text.lines().map(str::trim_start).filter(|line| {
        let begins = line.starts_with("/**");
        let inside = comment || begins;
        comment = inside && !line.ends_with("*/");
        !inside && !line.is_empty() && !line.starts_with("// ")
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    Ok(fs::write(script, text)?)
}

/// From the one to the end of the other; nothing where the script has no such part.
fn cut(text: &mut String, from: &str, to: &str) {
    let Some(start) = text.find(from) else { return };
    if let Some(length) = text[start..].find(to) {
        text.replace_range(start..start + length + to.len(), "");
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_part_is_cut_with_its_ends() {
        let mut text = "a <b> c".to_owned();
        cut(&mut text, "<", ">");
        assert_eq!(text, "a  c");
    }

    #[test]
    fn what_is_not_there_stays_away() {
        let mut text = "a <b".to_owned();
        cut(&mut text, "<", ">");
        cut(&mut text, "[", "]");
        assert_eq!(text, "a <b");
    }
}
