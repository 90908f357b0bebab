//! The images of the playground: a base, the sandbox of pods, and the common
//! images of the shop, each built by the playground's engine and pushed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::place::hex;
use super::state::State;
use super::{Playground, engine, probe};
use crate::{checkout, command, say};

const SOURCES: &str = "deploy/playground/shop/images";
/// What everything in the images is made of; Debian's, and static.
const BUSYBOX: &str = "/bin/busybox";
const BASE: &str = "shop/base:1";
const PAUSE: &str = "playground/pause:1";

/// An image of the shop and its tags, each with the script that it starts, or the Dockerfile of that name that
/// makes it.
struct Image {
    name: &'static str,
    tags: &'static [(&'static str, &'static str)],
}

const IMAGES: [Image; 5] = [
    Image { name: "tools", tags: &[("1.0.0", "prepare"), ("1.1.0", "prepare"), ("1.2.0", "prepare")] },
    Image { name: "proxy", tags: &[("0.9.0", "proxy"), ("1.0.0", "proxy"), ("1.0.1", "proxy")] },
    Image { name: "agent", tags: &[("5.0.0", "agent"), ("5.1.0", "agent")] },
    Image {
        name: "store",
        tags: &[
            ("1.0.0", "serve"),
            ("1.1.0", "serve"),
            ("2.0.0", "serve"),
            ("3.0.0-crash", "crash"),
            ("3.0.1-sick", "sick"),
            ("3.0.2-oom", "oom"),
        ],
    },
    Image { name: "odd", tags: &[("1.0.0", ""), ("2.0.0-empty", "empty"), ("2.0.0-foreign", "foreign")] },
];

/// The tag that moves, and where it stands.
const LATEST: (&str, &str) = ("shop/store:latest", "shop/store:2.0.0");
/// What the closed registry holds, to be refused.
const CLOSED: &str = "shop/store:1.0.0";

pub(crate) fn base(state: &State) -> String {
    format!("{}/{BASE}", state.registry())
}

pub(crate) fn pause(state: &State) -> String {
    format!("{}/{PAUSE}", state.registry())
}

/// Whether all were built from the sources of now and the registry still has them.
pub(crate) fn are_there(playground: &Playground) -> bool {
    let stamp = fs::read_to_string(stamp(playground)).ok();
    stamp.is_some_and(|stamp| fingerprint().is_ok_and(|now| now == stamp))
        && IMAGES.iter().all(|image| {
            let path = format!("/v2/shop/{}/tags/list", image.name);
            probe::http_status(playground.state.ports.registry, &path) == Some(200)
        })
}

pub(crate) fn ensure(playground: &Playground) -> Result<()> {
    if are_there(playground) {
        return Ok(());
    }
    let phase = say::phase("building the images of the shop", "10 s, once");
    let sources = checkout::root()?.join(SOURCES);
    base_images(playground, &sources)?;
    for Image { name, tags } in &IMAGES {
        for (tag, script) in *tags {
            let reference = format!("{}/shop/{name}:{tag}", playground.state.registry());
            let base = format!("BASE={}", base(&playground.state));
            let arguments = [base, format!("VERSION={tag}"), format!("SCRIPT={script}")];
            build(playground, &sources.join(name), &reference, &arguments)?;
            push(playground, &reference)?;
        }
        say::line(format_args!("shop/{name}"));
    }
    let open = playground.state.registry();
    copy(playground, &format!("{open}/{}", LATEST.1), &format!("{open}/{}", LATEST.0))?;
    let closed = playground.state.registry_auth();
    copy(playground, &format!("{open}/{CLOSED}"), &format!("{closed}/{CLOSED}"))?;
    fs::write(stamp(playground), fingerprint()?)?;
    phase.done();
    Ok(())
}

/// Their context is made here, since busybox comes from the machine.
fn base_images(playground: &Playground, sources: &Path) -> Result<()> {
    let context = playground.place.data("images/base");
    fs::create_dir_all(&context)?;
    fs::copy(BUSYBOX, context.join("busybox")).context("busybox-static is not installed")?;
    fs::copy(sources.join("base/Dockerfile"), context.join("Dockerfile"))?;
    let base = base(&playground.state);
    build(playground, &context, &base, &[])?;
    push(playground, &base)?;
    let pause = pause(&playground.state);
    build(playground, &sources.join("pause"), &pause, &[format!("BASE={base}")])?;
    push(playground, &pause)
}

fn build(playground: &Playground, context: &Path, reference: &str, arguments: &[String]) -> Result<()> {
    let mut build = engine::docker(playground);
    build.args(["build", "--quiet", "--tag", reference]);
    build.args(arguments.iter().flat_map(|argument| ["--build-arg", argument.as_str()]));
    let own = arguments.iter().find_map(|argument| argument.strip_prefix("SCRIPT="));
    if let Some(own) = own.map(|name| context.join(format!("Dockerfile.{name}"))).filter(|own| own.exists()) {
        build.arg("--file").arg(own);
    }
    command::output(build.arg(context)).map(drop)
}

fn copy(playground: &Playground, from: &str, to: &str) -> Result<()> {
    command::output(engine::docker(playground).args(["tag", from, to]))?;
    push(playground, to)
}

fn push(playground: &Playground, reference: &str) -> Result<()> {
    command::output(engine::docker(playground).args(["push", "--quiet", reference])).map(drop)
}

fn stamp(playground: &Playground) -> PathBuf {
    playground.place.data("images/stamp")
}

fn fingerprint() -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(format!("{:?}", IMAGES.map(|image| (image.name, image.tags))));
    let mut folders = vec![checkout::root()?.join(SOURCES)];
    let mut files = vec![PathBuf::from(BUSYBOX)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    for file in files {
        hash.update(file.file_name().context("a file has a name")?.as_encoded_bytes());
        hash.update(fs::read(&file)?);
    }
    Ok(hex(&hash.finalize()))
}
