//! From the start of the process to the first 200 of `/readyz`, each time on an empty folder. The
//! program's file is in the page cache, as it is for everybody but the first after a reboot.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::unit::ms;
use crate::bench::{Bench, interrupt};
use crate::playground::process::Process;
use crate::slipway;

const STARTS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_WITH_END: Duration = Duration::from_secs(35);
/// Between two questions: what a start is measured to, and little enough to leave the processors
/// to the one that starts.
const RESOLUTION: Duration = Duration::from_millis(1);

pub(super) fn measure(bench: Bench) -> Result<Reading> {
    let samples = (0..STARTS).map(|_| start(bench)).collect::<Result<Samples>>()?;
    Ok(Reading::of(samples))
}

fn start(bench: Bench) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let address = free_address()?;
    let settings = [
        ("SLIPWAY_LISTEN", address.to_string()),
        ("SLIPWAY_DATA_DIR", folder.path().join("data").display().to_string()),
    ];
    let mut command = slipway::command(bench.profile, &settings)?;
    command.arg("serve").process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn().context("cannot start Slipway")?;
    let process = Process::of_child(&child)?;
    let took = ready(address, began);
    process.end(PATIENCE_WITH_END)?;
    child.wait()?;
    Ok(ms(took?))
}

fn ready(address: SocketAddr, began: Instant) -> Result<Duration> {
    while !is_ready(address) {
        ensure!(began.elapsed() < PATIENCE, "not ready after {} s", PATIENCE.as_secs());
        interrupt::pause(RESOLUTION)?;
    }
    Ok(began.elapsed())
}

/// In one connection, and without a client that would look for other addresses and proxies first.
fn is_ready(address: SocketAddr) -> bool {
    const STATUS: &[u8; 12] = b"HTTP/1.1 200";
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; STATUS.len()];
        stream.read_exact(&mut status)?;
        std::io::Result::Ok(status)
    };
    ask().is_ok_and(|status| status == *STATUS)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
