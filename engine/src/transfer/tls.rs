//! TLS of FTPS: the roots of the machine, and an authority of one's own beside them.

use super::TransferError;
use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::sync::Arc;
use suppaftp::tokio::AsyncRustlsConnector;
use tokio_rustls::TlsConnector;

/// One connector for control and data: servers want a data connection to take up the session of its control connection.
pub(super) fn connector(ca: Option<&str>) -> Result<AsyncRustlsConnector, TransferError> {
    let provider = Arc::new(ring::default_provider());
    let extra = CertificateDer::pem_slice_iter(ca.unwrap_or_default().as_bytes()).collect::<Result<Vec<_>, _>>();
    let extra = extra.map_err(|why| TransferError::Tls(format!("the authority is no PEM certificate: {why}")))?;
    let tls = |why: rustls::Error| TransferError::Tls(why.to_string());
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone()).map_err(tls)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)).into())
}
