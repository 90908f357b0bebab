//! Builds and the room that they need on disks.

use super::queue::Queue;
use crate::docker::fake::Script;
use rstest::rstest;
use serde_json::json;

/// A queue with this reserve, on an engine whose folder is `root`.
async fn queue(reserve: u64, root: &str) -> Queue {
    let info = json!({"DockerRootDir": root}).to_string();
    Queue::start(reserve, vec![("/info", Script::items(&[&info]))]).await
}

#[rstest]
#[case::room_on_both(1, "/", None)]
#[case::a_server_that_is_full(u64::MAX, "/", Some("the server"))]
// A file system that holds no bytes.
#[case::an_engine_that_is_full(1, "/proc", Some("the build engine local"))]
#[case::no_reserve(0, "/proc", None)]
#[case::an_engine_whose_folder_is_not_seen(1, "/no/such/folder", None)]
#[tokio::test]
async fn no_build_starts_below_the_reserve(#[case] reserve: u64, #[case] root: &str, #[case] full: Option<&str>) {
    let (waits, reason) = queue(reserve, root).await.pass().await;
    assert_eq!(waits, full.is_some(), "{reason:?}");
    let expected = |whose: &str| {
        let mebibytes = reserve.div_ceil(1 << 20);
        format!("waits for disk space: less than the reserve of {mebibytes} MiB is free on the disk of {whose}")
    };
    assert_eq!(reason, full.map(expected));
}

#[tokio::test]
async fn a_run_that_waited_for_room_starts_when_there_is_some_and_says_so_no_more() {
    let mut queue = queue(u64::MAX, "/").await;
    let before = queue.pass().await;
    assert!(before.0 && before.1.is_some(), "{before:?}");
    assert_eq!(queue.pass().await, before, "its words stay the same");
    queue.open_again(1).await;
    assert_eq!(queue.pass().await, (false, None));
}
