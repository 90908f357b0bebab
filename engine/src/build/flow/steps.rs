//! What a step must be, type by type.

use super::{
    fields::{Fields, Settings},
    image::check_image,
    passwords::credentials,
};
use crate::{
    Error,
    build::{
        context::check_path,
        http_step, transfer_step,
        values::{self, Known, Place},
    },
    git::{GitReference, GitUrl},
    image::ImageRef,
};
use std::collections::{BTreeMap, BTreeSet};
use types::build::{Cache, ContainerStep, GitStep, HttpStep, ScriptStep, Step, TransferStep};

/// Bytes of a script, and of a command with its arguments.
const SCRIPT_MAX: usize = 64 * 1024;
/// Caches of a step.
const LIST_MAX: usize = 100;

/// Folders of a container that are not for caches: the work space, the script, the system's own.
const TAKEN: [&str; 5] = [crate::docker::WORKSPACE, crate::docker::SCRIPT_FOLDER, "/proc", "/sys", "/dev"];

pub(super) fn check(fields: &mut Fields, path: &str, step: &Step, known: &Known<'_>) -> Result<(), Error> {
    if let Some(credentials) = credentials(step) {
        for (name, text) in [("username", &credentials.username), ("password", &credentials.password)] {
            fields.check(&format!("{path}.credentials.{name}"), values_in(text, known));
        }
    }
    match step {
        Step::Git(step) => check_git(fields, path, step),
        Step::Transfer(step) => check_transfer(fields, path, step),
        Step::Http(step) => check_http(fields, path, step, known),
        Step::Script(step) => check_script(fields, path, step, known),
        Step::Container(step) => check_container(fields, path, step, known),
        Step::Image(step) => check_image(fields, path, step, known)?,
    }
    Ok(())
}

/// A literal password may hold anything; only what names a secret is looked into.
fn values_in(text: &str, known: &Known<'_>) -> Result<(), String> {
    if text.contains("${secret:") { values::check(text, known, Place::Secret) } else { Ok(()) }
}

fn check_git(fields: &mut Fields, path: &str, step: &GitStep) {
    fields.check(&format!("{path}.url"), GitUrl::parse(&step.url));
    fields.check(&format!("{path}.reference"), GitReference::parse(&step.reference));
    fields.check(&format!("{path}.folder"), check_path(&step.folder));
}

fn check_transfer(fields: &mut Fields, path: &str, step: &TransferStep) {
    let password = step.credentials.as_ref().map(|known| known.password.clone().into());
    fields.within(path, transfer_step::plain(step, password).parse());
    fields.check(&format!("{path}.local_path"), check_path(&step.local_path));
}

fn check_http(fields: &mut Fields, path: &str, step: &HttpStep, known: &Known<'_>) {
    fields.within(path, http_step::plain(step).parse());
    fields.check(&format!("{path}.url"), values::check(&step.url, known, Place::Open));
    let headers = Settings { values: &step.headers, place: Place::Secret };
    fields.settings(&format!("{path}.headers"), &headers, known);
    if let Some(body) = &step.body {
        fields.check(&format!("{path}.body"), values::check(body, known, Place::Secret));
    }
    for name in step.extract.keys() {
        fields.when(!is_variable(name), &format!("{path}.extract.{name}"), VARIABLE_WORDS);
    }
}

fn check_script(fields: &mut Fields, path: &str, step: &ScriptStep, known: &Known<'_>) {
    let ScriptStep { name: _, enabled: _, time_limit_ms: _, image, script, environment, working_folder, caches } = step;
    check_room(fields, path, &Room { image, environment, working_folder, caches }, known);
    let path = format!("{path}.script");
    fields.when(script.trim().is_empty(), &path, "is needed");
    fields.when(script.len() > SCRIPT_MAX, &path, format!("must be at most {SCRIPT_MAX} bytes"));
}

fn check_container(fields: &mut Fields, path: &str, step: &ContainerStep, known: &Known<'_>) {
    let ContainerStep { name: _, enabled: _, time_limit_ms: _, image, command, environment, working_folder, caches } =
        step;
    check_room(fields, path, &Room { image, environment, working_folder, caches }, known);
    let path = format!("{path}.command");
    let long = command.iter().map(String::len).sum::<usize>() > SCRIPT_MAX;
    fields.when(long, &path, format!("must be at most {SCRIPT_MAX} bytes"));
    fields.when(command.first().is_some_and(String::is_empty), &path, "must begin with a program");
    fields.when(command.iter().any(|word| word.contains('\0')), &path, "must not hold a NUL character");
}

/// What both kinds of steps in a container say about it.
struct Room<'a> {
    image: &'a str,
    environment: &'a BTreeMap<String, String>,
    working_folder: &'a str,
    caches: &'a [Cache],
}

fn check_room(fields: &mut Fields, path: &str, room: &Room<'_>, known: &Known<'_>) {
    let Room { image, environment, working_folder, caches } = room;
    fields.check(&format!("{path}.image"), ImageRef::parse(image));
    fields.check(&format!("{path}.working_folder"), check_path(working_folder));
    let settings = Settings { values: environment, place: Place::Secret };
    fields.settings(&format!("{path}.environment"), &settings, known);
    for (name, value) in *environment {
        let path = format!("{path}.environment.{name}");
        fields.when(!is_variable(name), &path, VARIABLE_WORDS);
        fields.when(value.contains('\0'), &path, "must not hold a NUL character");
    }
    fields.when(caches.len() > LIST_MAX, &format!("{path}.caches"), format!("must be at most {LIST_MAX}"));
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for (at, Cache { name, path: folder }) in caches.iter().enumerate() {
        let path = format!("{path}.caches[{at}]");
        fields.check(&format!("{path}.name"), check_name(name));
        fields.when(!names.insert(name), &format!("{path}.name"), "is the name of another cache too");
        fields.check(&format!("{path}.path"), check_cache_path(folder));
        let folder = folder.trim_end_matches('/');
        fields.when(!paths.insert(folder), &format!("{path}.path"), "is the path of another cache too");
    }
}

/// An absolute path that hides nothing of the work space or the system.
fn check_cache_path(path: &str) -> Result<(), String> {
    let inner = path.strip_prefix('/').ok_or_else(|| "must begin with /".to_owned())?.trim_end_matches('/');
    let good = |part: &str| !part.is_empty() && part != "." && part != "..";
    // Engines that take `name:path:options` would read more into a colon.
    if inner.is_empty() || inner.len() > 1024 || !inner.split('/').all(good) || inner.contains(['\0', ':', ',']) {
        return Err("must be a path below /, without .., colon and comma".to_owned());
    }
    let within = |folder: &str| {
        let rest = path.trim_end_matches('/').strip_prefix(folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match TAKEN.iter().find(|folder| within(folder)) {
        Some(folder) => Err(format!("must not lie in {folder}")),
        None => Ok(()),
    }
}

const VARIABLE_WORDS: &str = "must be letters, digits and underscores, and begin with no digit";

/// What a shell takes for the name of a variable.
pub(super) fn is_variable(name: &str) -> bool {
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    name.len() <= 100 && name.bytes().all(word) && name.bytes().next().is_some_and(|c| !c.is_ascii_digit())
}

pub(super) fn check_name(name: &str) -> Result<(), String> {
    let word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let first = name.as_bytes().first().copied().is_some_and(word);
    if first && name.len() <= 63 && name.bytes().all(|c| word(c) || c == b'-') {
        return Ok(());
    }
    Err("must be lower-case letters, digits and hyphens, and begin with a letter or digit".to_owned())
}
