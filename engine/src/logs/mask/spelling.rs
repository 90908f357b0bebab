//! The spellings in which a secret turns up in output.

use super::SECRET_CHARS_MIN;
use base64::{
    Engine as _,
    engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE},
};
use std::collections::BTreeSet;

/// What `base64` and PEM writers wrap their lines at.
const WRAPS: [usize; 2] = [76, 64];

/// Pieces of wrapped base64 that are shorter could be anything.
const WRAPPED_MIN: usize = 8;

/// What `encodeURIComponent`, form encoders and writers of `user:password@host` leave as it is, beside letters and
/// digits.
const URL_UNRESERVED: [&str; 3] = ["-_.~", "-_.~!'()*", "-_.~!$&'()*+,%"];

/// Every spelling of every secret, longest secrets and single lines alike.
pub(super) fn all<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Vec<Vec<u8>> {
    let mut found = BTreeSet::new();
    for secret in secrets {
        for part in parts(secret) {
            base64_spellings(part, &mut found);
            url_spellings(part, &mut found);
            json_spellings(part, &mut found);
            found.insert(part.to_owned());
        }
    }
    // A pattern with a line end in it would never be met: lines are masked one by one.
    found.into_iter().filter(|spelling| !spelling.contains('\n')).map(String::into_bytes).collect()
}

/// The secret, each of its lines, and both without the space around them, as far as they are long enough.
fn parts(secret: &str) -> BTreeSet<&str> {
    let lines = secret.lines().chain([secret]);
    let parts = lines.flat_map(|line| [line, line.trim()]);
    parts.filter(|part| part.chars().count() >= SECRET_CHARS_MIN).collect()
}

fn base64_spellings(part: &str, found: &mut BTreeSet<String>) {
    for engine in [STANDARD, URL_SAFE] {
        for before in 0..3 {
            found.extend(base64_within(&engine, part, before));
        }
        let whole = engine.encode(part);
        for width in WRAPS {
            let lines = whole.as_bytes().chunks(width).filter(|line| line.len() >= WRAPPED_MIN);
            found.extend(lines.map(|line| String::from_utf8_lossy(line).into_owned()));
        }
    }
}

/// The secret after `before` other bytes: what of it does not depend on its neighbours, and the same with the end
/// that it has where nothing follows.
fn base64_within(engine: &GeneralPurpose, part: &str, before: usize) -> [String; 2] {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(part.as_bytes());
    let encoded = engine.encode(&bytes);
    let start = (before * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    [encoded[start..end].to_owned(), encoded[start..].to_owned()]
}

fn url_spellings(part: &str, found: &mut BTreeSet<String>) {
    for unreserved in URL_UNRESERVED {
        for space in ["%20", "+"] {
            let upper = url_encoded(part, unreserved, space, |byte| format!("%{byte:02X}"));
            let lower = url_encoded(part, unreserved, space, |byte| format!("%{byte:02x}"));
            found.extend([upper, lower]);
        }
    }
}

fn url_encoded(part: &str, unreserved: &str, space: &str, hex: impl Fn(u8) -> String) -> String {
    let encoded = part.bytes().map(|byte| match byte {
        b' ' => space.to_owned(),
        _ if byte.is_ascii_alphanumeric() || unreserved.as_bytes().contains(&byte) => char::from(byte).to_string(),
        _ => hex(byte),
    });
    encoded.collect()
}

fn json_spellings(part: &str, found: &mut BTreeSet<String>) {
    let plain = json_escaped(part);
    let slashes = plain.replace('/', "\\/");
    let markup = plain.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let twice = json_escaped(&plain);
    found.extend([json_ascii(&plain), json_ascii(&markup), slashes, markup, twice, plain]);
}

/// As between the quotes of a JSON string.
fn json_escaped(part: &str) -> String {
    let quoted = serde_json::Value::from(part).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As writers do that put out nothing but ASCII.
fn json_ascii(escaped: &str) -> String {
    let mut out = String::with_capacity(escaped.len());
    for c in escaped.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let units = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            out.push_str(&units);
        }
    }
    out
}
