//! Signatures of requests to AWS, version 4.
//!
//! The crate of AWS for it would bring an HTTP stack and a runtime of its own; this signs one kind of request.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use types::Time;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signs, and for what.
pub(super) struct Signer<'a> {
    pub(super) key_id: &'a str,
    pub(super) secret: &'a SecretString,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// What is signed: a request to the root of a host.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// Names in lower case, sorted; `host` and `x-amz-date` are among them.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// A moment as the header `x-amz-date` has it.
pub(super) fn amz_date(at: Time) -> String {
    let seconds: String = at.to_string().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{seconds}Z")
}

impl Signer<'_> {
    /// The value of the header `Authorization`.
    pub(super) fn authorization(&self, signed: &Signed<'_>, amz_date: &str) -> String {
        let Self { key_id, region, service, .. } = self;
        let day = amz_date.get(..8).unwrap_or(amz_date);
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let to_sign = format!("{ALGORITHM}\n{amz_date}\n{scope}\n{}", hex(&Sha256::digest(signed.canonical())));
        let signature = hex(&mac(&self.key(day), to_sign.as_bytes()));
        let names = signed.names();
        format!("{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    /// The key of a day, a region and a service.
    fn key(&self, day: &str) -> Vec<u8> {
        let secret = format!("AWS4{}", self.secret.expose_secret());
        let parts = [day, self.region, self.service, "aws4_request"];
        parts.iter().fold(secret.into_bytes(), |key, part| mac(&key, part.as_bytes()))
    }
}

impl Signed<'_> {
    fn canonical(&self) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let body = hex(&Sha256::digest(self.body));
        format!("{}\n/\n\n{headers}\n{}\n{body}", self.method, self.names())
    }

    fn names(&self) -> String {
        self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";")
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // The key is hashed where it is too long, so that every length will do.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Signed, Signer, amz_date, hex};
    use rstest::rstest;
    use secrecy::SecretString;
    use types::Time;

    const DATE: (&str, &str) = ("x-amz-date", "20150830T123600Z");
    const HOST: (&str, &str) = ("host", "example.amazonaws.com");

    fn secret() -> SecretString {
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned().into()
    }

    /// The published test suite of Signature Version 4.
    #[rstest]
    #[case::get_vanilla(
        "GET", &[HOST, DATE], "",
        "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )]
    #[case::post_vanilla(
        "POST", &[HOST, DATE], "",
        "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    )]
    #[case::post_x_www_form_urlencoded(
        "POST", &[("content-type", "application/x-www-form-urlencoded"), HOST, DATE], "Param1=value1",
        "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    )]
    fn signs_as_published(
        #[case] method: &str,
        #[case] headers: &[(&str, &str)],
        #[case] body: &str,
        #[case] names: &str,
        #[case] signature: &str,
    ) {
        let signer = Signer { key_id: "AKIDEXAMPLE", secret: &secret(), region: "us-east-1", service: "service" };
        let signed = Signed { method, headers, body: body.as_bytes() };
        let scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
        assert_eq!(
            signer.authorization(&signed, DATE.1),
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}")
        );
    }

    #[test]
    fn derives_the_key_as_published() {
        let signer = Signer { key_id: "", secret: &secret(), region: "us-east-1", service: "iam" };
        assert_eq!(hex(&signer.key("20150830")), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    }

    #[test]
    fn writes_moments_as_they_are_signed() {
        assert_eq!(amz_date(Time::from_millis(1_440_938_160_999)), DATE.1);
    }
}
