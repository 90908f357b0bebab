//! How the components and people reach the API server: everything inline, so
//! that the file can be given away and read by Slipway, which takes no paths.

use std::fs;
use std::path::Path;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::certificates;
use crate::playground::Playground;
use crate::playground::place::write_secret;

/// The name of the context, and by it of the cluster that Slipway discovers.
pub(crate) const CONTEXT: &str = "playground";

pub(crate) fn write(playground: &Playground, identity: &str, path: &Path) -> Result<()> {
    let folder = certificates::folder(&playground.place);
    let inline = |name: &str| anyhow::Ok(STANDARD.encode(fs::read(folder.join(name))?));
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {CONTEXT}\n\
         clusters:\n- name: {CONTEXT}\n  cluster:\n    server: https://127.0.0.1:{port}\n    certificate-authority-data: {authority}\n\
         users:\n- name: {identity}\n  user:\n    client-certificate-data: {certificate}\n    client-key-data: {key}\n\
         contexts:\n- name: {CONTEXT}\n  context:\n    cluster: {CONTEXT}\n    user: {identity}\n    namespace: shop\n",
        port = playground.state.ports.apiserver,
        authority = inline("ca.crt")?,
        certificate = inline(&format!("{identity}.crt"))?,
        key = inline(&format!("{identity}.key"))?,
    );
    write_secret(path, &text)
}
