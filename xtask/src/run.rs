//! `cargo xtask run`: from a fresh machine to the sign-in page and the shop
//! behind it. Ctrl-C stops Slipway and the playground.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, thread};

use anyhow::{Result, bail};
use rustix::process::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::playground::process::Process;
use crate::playground::{self, Playground};
use crate::say;
use crate::serving::Server;
use crate::setup::{self, Purpose};
use crate::slipway::{self, Profile};

/// What it has begun is found again by the next one.
const PATIENCE_WITH_SEED: Duration = Duration::from_secs(2);

pub(crate) fn run() -> Result<()> {
    // Caught from the beginning, so that nothing is left behind whenever it ends.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    playground::refuse_a_second_slipway()?;
    setup::setup(Purpose::Run)?;
    slipway::build(Profile::Release)?;
    let served = start_and_serve(&mut signals);
    let stopped = playground::down();
    served.and(stopped)
}

fn start_and_serve(signals: &mut Signals) -> Result<()> {
    let playground = playground::up()?;
    playground::ensure_credentials(Profile::Release, &playground)?;
    // Made before the server starts: a database of one file has one writer at a time.
    let link = playground::sign_in_link(Profile::Release, &playground)?;
    if signals.pending().next().is_some() {
        return Ok(());
    }
    serve(&playground, &link, signals)
}

fn serve(playground: &Playground, link: &str, signals: &mut Signals) -> Result<()> {
    let mut server = Server::start(Profile::Release, playground, None)?;
    let process = server.process;
    let handle = signals.handle();
    let (seed, status) = thread::scope(|scope| {
        scope.spawn(|| signals.forever().for_each(|_| process.signal(Signal::TERM)));
        let seed = announce_and_seed(playground, link, &mut server);
        // One that is not ready by now is not what was asked for.
        if seed.is_err() {
            process.signal(Signal::TERM);
        }
        let status = server.ended();
        handle.close();
        (seed, status)
    });
    let status = status?;
    end_seed(seed?)?;
    if !status.success() {
        bail!("Slipway ended with {status}");
    }
    Ok(())
}

/// It has usually ended long before.
fn end_seed(mut seed: Child) -> Result<()> {
    if let Ok(process) = Process::of_child(&seed) {
        process.end(PATIENCE_WITH_SEED)?;
    }
    seed.wait()?;
    Ok(())
}

/// Prints where to go, and has the shop filled in meanwhile.
fn announce_and_seed(playground: &Playground, link: &str, server: &mut Server) -> Result<Child> {
    server.ready(playground)?;
    playground::note_first_run(playground)?;
    say::plain(format_args!("\nSlipway is at {}", playground::url(playground)?));
    say::plain(format_args!("Sign in, once and within an hour: {link}\n"));
    let mut seed = Command::new(env::current_exe()?);
    Ok(seed.args(["playground", "seed"]).process_group(0).spawn()?)
}
