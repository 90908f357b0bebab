//! Fills Slipway with the shop, through its own API, as a user would: what
//! exists is kept, so that it can be repeated.

mod credentials;
mod things;
mod workloads;

use std::time::Duration;

use anyhow::{Context, Result};

use super::{Playground, env, probe, wait};
use crate::client::Client;
use crate::say;
use crate::slipway::Profile;

pub(crate) use credentials::{ensure as ensure_credentials, sign_in_link};

/// A server that has to bring its database up to date takes seconds, no more.
const PATIENCE_WITH_SERVER: Duration = Duration::from_secs(60);

pub(crate) fn seed(profile: Profile) -> Result<()> {
    let playground = Playground::existing()?;
    let client = client(profile, &playground)?;
    let phase = say::phase("filling Slipway with the shop", "20 s, once");
    things::ensure(&playground, &client)?;
    let builds = things::run_builds(&client)?;
    workloads::ensure(&playground, &builds)?;
    phase.done();
    Ok(())
}

/// A client of the Slipway that runs on the playground. A token of an earlier database is refused, and another is made.
pub(super) fn client(profile: Profile, playground: &Playground) -> Result<Client> {
    let port = super::address::port(&playground.place)?;
    wait::until(PATIENCE_WITH_SERVER, || probe::http_status(port, "/readyz") == Some(200))
        .with_context(|| format!("Slipway does not answer on 127.0.0.1:{port}: `make run` starts it"))?;
    let client = Client::new(port, &credentials::ensure(profile, playground)?);
    if client.is_known()? {
        return Ok(client);
    }
    let client = Client::new(port, &credentials::renew(profile, playground)?);
    env::write(playground)?;
    Ok(client)
}
