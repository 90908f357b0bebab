//! Whether a part answers, asked in the plainest way that tells.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::command;

/// An answer on the loopback takes milliseconds; one that takes this long is none.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) enum Probe {
    /// Answers this path with this status.
    Http {
        port: u16,
        path: &'static str,
        status: u16,
    },
    HttpOverSocket {
        socket: PathBuf,
        path: &'static str,
        status: u16,
    },
    /// Takes connections.
    Socket(PathBuf),
    /// Takes connections on the loopback.
    Port(u16),
    /// This program ends well and prints this.
    Prints {
        program: Vec<String>,
        text: &'static str,
    },
    All(Vec<Probe>),
    /// Being alive is all that can be seen.
    Alive,
}

impl Probe {
    pub(crate) fn answers(&self) -> bool {
        match self {
            Probe::Http { port, path, status } => http_status(*port, path) == Some(*status),
            Probe::HttpOverSocket { socket, path, status } => UnixStream::connect(socket).is_ok_and(|stream| {
                stream.set_read_timeout(Some(PATIENCE)).is_ok() && ask(stream, path) == Some(*status)
            }),
            Probe::Socket(socket) => UnixStream::connect(socket).is_ok(),
            Probe::Port(port) => {
                TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], *port)), PATIENCE).is_ok()
            }
            Probe::Prints { program, text } => command::output(Command::new(&program[0]).args(&program[1..]))
                .is_ok_and(|printed| printed.trim() == *text),
            Probe::All(probes) => probes.iter().all(Probe::answers),
            Probe::Alive => true,
        }
    }
}

/// What the loopback answers on a port to GET of a path.
pub(crate) fn http_status(port: u16, path: &str) -> Option<u16> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    ask(stream, path)
}

/// The status alone is of interest; the rest is read so that nobody is hung up on.
fn ask(mut stream: impl Read + Write, path: &str) -> Option<u16> {
    const ENOUGH: u64 = 64 << 10;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.take(ENOUGH).read_to_end(&mut answer).ok()?;
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}
