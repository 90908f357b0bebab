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

/// Writes the files of the site, and nothing else stays in it. Each is given as its key in the
/// manifest, its name and what is in it.
pub(super) fn pack(site: &Path, files: &[(&str, &str, Vec<u8>)], release: bool) -> Result<()> {
    let folder = site.join("pkg");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let mut manifest = BTreeMap::new();
    let mut total = 0;
    for (key, name, data) in files {
        let name = hashed(name, data);
        let file = folder.join(&name);
        fs::write(&file, data)?;
        if release {
            let (brotli, gzip) = (brotli(data)?, gzip(data)?);
            println!("  {name}: {}, brotli {}, gzip {}", kb(data.len()), kb(brotli.len()), kb(gzip.len()));
            total += brotli.len();
            fs::write(folder.join(format!("{name}.br")), brotli)?;
            fs::write(folder.join(format!("{name}.gz")), gzip)?;
        }
        manifest.insert(*key, format!("/pkg/{name}"));
    }
    if release {
        println!("  first load, without the page itself: brotli {}", kb(total));
    }
    fs::write(site.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    Ok(())
}

/// `slipway.0f3a….wasm`
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
