//! The web part: WebAssembly, its script, styles and icons, as `server/site` holds them for the
//! server to embed.
//!
//! Names carry a hash of what is in them, so that a browser keeps each file for ever and never an
//! old one; beside each file stands its brotli and its gzip. What the first load of the pipeline
//! page does without is cut off into a module of its own (`app/src/pages/later.rs`). Nothing is
//! built while the sources are those of the last build.

mod dead;
mod names;
mod pack;
mod source;
mod style;

use anyhow::{Context, Result, anyhow, bail};
use pack::{File, Place};
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

/// What is left out makes the module smaller and what is sent of it larger: code that is repeated
/// and the order of what is in it are what brotli lives on; so does `-Os` with what `-Oz` would fold
/// away. Together they are worth 10 % of it.
const WASM_OPT: [&str; 5] = [
    "-Os",
    "--skip-pass=inlining-optimizing",
    "--skip-pass=local-cse",
    "--skip-pass=code-folding",
    "--skip-pass=simplify-locals",
];

/// Erased views, as `.cargo/config.toml` has them for the server: both must render alike. The
/// relocations tell where the module can be cut.
const RUSTFLAGS: &str = "--cfg erase_components -Clink-args=--emit-relocs";

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
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let wasm = step("web: compile", || compile(&root, release))?;
    let mut modules = step("web: cut", || cut(&wasm, &work))?;
    step("web: bind", || bind(&work))?;
    modules.push(work.join(MAIN_BOUND));
    if release {
        step("web: optimise", || modules.iter().try_for_each(|module| optimise(&root, module)))?;
    }
    step("web: pack", || pack::pack(&site, &files(&root, &work, &modules)?, release))?;
    fs::write(&stamp_file, stamp)?;
    Ok(())
}

/// The module that a page begins with, before and after wasm-bindgen.
const MAIN: &str = "main.wasm";
const MAIN_BOUND: &str = "slipway_bg.wasm";
/// Its script, and the script that loads what was cut off.
const SCRIPT: &str = "slipway.js";
const LOADER: &str = "later.js";

fn files(root: &Path, work: &Path, modules: &[PathBuf]) -> Result<Vec<File>> {
    let program = |key: Option<&'static str>, file: &Path| {
        let name = file.file_name().context("a file without a name")?.to_string_lossy().into_owned();
        Ok::<_, anyhow::Error>(File { key, name, place: Place::Program, data: fs::read(file)? })
    };
    let mut files = vec![program(Some("js"), &work.join(SCRIPT))?, program(None, &work.join(LOADER))?];
    for module in modules {
        files.push(program(module.ends_with(MAIN_BOUND).then_some("wasm"), module)?);
    }
    let css = style::bundle(&root.join("style"))?.into_bytes();
    let icons = style::icons(&root.join("style/icons.svg"))?.into_bytes();
    files.push(File { key: Some("css"), name: "slipway.css".to_owned(), place: Place::Alone, data: css });
    files.push(File { key: Some("icons"), name: "icons.svg".to_owned(), place: Place::Alone, data: icons });
    Ok(files)
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

/// Writes the module that a page begins with; answers with those that come later.
fn cut(wasm: &Path, work: &Path) -> Result<Vec<PathBuf>> {
    let wasm = fs::read(wasm)?;
    let (main, script, loader) = (work.join(MAIN), format!("./{SCRIPT}"), format!("./{LOADER}"));
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    (options.output_dir, options.main_out_path) = (work, &main);
    (options.main_module, options.link_name) = (&script, &loader);
    let parts = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:?}"))?;
    Ok(parts.split_modules)
}

/// Writes the script and its module. What the other modules call stays exported.
fn bind(work: &Path) -> Result<()> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(work.join(MAIN)).out_name("slipway").web(true)?;
    bindgen.keep_lld_exports(true).demangle(false).typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    let bound = bindgen.generate_output();
    let mut bound = bound.context("wasm-bindgen failed; is its crate of the version of wasm-bindgen-cli-support?")?;
    dead::take_out_of(bound.wasm_mut());
    let short_names = names::shorten_names(bound.wasm_mut());
    bound.emit(work)?;
    names::rename_in(&work.join(SCRIPT), &short_names)?;
    dead::take_out_of_script(&work.join(SCRIPT))?;
    if work.join("snippets").exists() {
        bail!("a dependency brings a script of its own, which the web build does not ship");
    }
    Ok(())
}

fn optimise(root: &Path, wasm: &Path) -> Result<()> {
    let tool = root.join("node_modules/binaryen/bin/wasm-opt");
    if !tool.exists() {
        run(Command::new("npm").current_dir(root).args(["ci", "--no-audit", "--no-fund", "--silent"]))?;
    }
    run(Command::new("node").arg(tool).args(WASM_OPT).args(WASM_FEATURES).arg(wasm).arg("-o").arg(wasm))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!("{program} ended with {status}");
    }
    Ok(())
}
