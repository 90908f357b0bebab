//! The administrator of the playground and the token for scripts, made on the
//! host with Slipway's own commands, which need no server.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command;
use crate::playground::place::write_secret;
use crate::playground::{Playground, env};
use crate::slipway::{self, Profile};

const USER: &str = "mina";
const TOKEN: &str = "secrets/token";

/// The token in use, made with its owner where there is none.
pub(crate) fn ensure(profile: Profile, playground: &Playground) -> Result<String> {
    let path = playground.place.data(TOKEN);
    // Somebody may have deleted the database: the token is one of another then.
    if user_exists(profile, playground)? && path.exists() {
        return Ok(fs::read_to_string(path)?.trim().to_owned());
    }
    renew(profile, playground)
}

/// Another token; the one before stays valid where it was.
pub(crate) fn renew(profile: Profile, playground: &Playground) -> Result<String> {
    if !user_exists(profile, playground)? {
        add_user(profile, playground)?;
    }
    let mut create = slipway(profile, playground)?;
    create.args(["token", "create", "playground", "--scope", "admin", "--user", USER]);
    let printed = command::output(&mut create)?;
    let token = printed.split_whitespace().find(|word| word.starts_with("slw_"));
    let token = token.context("`slipway token create` printed no token")?;
    write_secret(&playground.place.data(TOKEN), token)?;
    env::write(playground)?;
    Ok(token.to_owned())
}

fn user_exists(profile: Profile, playground: &Playground) -> Result<bool> {
    let users = command::output(slipway(profile, playground)?.args(["user", "list"]))?;
    Ok(users.split_whitespace().any(|word| word == USER))
}

fn add_user(profile: Profile, playground: &Playground) -> Result<()> {
    let password = playground.place.password(USER)?;
    let mut add = slipway(profile, playground)?;
    add.args(["user", "add", USER, "--role", "admin", "--password-stdin"]);
    add.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = add.spawn().context("cannot start Slipway")?;
    let mut input = child.stdin.take().context("the input was asked for")?;
    writeln!(input, "{password}")?;
    drop(input);
    let done = child.wait_with_output()?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("`slipway user add {USER}` failed: {}", command::last_lines(&said, 4));
    }
    Ok(())
}

/// An address that signs the administrator in, once.
pub(crate) fn sign_in_link(profile: Profile, playground: &Playground) -> Result<String> {
    let printed = command::output(slipway(profile, playground)?.args(["user", "sign-in-link", USER]))?;
    let link = printed.split_whitespace().find(|word| word.starts_with("http"));
    link.map(str::to_owned).context("`slipway user sign-in-link` printed no address")
}

fn slipway(profile: Profile, playground: &Playground) -> Result<Command> {
    slipway::command(profile, &env::variables(playground)?)
}
