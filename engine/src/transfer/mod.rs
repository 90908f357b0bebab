//! Files between a local folder and a server: SFTP, FTPS (explicit TLS), and FTP where it was asked for as insecure.
//!
//! Both sides are strangers. The server is connected to at the address that the egress policy has checked, data
//! connections included; it proves itself by its host key or its certificate. What it lists becomes a path only if it
//! is the plain name of a file. Under the local folder no link is followed, and only regular files move. Everything
//! has a limit: time, silence, bytes, files, entries of a listing.

mod budget;
mod connect;
mod error;
mod ftp;
mod host_key;
mod known;
mod local;
mod path;
mod request;
mod run;
mod session;
mod sftp;
mod tls;

pub use error::TransferError;
pub use host_key::HostKey;
pub use known::KnownHosts;
pub use request::{Direction, PlainTransfer, Protocol, Transfer, TransferCredentials};
pub use run::{Moved, TransferLimits, Transferred, transfer};

#[cfg(test)]
mod tests;
