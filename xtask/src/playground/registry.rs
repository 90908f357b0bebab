//! Two registries: one that takes everything from everybody on the loopback,
//! and one that wants a name and a password, to see how a refusal looks.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Playground;
use super::part::Part;
use super::place::write_secret;
use super::probe::Probe;
use crate::command;

const PROGRAM: &str = "/usr/bin/docker-registry";
pub(crate) const USERNAME: &str = "shop";

pub(crate) fn open(playground: &Playground) -> Part {
    part(playground, "registry", playground.state.ports.registry, "", 200)
}

pub(crate) fn closed(playground: &Playground) -> Part {
    let users = users(playground);
    let auth = format!("auth:\n  htpasswd:\n    realm: playground\n    path: {}\n", users.display());
    part(playground, "registry-auth", playground.state.ports.registry_auth, &auth, 401)
}

fn part(playground: &Playground, name: &'static str, port: u16, auth: &str, status: u16) -> Part {
    let config = playground.place.data(&format!("{name}/config.yml"));
    let data = playground.place.data(&format!("{name}/data"));
    let text = format!(
        "version: 0.1\nlog:\n  level: warn\n  accesslog:\n    disabled: true\n\
         storage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    enabled: true\n\
         http:\n  addr: 127.0.0.1:{port}\n{auth}",
        data.display(),
    );
    Part {
        name,
        address: format!("127.0.0.1:{port}"),
        ports: vec![port],
        program: PathBuf::from(PROGRAM),
        arguments: vec!["serve".to_owned(), config.display().to_string()],
        files: vec![(config, text)],
        leftovers: Vec::new(),
        probe: Probe::Http { port, path: "/v2/", status },
    }
}

fn users(playground: &Playground) -> PathBuf {
    playground.place.data("registry-auth/users")
}

pub(crate) fn password(playground: &Playground) -> Result<String> {
    playground.place.password("registry-password")
}

/// Who may come in, and the same for our own client of the engine.
pub(crate) fn prepare(playground: &Playground) -> Result<()> {
    let users = users(playground);
    if users.exists() {
        return Ok(());
    }
    let password = password(playground)?;
    let line = command::output(Command::new("htpasswd").args(["-nbB", USERNAME, &password]))?;
    let client = playground.place.data("engine/client");
    for folder in [users.parent().context("a file is in a folder")?, &client] {
        fs::create_dir_all(folder)?;
    }
    let credentials = STANDARD.encode(format!("{USERNAME}:{password}"));
    let config = json!({"auths": {playground.state.registry_auth(): {"auth": credentials}}});
    write_secret(&client.join("config.json"), &config.to_string())?;
    write_secret(&users, line.trim())
}
