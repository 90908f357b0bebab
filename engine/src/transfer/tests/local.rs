//! Under the local folder no link is followed.

use super::{
    Bench, Direction, PlainTransfer, Protocol, TransferError, fetch,
    servers::{Ftp, Server},
};
use std::{fs, os::unix::fs::symlink};
use tempfile::TempDir;

#[tokio::test]
async fn a_link_is_not_the_way_to_a_folder() {
    let (bench, server) = (Bench::new(), Server::vsftpd(Ftp::Plain).await);
    let outside = TempDir::new().expect("a folder");
    fs::write(outside.path().join("secret.txt"), "hush").expect("a file");
    symlink(outside.path(), bench.path().join("data")).expect("a link");
    for local in ["data", "data/deep"] {
        let into = PlainTransfer { local_path: local.to_owned(), ..fetch(Protocol::Ftp, server.port) };
        let error = bench.error(into).await;
        assert!(matches!(error, TransferError::Local(_)), "{error}");
    }
    let send = PlainTransfer {
        direction: Direction::Send,
        local_path: "data/secret.txt".to_owned(),
        remote_path: String::new(),
        ..fetch(Protocol::Ftp, server.port)
    };
    let error = bench.error(send).await;
    assert!(matches!(error, TransferError::Local(_)), "{error}");
    assert_eq!(super::names(outside.path()), ["secret.txt"]);
}

#[tokio::test]
async fn a_link_that_has_the_name_of_a_file_is_replaced() {
    let (bench, server) = (Bench::new(), Server::vsftpd(Ftp::Plain).await);
    let outside = TempDir::new().expect("a folder");
    let target = outside.path().join("target");
    fs::write(&target, "untouched").expect("a file");
    fs::create_dir(bench.path().join("data")).expect("a folder");
    symlink(&target, bench.path().join("data/a.csv")).expect("a link");
    bench.done(fetch(Protocol::Ftp, server.port)).await;
    assert_eq!(fs::read_to_string(&target).expect("a file"), "untouched");
    assert!(fs::symlink_metadata(bench.path().join("data/a.csv")).expect("a file").is_file());
    assert_eq!(bench.text("data/a.csv"), "one");
}
