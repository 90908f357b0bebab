//! The web part: WebAssembly, its script, styles and icons, as `server/site` holds them for the
//! server to embed.
//!
//! Names carry a hash of what is in them, so that a browser keeps each file for ever and never an
//! old one; beside each file stands its brotli and its gzip. Nothing is built while the sources are
//! those of the last build.

mod pack;
mod source;
mod style;

use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

/// Features that every browser of the last three years has; without them wasm-opt refuses what
/// rustc writes.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Erased views are a third smaller in the browser; the server renders the same HTML without.
const RUSTFLAGS: &str = "";

/// Builds what is not up to date. A release is as small as it gets; otherwise it is made fast.
pub(crate) fn build(release: bool) -> Result<()> {
    let root = root()?;
    let (site, work) = (root.join("server/site"), root.join("target/web"));
    let stamp = source::stamp(&root, release)?;
    let stamp_file = work.join("stamp");
    if site.join("manifest.json").exists() && fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) {
        println!("✓ web part: unchanged");
        return Ok(());
    }
    fs::create_dir_all(&work)?;
    let wasm = step("web: compile", || compile(&root, release))?;
    step("web: bind", || bind(&wasm, &work))?;
    if release {
        step("web: optimise", || optimise(&root, &work))?;
    }
    step("web: pack", || {
        let files = [
            ("js", "slipway.js", fs::read(work.join("slipway.js"))?),
            ("wasm", "slipway.wasm", fs::read(work.join("slipway_bg.wasm"))?),
            ("css", "slipway.css", style::bundle(&root.join("style"))?.into_bytes()),
            ("icons", "icons.svg", style::icons(&root.join("style/icons.svg"))?.into_bytes()),
        ];
        pack::pack(&site, &files, release)
    })?;
    fs::write(&stamp_file, stamp)?;
    Ok(())
}

fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    let done = work()?;
    println!("✓ {name} ({:.1} s)", began.elapsed().as_secs_f64());
    Ok(done)
}

/// `cargo run` names the package's folder; its parent is the checkout.
fn root() -> Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").context("start it with cargo")?;
    Ok(PathBuf::from(package).parent().context("xtask is not inside a checkout")?.to_owned())
}

fn compile(root: &Path, release: bool) -> Result<PathBuf> {
    let (profile, folder) = if release { ("wasm-release", "wasm-release") } else { ("dev", "debug") };
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--quiet", "--package", "frontend", "--profile", profile]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    run(cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", RUSTFLAGS))?;
    Ok(target.join("wasm32-unknown-unknown").join(folder).join("frontend.wasm"))
}

/// Writes `slipway.js` and `slipway_bg.wasm`.
fn bind(wasm: &Path, work: &Path) -> Result<()> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(wasm).out_name("slipway").web(true)?;
    bindgen.typescript(false).omit_default_module_path(true).remove_name_section(true).remove_producers_section(true);
    bindgen.generate(work).context("wasm-bindgen failed; is its crate of the version of wasm-bindgen-cli-support?")?;
    if work.join("snippets").exists() {
        bail!("a dependency brings a script of its own, which the web build does not ship");
    }
    Ok(())
}

fn optimise(root: &Path, work: &Path) -> Result<()> {
    let tool = root.join("node_modules/binaryen/bin/wasm-opt");
    if !tool.exists() {
        run(Command::new("npm").current_dir(root).args(["ci", "--no-audit", "--no-fund", "--silent"]))?;
    }
    let wasm = work.join("slipway_bg.wasm");
    run(Command::new("node").arg(tool).arg("-Oz").args(WASM_FEATURES).arg(&wasm).arg("-o").arg(&wasm))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!("{program} ended with {status}");
    }
    Ok(())
}
