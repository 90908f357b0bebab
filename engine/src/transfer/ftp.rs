//! FTP and FTPS: passive data connections to the server itself, whatever address it names.

use super::{
    Protocol, Transfer, TransferError,
    budget::Budget,
    connect::within,
    path::{FilePath, Last, is_file_name, prefixes},
    tls,
};
use secrecy::ExposeSecret;
use std::{future::Future, net::SocketAddr, time::Duration};
use suppaftp::{FtpError, FtpResult, Mode, Status, list::ListParser, tokio::AsyncRustlsFtpStream, types::FileType};
use tokio::{
    fs::File,
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::TcpStream,
};

/// Bytes of the list of a folder: some hundred thousand entries.
const LIST_MAX: u64 = 16 << 20;

/// A session that has signed in.
pub(super) struct Ftp {
    stream: AsyncRustlsFtpStream,
    idle: Duration,
}

impl Ftp {
    pub(super) async fn open(transfer: &Transfer, stream: TcpStream, idle: Duration) -> Result<Self, TransferError> {
        let server = stream.peer_addr().map_err(|error| TransferError::broke(&error, idle))?.ip();
        let ftp = said(idle, AsyncRustlsFtpStream::connect_with_stream(stream)).await?;
        let mut ftp = ftp.passive_stream_builder(move |named| Box::pin(data(SocketAddr::new(server, named.port()))));
        ftp.set_mode(if server.is_ipv6() { Mode::ExtendedPassive } else { Mode::Passive });
        let mut ftp = match transfer.protocol {
            Protocol::Ftps => {
                let connector = tls::connector(transfer.ca.as_deref())?;
                let secured = within(idle, ftp.into_secure(connector, &transfer.host)).await?;
                secured.map_err(|error| TransferError::Tls(words(error)))?
            }
            Protocol::Ftp | Protocol::Sftp => ftp,
        };
        let (username, password) = match &transfer.credentials {
            Some(credentials) => (credentials.username.as_str(), credentials.password.expose_secret()),
            None => ("anonymous", "anonymous@"),
        };
        within(idle, ftp.login(username, password)).await?.map_err(|error| match error {
            FtpError::UnexpectedResponse(response) if response.status == Status::NotLoggedIn => {
                TransferError::Unauthorized
            }
            error => of_ftp(idle, error),
        })?;
        said(idle, ftp.transfer_type(FileType::Binary)).await?;
        Ok(Self { stream: ftp, idle })
    }

    /// Where files are from now on; made where it is missing, if it may be.
    pub(super) async fn enter(&mut self, folder: &str, make: bool) -> Result<(), TransferError> {
        if folder.is_empty() {
            return Ok(());
        }
        if make {
            for prefix in prefixes(folder) {
                // It is there already, or the next step says what is wrong.
                if let Err(error) = said(self.idle, self.stream.mkdir(prefix)).await {
                    tracing::debug!(%error, prefix, "a folder was not made");
                }
            }
        }
        said(self.idle, self.stream.cwd(folder)).await
    }

    /// Names of the regular files that are meant, in order.
    pub(super) async fn files(&mut self, path: &FilePath, most: usize) -> Result<Vec<String>, TransferError> {
        match &path.last {
            Last::Pattern(_) => self.listed(&path.last, most).await,
            Last::Name(name) => Ok(vec![name.clone()]),
        }
    }

    pub(super) async fn fetch(&mut self, name: &str, to: &mut File, budget: &mut Budget) -> Result<u64, TransferError> {
        let mut from = said(self.idle, self.stream.retr_as_stream(name)).await?;
        let fetched = budget.copy(&mut from, to).await.map_err(|broken| broken.of_fetching(self.idle))?;
        said(self.idle, from.finish()).await?;
        Ok(fetched)
    }

    pub(super) async fn send(
        &mut self,
        name: &str,
        from: &mut File,
        budget: &mut Budget,
    ) -> Result<u64, TransferError> {
        let mut to = said(self.idle, self.stream.put_with_stream(name)).await?;
        let sent = budget.copy(from, &mut to).await.map_err(|broken| broken.of_sending(self.idle))?;
        said(self.idle, to.finish()).await?;
        Ok(sent)
    }

    /// Says good-bye; who does not hear it finds the connection closed.
    pub(super) async fn close(mut self) {
        if let Err(error) = said(self.idle, self.stream.quit()).await {
            tracing::debug!(%error, "the session was not closed in order");
        }
    }

    /// Line by line: a list that never ends is not kept. `LIST` takes no path here, since servers read options in it.
    async fn listed(&mut self, last: &Last, most: usize) -> Result<Vec<String>, TransferError> {
        let begins = [Status::AboutToSend, Status::AlreadyOpen];
        let (_, mut list) = said(self.idle, self.stream.custom_data_command("LIST", &begins)).await?;
        let mut names = Vec::new();
        let mut lines = BufReader::new((&mut list).take(LIST_MAX));
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = within(self.idle, lines.read_until(b'\n', &mut line)).await?;
            if read.map_err(|error| TransferError::broke(&error, self.idle))? == 0 {
                break;
            }
            let Some(name) = regular(&line) else { continue };
            if !is_file_name(&name) {
                return Err(TransferError::UnsafeName(name));
            }
            if last.matches(&name) {
                names.push(name);
            }
            if names.len() > most {
                return Err(TransferError::TooManyFiles(most));
            }
        }
        if lines.into_inner().limit() == 0 {
            return Err(TransferError::ListTooLong);
        }
        said(self.idle, list.finish()).await?;
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

/// The name in a line of a list, if the line is of a regular file; other lines are sums and headings.
fn regular(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end_matches(['\r', '\n']);
    let entry = ListParser::parse_posix(line).or_else(|_| ListParser::parse_dos(line)).ok()?;
    entry.is_file().then(|| entry.name().to_owned())
}

async fn data(address: SocketAddr) -> FtpResult<TcpStream> {
    TcpStream::connect(address).await.map_err(FtpError::ConnectionError)
}

/// Waits for what the server says to a command.
async fn said<T>(idle: Duration, answer: impl Future<Output = FtpResult<T>>) -> Result<T, TransferError> {
    within(idle, answer).await?.map_err(|error| of_ftp(idle, error))
}

fn of_ftp(idle: Duration, error: FtpError) -> TransferError {
    match error {
        FtpError::ConnectionError(error) => TransferError::broke(&error, idle),
        FtpError::SecureError(why) => TransferError::Tls(why),
        FtpError::UnexpectedResponse(_) => TransferError::Server(words(error)),
        FtpError::BadResponse | FtpError::InvalidAddress(_) | FtpError::DataConnectionAlreadyOpen => {
            TransferError::Broke(error.to_string())
        }
    }
}

/// What the server said, without the words of the library around it.
fn words(error: FtpError) -> String {
    match error {
        FtpError::UnexpectedResponse(response) => String::from_utf8_lossy(&response.body).trim().to_owned(),
        FtpError::ConnectionError(error) => error.to_string(),
        FtpError::SecureError(why) => why,
        FtpError::BadResponse | FtpError::InvalidAddress(_) | FtpError::DataConnectionAlreadyOpen => error.to_string(),
    }
}
