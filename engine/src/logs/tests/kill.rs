use super::{Kind, Store, out};
use crate::logs::{LogError, Masker};
use rstest::rstest;
use types::log::LogStream;

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn a_log_that_lost_its_end_says_so(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    writer.append(3, LogStream::Stdout, None, b"before\n").await.expect("taken");
    writer.flush().await.expect("stored");
    drop(writer);
    let writer = store.other_process().open_writer(id, Masker::default()).await.expect("a writer");
    writer.append(4, LogStream::Stdout, None, b"after\n").await.expect("taken");
    writer.close("failed").await.expect("closed");
    let lines = store.logs.lines_between(id, 1, 9).await.expect("lines");
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[1].n, lines[1].step, lines[1].stream), (2, 3, LogStream::System));
    assert!(lines[1].text.contains(&lines[0].at.to_string()), "{}", lines[1].text);
    assert!(lines[1].text.contains("may be missing"), "{}", lines[1].text);
    assert_eq!((lines[2].n, lines[2].text.as_str()), (3, "after"));
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn a_log_that_was_left_in_order_does_not(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    out(&writer, "one\n").await;
    writer.release().await.expect("released");
    assert!(matches!(writer.system(0, "late").await, Err(LogError::Closed(_))));
    let writer = store.logs.open_writer(id, Masker::default()).await.expect("a writer");
    out(&writer, "two\n").await;
    writer.close("succeeded").await.expect("closed");
    let writer = store.logs.open_writer(id, Masker::default()).await.expect("a writer");
    out(&writer, "three\n").await;
    writer.close("succeeded").await.expect("closed");
    assert_eq!(store.texts(id).await, ["one", "two", "three"]);
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_writer_cannot_append(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, stale) = store.log().await;
    out(&stale, "one\n").await;
    stale.flush().await.expect("stored");
    let writer = store.other_process().open_writer(id, Masker::default()).await.expect("a writer");
    out(&stale, "stale\n").await;
    assert!(matches!(stale.flush().await, Err(LogError::Fenced(_))));
    assert!(matches!(stale.append(0, LogStream::Stdout, None, b"x").await, Err(LogError::Fenced(_))));
    assert!(matches!(stale.close("succeeded").await, Err(LogError::Fenced(_))));
    out(&writer, "two\n").await;
    writer.close("failed").await.expect("closed");
    let texts = store.texts(id).await;
    assert_eq!((texts.len(), texts[0].as_str(), texts[2].as_str()), (3, "one", "two"));
    assert_eq!(store.logs.info(id).await.expect("there").status.as_deref(), Some("failed"));
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn a_deleted_log_is_gone_for_all(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    out(&writer, "one\n").await;
    writer.flush().await.expect("stored");
    let mut follower = store.logs.follow(id, 1).await.expect("a follower");
    store.logs.delete(id).await.expect("deleted");
    assert!(follower.next().await.expect("no error").is_none());
    out(&writer, "two\n").await;
    assert!(matches!(writer.flush().await, Err(LogError::NotFound(_))));
    assert!(matches!(store.logs.window(id, 1, 1).await, Err(LogError::NotFound(_))));
    assert!(matches!(store.logs.open_writer(id, Masker::default()).await, Err(LogError::NotFound(_))));
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn what_a_kill_cut_short_is_finished(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    out(&writer, &"line\n".repeat(1000)).await;
    writer.flush().await.expect("stored");
    store.logs.store().mark_deleted(id, crate::now()).await.expect("marked");
    assert!(matches!(store.logs.info(id).await, Err(LogError::NotFound(_))));
    store.other_process().tidy().await.expect("tidied");
    assert!(store.logs.store().unfinished().await.expect("rows").is_empty());
}
