//! Who is who in the cluster: one authority, and a certificate each for the API
//! server, the administrator and the node. Made once and all together.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use super::NODE;
use crate::playground::place::{Place, write_secret};

/// The first address of the services' range, under which pods know the API server.
const SERVICE_ADDRESS: &str = "10.96.0.1";

struct Identity {
    name: &'static str,
    common_name: String,
    organization: Option<&'static str>,
    addresses: &'static [&'static str],
}

pub(crate) fn folder(place: &Place) -> PathBuf {
    place.data("kubernetes/certificates")
}

pub(crate) fn ensure(place: &Place) -> Result<()> {
    let folder = folder(place);
    if folder.exists() {
        return Ok(());
    }
    let unfinished = folder.with_extension("new");
    fs::create_dir_all(&unfinished)?;
    make(&unfinished).context("cannot make the cluster's certificates")?;
    fs::rename(unfinished, folder)?;
    Ok(())
}

fn make(folder: &Path) -> Result<()> {
    let authority = authority()?;
    fs::write(folder.join("ca.crt"), authority.pem())?;
    let tokens = KeyPair::generate()?;
    fs::write(folder.join("service-accounts.pub"), tokens.public_key_pem())?;
    write_secret(&folder.join("service-accounts.key"), &tokens.serialize_pem())?;
    for identity in identities() {
        let key = KeyPair::generate()?;
        let certificate = identity.params()?.signed_by(&key, &authority)?;
        fs::write(folder.join(format!("{}.crt", identity.name)), certificate.pem())?;
        write_secret(&folder.join(format!("{}.key", identity.name)), &key.serialize_pem())?;
    }
    Ok(())
}

/// Its key is not kept: who is to come in later comes in through the API.
fn authority() -> Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "playground");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

fn identities() -> [Identity; 3] {
    [
        Identity {
            name: "apiserver",
            common_name: "kube-apiserver".to_owned(),
            organization: None,
            addresses: &["127.0.0.1", "localhost", SERVICE_ADDRESS],
        },
        Identity {
            name: "admin",
            common_name: "playground-admin".to_owned(),
            organization: Some("system:masters"),
            addresses: &[],
        },
        Identity {
            name: "kubelet",
            common_name: format!("system:node:{NODE}"),
            organization: Some("system:nodes"),
            addresses: &[],
        },
    ]
}

impl Identity {
    fn params(&self) -> Result<CertificateParams> {
        let addresses: Vec<String> = self.addresses.iter().map(|&address| address.to_owned()).collect();
        let mut params = CertificateParams::new(addresses)?;
        params.distinguished_name.push(DnType::CommonName, &self.common_name);
        if let Some(organization) = self.organization {
            params.distinguished_name.push(DnType::OrganizationName, organization);
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        Ok(params)
    }
}
