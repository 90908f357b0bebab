//! Where an engine listens, as it is configured.

use super::DockerError;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use secrecy::{ExposeSecret, SecretString};
use std::{path::PathBuf, sync::Arc};

/// Where an engine listens.
#[derive(Clone, Debug, Default)]
pub struct EngineAddress {
    /// `unix:///path` or `tcp://host:port`.
    pub url: String,
    /// With it, `tcp:` is TLS.
    pub tls: Option<EngineTls>,
}

/// PEM texts. They stay in memory: a key that is encrypted at rest is not put into a file for its use.
#[derive(Clone, Debug, Default)]
pub struct EngineTls {
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<SecretString>,
}

/// An address that can be connected to.
#[derive(Clone)]
pub(super) enum Target {
    Unix(PathBuf),
    Tcp(String),
    Tls { host: String, name: ServerName<'static>, config: Arc<ClientConfig> },
}

/// What of an address cannot be used, by its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongAddress {
    /// As in the bodies of engines.
    pub field: &'static str,
    pub why: String,
}

impl From<WrongAddress> for DockerError {
    fn from(wrong: WrongAddress) -> Self {
        Self::EngineRefused(format!("`{}` {}", wrong.field, wrong.why))
    }
}

impl EngineAddress {
    /// Of an engine with these settings; any of the PEM texts makes it TLS.
    pub fn new(url: &str, ca: Option<&str>, cert: Option<&str>, key: Option<SecretString>) -> Self {
        let given = ca.is_some() || cert.is_some() || key.is_some();
        let tls = given.then(|| EngineTls { ca: ca.map(str::to_owned), cert: cert.map(str::to_owned), key });
        Self { url: url.to_owned(), tls }
    }

    /// Whether the engine is on this machine, so that its folders may be seen from here.
    pub(crate) fn is_local(&self) -> bool {
        self.url.starts_with("unix://")
    }

    /// Whether it can be connected to, as far as it can be told without trying.
    pub fn check(&self) -> Result<(), WrongAddress> {
        self.target().map(drop)
    }

    /// Parses the address; the error says what would be right.
    pub(super) fn target(&self) -> Result<Target, WrongAddress> {
        let wrong = || WrongAddress { field: "url", why: "must be unix:///PATH or tcp://HOST:PORT".to_owned() };
        if let Some(path) = self.url.strip_prefix("unix://") {
            return if path.starts_with('/') { Ok(Target::Unix(PathBuf::from(path))) } else { Err(wrong()) };
        }
        let host = self.url.strip_prefix("tcp://").ok_or_else(wrong)?.trim_end_matches('/');
        let (name, port) = host.rsplit_once(':').ok_or_else(wrong)?;
        if name.is_empty() || port.parse::<u16>().is_err() {
            return Err(wrong());
        }
        let Some(tls) = &self.tls else { return Ok(Target::Tcp(host.to_owned())) };
        let bare = name.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| wrong())?;
        Ok(Target::Tls { host: host.to_owned(), name, config: Arc::new(tls.config()?) })
    }
}

impl EngineTls {
    /// An engine has an authority of its own, so that is asked for and nothing else is trusted.
    fn config(&self) -> Result<ClientConfig, WrongAddress> {
        let wrong = |field, why: &str| WrongAddress { field, why: why.to_owned() };
        let authorities = certificates(self.ca.as_deref());
        let authorities = authorities.ok_or_else(|| wrong("ca", "must be the certificate of an authority in PEM"))?;
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority).map_err(|error| wrong("ca", &format!("holds what is no authority: {error}")))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong("ca", &error.to_string()))?
            .with_root_certificates(roots);
        let (cert, key) = match (&self.cert, &self.key) {
            (None, None) => return Ok(builder.with_no_client_auth()),
            (None, Some(_)) => return Err(wrong("cert", "must be given with `key`")),
            (Some(_), None) => return Err(wrong("key", "must be given with `cert`")),
            (Some(cert), Some(key)) => (cert, key.expose_secret()),
        };
        let chain = certificates(Some(cert)).ok_or_else(|| wrong("cert", "must be a certificate in PEM"))?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes());
        let key = key.map_err(|_| wrong("key", "must be a private key in PEM, without a password"))?;
        builder.with_client_auth_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => wrong("key", "must be the one of the certificate in `cert`"),
            other => wrong("cert", &format!("cannot be used: {other}")),
        })
    }
}

fn certificates(pem: Option<&str>) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem?.as_bytes()).collect();
    found.ok().filter(|list| !list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{EngineAddress, EngineTls, Target};
    use rstest::rstest;

    #[rstest]
    #[case("unix:///var/run/docker.sock", true)]
    #[case("tcp://127.0.0.1:2375", true)]
    #[case("tcp://[::1]:2375/", true)]
    #[case("unix://relative", false)]
    #[case("tcp://host", false)]
    #[case("tcp://:2375", false)]
    #[case("tcp://host:99999", false)]
    #[case("http://host:1", false)]
    #[case("", false)]
    fn parses(#[case] url: &str, #[case] good: bool) {
        let address = EngineAddress { url: url.to_owned(), tls: None };
        assert_eq!(address.target().is_ok(), good);
    }

    #[test]
    fn tls_wants_an_authority() {
        let address = EngineAddress { url: "tcp://host:2376".to_owned(), tls: Some(EngineTls::default()) };
        assert_eq!(address.check().expect_err("refused").field, "ca");
    }

    #[test]
    fn without_tls_it_is_plain() {
        let address = EngineAddress { url: "tcp://host:2375".to_owned(), tls: None };
        assert!(matches!(address.target(), Ok(Target::Tcp(host)) if host == "host:2375"));
    }
}
