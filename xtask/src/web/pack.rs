//! Files under names that hold a hash of what is in them, compressed beside, and a manifest.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fs, io::Write, path::Path};

/// Brotli at its densest: done once, downloaded often.
const BROTLI_QUALITY: i32 = 11;
/// The window that every browser takes.
const BROTLI_WINDOW: i32 = 22;
/// Digits of the hash in a name: enough that no two builds ever share one.
const HASH_DIGITS: usize = 12;

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Under a name with its own hash.
    Alone,
    /// In the one folder of the program, whose files name each other.
    Program,
}

/// A file of the site.
pub(super) struct File {
    /// Under which the manifest names it.
    pub(super) key: Option<&'static str>,
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) data: Vec<u8>,
}

/// Writes the files of the site, and nothing else stays in it.
pub(super) fn pack(site: &Path, files: &[File], release: bool) -> Result<()> {
    let folder = site.join("pkg");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let program = program_hash(files);
    fs::create_dir_all(folder.join(&program))?;
    let mut manifest = BTreeMap::new();
    let mut first_load = 0;
    for File { key, name, place, data } in files {
        let name = match place {
            Place::Alone => hashed(name, data),
            Place::Program => format!("{program}/{name}"),
        };
        fs::write(folder.join(&name), data)?;
        if release {
            let packed = compress(&folder, &name, data)?;
            first_load += if key.is_some() || name.ends_with(".js") { packed } else { 0 };
        }
        if let Some(key) = key {
            manifest.insert(*key, format!("/pkg/{name}"));
        }
    }
    if release {
        println!("  first load of the pipeline page, without the page itself: brotli {}", kb(first_load));
    }
    fs::write(site.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    Ok(())
}

/// Writes brotli and gzip beside a file; answers with the bytes of the first.
fn compress(folder: &Path, name: &str, data: &[u8]) -> Result<usize> {
    let (brotli, gzip) = (brotli(data)?, gzip(data)?);
    println!("  {name}: {}, brotli {}, gzip {}", kb(data.len()), kb(brotli.len()), kb(gzip.len()));
    fs::write(folder.join(format!("{name}.br")), &brotli)?;
    fs::write(folder.join(format!("{name}.gz")), gzip)?;
    Ok(brotli.len())
}

/// One hash for all files of the program.
fn program_hash(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files.iter().filter(|file| file.place == Place::Program) {
        hash.update(format!("{}\0{}\0", file.name, file.data.len()));
        hash.update(&file.data);
    }
    hex(&hash.finalize())[..HASH_DIGITS].to_owned()
}

/// `slipway.0f3a….css`
fn hashed(name: &str, data: &[u8]) -> String {
    let hash = hex(&Sha256::digest(data));
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    format!("{stem}.{}.{extension}", &hash[..HASH_DIGITS])
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn brotli(data: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: data.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &data[..], &mut packed, &params)?;
    Ok(packed)
}

fn gzip(data: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data)?;
    Ok(encoder.finish()?)
}

fn kb(bytes: usize) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}
