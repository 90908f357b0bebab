//! What a browser that has nothing yet downloads to show the pipeline page of the shop: the page,
//! and whatever it and its scripts name, as the server sends it to one that takes brotli.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;

use anyhow::{Context, Result};

use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;

const PAGE: &str = "/maps/shop/pipeline";
/// Where the files of the web part are.
const FILES: &str = "/pkg/";

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    let mut wanted = VecDeque::from([PAGE.to_owned()]);
    let mut uncompressed = Vec::new();
    while let Some(path) = wanted.pop_front() {
        if sizes.contains_key(&path) {
            continue;
        }
        let file = fetch(stage, &path)?;
        if !file.compressed {
            uncompressed.push(path.clone());
        }
        if path == PAGE {
            wanted.extend(named_by_page(&file.text));
        } else if path.ends_with(".js") {
            wanted.extend(imported_by(&path, &file.text));
        }
        sizes.insert(path, file.size);
    }
    let all: usize = sizes.values().sum();
    let mut reading = Reading::of(Samples::one(kilobytes(all))).remark(parts(&sizes));
    if !uncompressed.is_empty() {
        reading = reading.remark(format!("sent without brotli: {}", uncompressed.join(", ")));
    }
    Ok(reading)
}

struct File {
    /// On the wire, without headers.
    size: usize,
    compressed: bool,
    text: String,
}

fn fetch(stage: &Stage, path: &str) -> Result<File> {
    let answer = stage.client.page(path, "br")?;
    let compressed = answer.headers().get("Content-Encoding").is_some_and(|encoding| encoding == "br");
    let mut body = Vec::new();
    answer.into_body().into_reader().read_to_end(&mut body)?;
    let size = body.len();
    if compressed {
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut body.as_slice(), &mut plain).context("this is no brotli")?;
        body = plain;
    }
    Ok(File { size, compressed, text: String::from_utf8_lossy(&body).into_owned() })
}

/// Every file that stands in the page, wherever: in a link, in a script, as a picture.
fn named_by_page(page: &str) -> Vec<String> {
    let rest = page.match_indices(FILES).map(|(at, _)| &page[at..]);
    rest.map(|rest| until(rest, |end| "\"'#?)<> \\".contains(end)).to_owned()).collect()
}

/// What a script needs before it runs; what it fetches later is no part of the first load.
fn imported_by(script: &str, text: &str) -> Vec<String> {
    let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |quote: &str| {
        let marks = [format!("from {quote}./"), format!("from{quote}./"), format!("import {quote}./")];
        let names = marks
            .iter()
            .flat_map(|mark| text.split(mark.as_str()).skip(1))
            .map(|rest| until(rest, |end| quote.contains(end)));
        names.map(|name| format!("{folder}/{name}")).collect::<Vec<_>>()
    };
    [beside("\""), beside("'")].concat()
}

fn until(text: &str, ends: impl Fn(char) -> bool) -> &str {
    text.find(ends).map_or(text, |end| &text[..end])
}

fn parts(sizes: &BTreeMap<String, usize>) -> String {
    let name = |path: &str| path.rsplit_once('/').map_or(path, |(_, name)| name).to_owned();
    let parts: Vec<_> = sizes.iter().map(|(path, size)| format!("{} {:.1}", name(path), kilobytes(*size))).collect();
    parts.join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "files are far smaller than what a float tells apart")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::{imported_by, named_by_page};

    #[test]
    fn a_page_names_its_files() {
        let page = "<link href=\"/pkg/a.css\"><use href='/pkg/icons.svg#tick'/>import init from \"/pkg/1f/a.js\"";
        assert_eq!(named_by_page(page), ["/pkg/a.css", "/pkg/icons.svg", "/pkg/1f/a.js"]);
    }

    #[test]
    fn a_script_imports_what_lies_beside_it() {
        let script = "import{a}from\"./b.js\";import { c } from './d.js';import(\"./later.wasm\")";
        assert_eq!(imported_by("/pkg/1f/a.js", script), ["/pkg/1f/b.js", "/pkg/1f/d.js"]);
    }
}
