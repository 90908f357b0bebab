//! `.playground/env`: what scripts and tests source to talk to the playground.

use std::fs;

use anyhow::Result;

use super::place::write_secret;
use super::{Playground, address, engine, kubernetes, registry, repositories};

/// Names and values; the token only once Slipway has given one.
pub(crate) fn variables(playground: &Playground) -> Result<Vec<(&'static str, String)>> {
    let place = &playground.place;
    let listen = format!("127.0.0.1:{}", address::port(place)?);
    let token = fs::read_to_string(place.data("secrets/token")).unwrap_or_default();
    Ok(vec![
        ("SLIPWAY_URL", format!("http://{listen}")),
        ("SLIPWAY_TOKEN", token.trim().to_owned()),
        ("SLIPWAY_LISTEN", listen),
        ("SLIPWAY_DATA_DIR", place.data("slipway").display().to_string()),
        ("SLIPWAY_GIT_FILE_ROOT", repositories::folder(playground).display().to_string()),
        // The registry and the server of files are what the steps of the shop's builds call.
        ("SLIPWAY_EGRESS_ALLOW", "127.0.0.0/8".to_owned()),
        ("KUBECONFIG", kubernetes::admin_kubeconfig(playground).display().to_string()),
        ("DOCKER_HOST", engine::host(playground)),
        ("REGISTRY", playground.state.registry()),
        ("REGISTRY_AUTH", playground.state.registry_auth()),
        ("REGISTRY_AUTH_USERNAME", registry::USERNAME.to_owned()),
        ("REGISTRY_AUTH_PASSWORD", registry::password(playground)?),
    ])
}

pub(crate) fn write(playground: &Playground) -> Result<()> {
    let lines: String =
        variables(playground)?.into_iter().map(|(name, value)| format!("export {name}={}\n", quoted(&value))).collect();
    write_secret(&playground.place.data("env"), &lines)
}

/// As it is where the shell reads it so, otherwise in single quotes.
fn quoted(value: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/:._-".contains(character);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn values_reach_the_shell_as_they_are() {
        assert_eq!(quoted("unix:///srv/a.sock"), "unix:///srv/a.sock");
        assert_eq!(quoted("/my checkout"), "'/my checkout'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "");
    }
}
