//! With sshd and vsftpd.

use super::{
    Bench, Direction, PlainTransfer, Protocol, TransferError, fetch, names,
    servers::{Asks, Ftp, Server},
};
use crate::transfer::HostKey;
use rstest::rstest;
use secrecy::SecretString;
use std::{fs, os::unix::fs::PermissionsExt};

async fn server_of(protocol: Protocol) -> Server {
    match protocol {
        Protocol::Sftp => Server::sshd(Asks::Password).await,
        Protocol::Ftps => Server::vsftpd(Ftp::Tls).await,
        Protocol::Ftp => Server::vsftpd(Ftp::Plain).await,
    }
}

fn fetch_of(protocol: Protocol, server: &Server) -> PlainTransfer {
    PlainTransfer { ca: server.ca.clone(), ..fetch(protocol, server.port) }
}

#[rstest]
#[case(Protocol::Sftp)]
#[case(Protocol::Ftps)]
#[case(Protocol::Ftp)]
#[tokio::test]
async fn fetches_the_regular_files_that_match(#[case] protocol: Protocol) {
    let (bench, server) = (Bench::new(), server_of(protocol).await);
    let (outcome, said) = bench.run_and_hear(fetch_of(protocol, &server)).await;
    let done = outcome.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bench.names("data"), ["a.csv", "b.csv"]);
    assert_eq!((bench.text("data/a.csv"), bench.text("data/b.csv")), ("one".to_owned(), "two two".to_owned()));
    assert_eq!((done.files.len(), done.bytes), (2, 10));
    let mode = fs::metadata(bench.path().join("data/a.csv")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "who builds may be anybody");
    assert!(said.contains(&"Fetched rates/b.csv, 7 bytes".to_owned()), "{said:?}");
    assert!(!said.concat().contains("horse"), "{said:?}");
}

#[rstest]
#[case(Protocol::Sftp)]
#[case(Protocol::Ftps)]
#[case(Protocol::Ftp)]
#[tokio::test]
async fn fetches_one_file_over_another(#[case] protocol: Protocol) {
    let (bench, server) = (Bench::new(), server_of(protocol).await);
    bench.put("a.csv", "an older one");
    let place =
        |path: String| PlainTransfer { remote_path: path, local_path: String::new(), ..fetch_of(protocol, &server) };
    bench.done(place(server.home("rates/a.csv").display().to_string())).await;
    assert_eq!((bench.names(""), bench.text("a.csv")), (vec!["a.csv".to_owned()], "one".to_owned()));
    for missing in ["rates/z.csv", "nowhere/a.csv"] {
        let error = bench.error(place(missing.to_owned())).await;
        assert!(matches!(error, TransferError::Server(_)), "{error}");
    }
    assert_eq!(bench.names(""), ["a.csv"], "nothing unfinished stays");
    let error = bench.error(place("rates/*.pdf".to_owned())).await;
    assert_eq!(error, TransferError::NothingMatches("rates/*.pdf".to_owned()));
}

#[rstest]
#[case(Protocol::Sftp)]
#[case(Protocol::Ftps)]
#[case(Protocol::Ftp)]
#[tokio::test]
async fn sends_into_a_folder_that_is_made(#[case] protocol: Protocol) {
    let (bench, server) = (Bench::new(), server_of(protocol).await);
    let large = "0123456789abcdef".repeat(100_000);
    bench.put("out/report.txt", &large);
    bench.put("out/b.txt", "b");
    bench.put("out/c.csv", "c");
    bench.put("out/folder.txt/x", "x");
    std::os::unix::fs::symlink("/etc/passwd", bench.path().join("out/link.txt")).expect("a link");
    let send = |local: &str, remote: &str| PlainTransfer {
        direction: Direction::Send,
        local_path: local.to_owned(),
        remote_path: remote.to_owned(),
        ..fetch_of(protocol, &server)
    };
    for _ in 0..2 {
        let done = bench.done(send("out/*.txt", "in/deep")).await;
        assert_eq!((done.files.len(), done.bytes), (2, 1_600_001));
    }
    assert_eq!(names(&server.home("in/deep")), ["b.txt", "report.txt"]);
    assert!(fs::read_to_string(server.home("in/deep/report.txt")).expect("a file") == large, "it came whole");
    bench.done(send("out/c.csv", "")).await;
    assert_eq!(fs::read_to_string(server.home("c.csv")).expect("a file"), "c");
    let error = bench.error(send("out/c.csv", "rates")).await;
    assert!(matches!(error, TransferError::Server(_)), "the folder is another's: {error}");
    let error = bench.error(send("out/folder.txt", "in")).await;
    assert_eq!(error, TransferError::NothingMatches("out/folder.txt".to_owned()));
}

#[rstest]
#[case(Protocol::Sftp)]
#[case(Protocol::Ftps)]
#[case(Protocol::Ftp)]
#[tokio::test]
async fn a_wrong_password_is_told_as_such(#[case] protocol: Protocol) {
    let (bench, server) = (Bench::new(), server_of(protocol).await);
    let mut wrong = fetch_of(protocol, &server);
    wrong.credentials.as_mut().expect("credentials").password = SecretString::from("battery staple");
    assert_eq!(bench.error(wrong).await, TransferError::Unauthorized);
}

#[rstest]
#[case(Protocol::Sftp)]
#[case(Protocol::Ftps)]
#[case(Protocol::Ftp)]
#[tokio::test]
async fn limits_hold(#[case] protocol: Protocol) {
    let server = server_of(protocol).await;
    let mut bench = Bench::new();
    bench.limits.bytes = 9;
    assert_eq!(bench.error(fetch_of(protocol, &server)).await, TransferError::TooLarge(9));
    assert_eq!(bench.names("data"), ["a.csv"], "what was whole stays, what was not does not");
    let mut bench = Bench::new();
    bench.limits.files = 1;
    assert_eq!(bench.error(fetch_of(protocol, &server)).await, TransferError::TooManyFiles(1));
    let mut bench = Bench::new();
    bench.allow = &[];
    let error = bench.error(fetch_of(protocol, &server)).await;
    assert!(matches!(error, TransferError::Refused(_)), "{error}");
}

#[tokio::test]
async fn the_first_host_key_is_told_and_another_is_refused() {
    let (bench, server) = (Bench::new(), Server::sshd(Asks::Password).await);
    let (outcome, said) = bench.run_and_hear(fetch(Protocol::Sftp, server.port)).await;
    let first = outcome.unwrap_or_else(|error| panic!("{error}")).host_key.expect("a key");
    assert_eq!((first.line.as_str(), first.first_use), (server.host_key("ed25519").as_str(), true));
    assert!(said.iter().any(|line| line.contains(&first.fingerprint)), "{said:?}");

    let with = |key: &str| PlainTransfer { host_key: Some(key.to_owned()), ..fetch(Protocol::Sftp, server.port) };
    for known in [&first.line, &first.fingerprint] {
        let again = bench.done(with(known)).await.host_key.expect("a key");
        assert_eq!(again, HostKey { first_use: false, ..first.clone() });
    }
    let other = bench.done(with(&server.host_key("rsa"))).await.host_key.expect("a key");
    assert!(other.line.starts_with("ssh-rsa "), "the key that is known is the one that is asked for: {}", other.line);

    let stranger = Server::sshd(Asks::Password).await;
    let swapped = PlainTransfer { port: Some(stranger.port), ..with(&first.line) };
    let TransferError::HostKey { expected, found } = bench.error(swapped).await else { panic!("another error") };
    assert!(expected == first.fingerprint && found != expected && found.starts_with("SHA256:"), "{expected} {found}");
}

#[tokio::test]
async fn a_server_that_asks_in_its_own_words_is_answered() {
    let (bench, server) = (Bench::new(), Server::sshd(Asks::Questions).await);
    assert_eq!(bench.done(fetch(Protocol::Sftp, server.port)).await.files.len(), 2);
    let mut wrong = fetch(Protocol::Sftp, server.port);
    wrong.credentials.as_mut().expect("credentials").password = SecretString::from("battery staple");
    assert_eq!(bench.error(wrong).await, TransferError::Unauthorized);
}

#[tokio::test]
async fn an_authority_that_nobody_knows_is_refused() {
    let (bench, server) = (Bench::new(), Server::vsftpd(Ftp::Tls).await);
    let error = bench.error(fetch(Protocol::Ftps, server.port)).await;
    assert!(matches!(error, TransferError::Tls(_)), "{error}");
    let other_name = PlainTransfer { host: "127.0.0.1".to_owned(), ..fetch_of(Protocol::Ftps, &server) };
    let error = bench.error(other_name).await;
    assert!(matches!(error, TransferError::Tls(_)), "{error}");
}

#[tokio::test]
async fn nothing_secret_goes_to_a_server_without_tls() {
    let (bench, server) = (Bench::new(), Server::vsftpd(Ftp::Plain).await);
    let error = bench.error(fetch(Protocol::Ftps, server.port)).await;
    assert!(matches!(error, TransferError::Tls(_)), "{error}");
}

#[tokio::test]
async fn data_connections_go_to_the_server_whatever_it_says() {
    let (bench, server) = (Bench::new(), Server::vsftpd(Ftp::Lying).await);
    assert_eq!(bench.done(fetch(Protocol::Ftp, server.port)).await.files.len(), 2);
}
