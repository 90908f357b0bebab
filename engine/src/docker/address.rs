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

impl EngineAddress {
    /// Whether the engine is on this machine, so that its folders may be seen from here.
    pub(crate) fn is_local(&self) -> bool {
        self.url.starts_with("unix://")
    }

    /// Parses the address; the error says what would be right.
    pub(super) fn target(&self) -> Result<Target, DockerError> {
        let wrong = || DockerError::EngineRefused("the address must be unix:///path or tcp://host:port".to_owned());
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
    fn config(&self) -> Result<ClientConfig, DockerError> {
        let wrong = |what: &str| DockerError::EngineRefused(format!("the {what} is missing or not PEM"));
        let mut roots = RootCertStore::empty();
        let authorities = certificates(self.ca.as_deref()).ok_or_else(|| wrong("certificate authority"))?;
        roots.add_parsable_certificates(authorities);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| DockerError::EngineRefused(error.to_string()))?
            .with_root_certificates(roots);
        let Some(cert) = self.cert.as_deref() else { return Ok(builder.with_no_client_auth()) };
        let chain = certificates(Some(cert)).ok_or_else(|| wrong("client certificate"))?;
        let key = self.key.as_ref().and_then(|key| PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes()).ok());
        let key = key.ok_or_else(|| wrong("client key"))?;
        builder.with_client_auth_cert(chain, key).map_err(|error| DockerError::EngineRefused(error.to_string()))
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
        let refused = address.target().err().expect("refused").to_string();
        assert!(refused.contains("certificate authority"), "{refused}");
    }

    #[test]
    fn without_tls_it_is_plain() {
        let address = EngineAddress { url: "tcp://host:2375".to_owned(), tls: None };
        assert!(matches!(address.target(), Ok(Target::Tcp(host)) if host == "host:2375"));
    }
}
