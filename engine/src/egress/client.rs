//! HTTP clients: one TLS provider, no redirects by themselves, and names that lead only where the policy allows.

use super::Egress;
use reqwest::{
    Client, ClientBuilder,
    dns::{Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{error::Error, sync::Arc};

/// How every client begins; who follows redirects asks the policy at each.
pub(crate) fn builder() -> ClientBuilder {
    install_provider();
    Client::builder().redirect(Policy::none()).user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
}

/// The process needs one TLS provider; the binary installs it at its start, a test may not have.
pub(crate) fn install_provider() {
    let missing = rustls::crypto::CryptoProvider::get_default().is_none();
    if missing && rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("the TLS provider was installed by somebody else meanwhile");
    }
}

/// The last cause is the one that says something.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

/// Resolves names to addresses that may be connected to, and to no other. Addresses that are written as such are not
/// resolved: they are for [`Egress::resolve`] to check before.
pub(crate) struct Guarded(pub(crate) Arc<Egress>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.0.clone();
        Box::pin(async move {
            let addresses = egress.resolve(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as reqwest::dns::Addrs)
        })
    }
}
