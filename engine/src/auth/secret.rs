//! Random secrets that people and programs carry: sessions, tokens, one-time links.

use base64::Engine as _;
use rand::{TryRngCore, rngs::OsRng};
use sha2::{Digest, Sha256};

const PREFIX: &str = "slw_";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits that 256 bits take in base 62.
const BODY: usize = 43;
/// Digits of the checksum: a mistyped token is refused without a look at the database.
const CHECK: usize = 6;

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).expect("the system's random source works");
    bytes
}

/// A secret for a cookie or a link: 256 bits.
pub(crate) fn new_session_secret() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random())
}

/// An API token: `slw_`, 32 random bytes in base 62, a checksum.
pub(crate) fn new_token() -> String {
    let body = base62(&random(), BODY);
    format!("{PREFIX}{body}{}", checksum(&body))
}

/// Whether `text` can be a token at all.
pub(crate) fn token_shape(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .filter(|rest| rest.len() == BODY + CHECK && rest.is_ascii())
        .map(|rest| rest.split_at(BODY))
        .is_some_and(|(body, check)| checksum(body) == check)
}

/// What is stored of a secret: its SHA-256, in hexadecimal.
pub(crate) fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    base62(&digest[..4], CHECK)
}

/// `bytes` as one large number in base 62, padded to `width` digits.
fn base62(bytes: &[u8], width: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![b'0'; width];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            rest = value % 62;
        }
        *digit = BASE62[rest as usize];
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::{new_token, token_shape};

    #[test]
    fn a_token_carries_its_checksum() {
        let token = new_token();
        assert_eq!(token.len(), 4 + 43 + 6);
        assert!(token_shape(&token));
        let mut other = token.clone();
        let last = if other.pop() == Some('0') { '1' } else { '0' };
        other.push(last);
        assert!(!token_shape(&other));
        assert!(!token_shape("slw_short"));
    }
}
