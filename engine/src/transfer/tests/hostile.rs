//! With servers as they should not be.

use super::{Bench, PlainTransfer, Protocol, TransferError, fetch};
use rstest::rstest;
use russh::{
    Channel, ChannelId,
    server::{Auth, ChannelOpenHandle, Msg, Session},
};
use russh_sftp::protocol::{File, FileAttributes, Handle, Name, StatusCode};
use std::{collections::HashMap, process::Command as Program, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

const SHORT: Duration = Duration::from_millis(300);

/// A server that takes connections, says this and then nothing more.
async fn silent(greeting: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            socket.write_all(greeting).await.expect("a greeting");
            held.push(socket);
        }
    });
    port
}

/// An FTP server that lists and sends this, once or without end.
async fn ftp(list: &'static str, file: &'static str, endless: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, list, file, endless));
        }
    });
    port
}

async fn converse(socket: TcpStream, list: &'static str, file: &'static str, endless: bool) {
    let data = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = data.local_addr().expect("an address").port();
    let mut socket = BufReader::new(socket);
    socket.write_all(b"220 hello\r\n").await.expect("heard");
    let mut command = String::new();
    while socket.read_line(&mut command).await.is_ok_and(|read| read > 0) {
        let answer = match command.split_whitespace().next().unwrap_or_default() {
            "USER" => "331 password".to_owned(),
            "PASS" => "230 in".to_owned(),
            "PASV" => format!("227 (127,0,0,1,{},{})", port / 256, port % 256),
            "LIST" | "RETR" => "150 here".to_owned(),
            "CWD" => "250 there".to_owned(),
            _ => "200 yes".to_owned(),
        };
        socket.write_all(format!("{answer}\r\n").as_bytes()).await.expect("heard");
        let text = match command.split_whitespace().next() {
            Some("LIST") => list,
            Some("RETR") => file,
            Some(_) | None => "",
        };
        if !text.is_empty() {
            let (mut to, _) = data.accept().await.expect("a data connection");
            while to.write_all(text.as_bytes()).await.is_ok() && endless {}
            drop(to);
            if socket.write_all(b"226 done\r\n").await.is_err() {
                return;
            }
        }
        command.clear();
    }
}

#[rstest]
#[case(Protocol::Sftp, b"")]
#[case(Protocol::Sftp, b"SSH-2.0-OpenSSH_9.2\r\n")]
#[case(Protocol::Ftp, b"")]
#[case(Protocol::Ftp, b"220-hello\r\n")]
#[case(Protocol::Ftps, b"220 hello\r\n234 go on\r\n")]
#[tokio::test]
async fn silence_ends_with_words(#[case] protocol: Protocol, #[case] greeting: &'static [u8]) {
    let port = silent(greeting).await;
    let mut bench = Bench::new();
    bench.limits.idle = SHORT;
    assert_eq!(bench.error(fetch(protocol, port)).await, TransferError::Stalled(SHORT));
    let mut bench = Bench::new();
    bench.limits.time = SHORT;
    assert_eq!(bench.error(fetch(protocol, port)).await, TransferError::TimedOut(SHORT));
    let bench = Bench::new();
    let (error, ()) = tokio::join!(bench.error(fetch(protocol, port)), async { bench.cancel.cancel() });
    assert_eq!(error, TransferError::Cancelled);
}

#[rstest]
#[case(Protocol::Sftp)]
#[case(Protocol::Ftp)]
#[tokio::test]
async fn nobody_there_is_told(#[case] protocol: Protocol) {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let error = Bench::new().error(fetch(protocol, free)).await;
    assert!(matches!(&error, TransferError::Unreachable { host, .. } if host == "localhost"), "{error}");
}

#[rstest]
#[case("-rw-r--r-- 1 a a 1 Nov 27 10:00 ../../evil.csv\r\n", "../../evil.csv")]
#[case("-rw-r--r-- 1 a a 1 Nov 27 10:00 /etc/evil.csv\r\n", "/etc/evil.csv")]
#[case("-rw-r--r-- 1 a a 1 Nov 27 10:00 a\0b.csv\r\n", "a\0b.csv")]
#[case("11-27-26  10:00AM 1 ..\\..\\evil/b.csv\r\n", "..\\..\\evil/b.csv")]
#[tokio::test]
async fn a_listed_name_leads_nowhere_else(#[case] list: &'static str, #[case] name: &str) {
    let bench = Bench::new();
    let port = ftp(list, "x", false).await;
    assert_eq!(bench.error(fetch(Protocol::Ftp, port)).await, TransferError::UnsafeName(name.to_owned()));
    assert_eq!(bench.names("data"), [""; 0]);
}

#[tokio::test]
async fn what_never_ends_is_cut() {
    let line = "-rw-r--r-- 1 a a 1 Nov 27 10:00 a.csv\r\n";
    let large: &'static str = "x".repeat(64 << 10).leak();
    let mut bench = Bench::new();
    bench.limits.bytes = 50 << 20;
    let one = PlainTransfer { remote_path: "a.csv".to_owned(), ..fetch(Protocol::Ftp, ftp(line, large, true).await) };
    assert_eq!(bench.error(one).await, TransferError::TooLarge(50 << 20));
    assert_eq!(bench.names("data"), [""; 0]);
    let folder: &'static str = format!("drwxr-xr-x 1 a a 1 Nov 27 10:00 {large}\r\n").leak();
    for (list, expected) in [
        (line, TransferError::TooManyFiles(10_000)),
        (folder, TransferError::ListTooLong),
        (large, TransferError::ListTooLong),
    ] {
        let port = ftp(list, "x", true).await;
        assert_eq!(bench.error(fetch(Protocol::Ftp, port)).await, expected);
    }
}

/// An SFTP server that lets everybody in and whose folders hold a file of this name.
struct Lister {
    name: &'static str,
    /// The list does not end.
    endless: bool,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl russh::server::Handler for Lister {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, _: &str) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(&mut self, id: ChannelId, _: &str, session: &mut Session) -> Result<(), russh::Error> {
        session.channel_success(id)?;
        let stream = self.channels.remove(&id).expect("it was opened").into_stream();
        russh_sftp::server::run(stream, Listing { name: self.name, endless: self.endless, read: false }).await;
        Ok(())
    }
}

struct Listing {
    name: &'static str,
    endless: bool,
    read: bool,
}

impl russh_sftp::server::Handler for Listing {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn opendir(&mut self, id: u32, path: String) -> Result<Handle, StatusCode> {
        Ok(Handle { id, handle: path })
    }

    async fn readdir(&mut self, id: u32, _: String) -> Result<Name, StatusCode> {
        if self.read && !self.endless {
            return Err(StatusCode::Eof);
        }
        self.read = true;
        let attrs = FileAttributes { permissions: Some(0o100_644), ..FileAttributes::empty() };
        Ok(Name { id, files: vec![File::new(self.name, attrs); 100] })
    }
}

/// The port of such a server.
async fn sftp(name: &'static str, endless: bool) -> u16 {
    let folder = TempDir::new().expect("a folder");
    let key = folder.path().join("key");
    let made = Program::new("ssh-keygen").args(["-q", "-N", "", "-t", "ed25519", "-f"]).arg(&key).status();
    assert!(made.expect("ssh-keygen").success());
    let keys = vec![russh::keys::load_secret_key(&key, None).expect("a key")];
    let config = Arc::new(russh::server::Config { keys, ..Default::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let mut sessions = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            let lister = Lister { name, endless, channels: HashMap::new() };
            sessions.push(russh::server::run_stream(config.clone(), socket, lister).await.expect("a session"));
        }
    });
    port
}

#[rstest]
#[case("../../evil.csv")]
#[case("/etc/evil.csv")]
#[case("a\0b.csv")]
#[tokio::test]
async fn a_name_of_sftp_leads_nowhere_else(#[case] name: &'static str) {
    let bench = Bench::new();
    let error = bench.error(fetch(Protocol::Sftp, sftp(name, false).await)).await;
    assert_eq!(error, TransferError::UnsafeName(name.to_owned()));
    assert_eq!(bench.names("data"), [""; 0]);
}

#[rstest]
#[case("a.csv", TransferError::TooManyFiles(10_000))]
#[case("a.txt", TransferError::ListTooLong)]
#[tokio::test]
async fn a_list_of_sftp_that_never_ends_is_cut(#[case] name: &'static str, #[case] expected: TransferError) {
    assert_eq!(Bench::new().error(fetch(Protocol::Sftp, sftp(name, true).await)).await, expected);
}
