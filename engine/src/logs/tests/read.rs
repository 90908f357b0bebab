use super::{Kind, Store, build_output, dice, out, texts};
use crate::logs::{LINE_BYTES_MAX, LogError, TextRequest};
use futures::TryStreamExt;
use rand::Rng;
use rstest::rstest;
use uuid::Uuid;

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn windows_are_found_by_number(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    let empty = store.logs.window(id, -5, 10).await.expect("a window");
    assert_eq!((empty.lines.len(), empty.first, empty.last, empty.total, empty.complete), (0, None, None, 0, false));
    for group in 0..60 {
        out(&writer, &build_output(group * 20, group as u64)).await;
        writer.flush().await.expect("stored");
    }
    let all = store.texts(id).await;
    let total = all.len() as i64;
    for (from, limit, expected) in [
        (1, 3, 0..3),
        (0, 3, 0..3),
        (17_000, 500, 16_999..17_499),
        (-3, 10, all.len() - 3..all.len()),
        (-1_000_000, 2, 0..2),
        (total, 5, all.len() - 1..all.len()),
        (total + 1, 5, 0..0),
        (i64::MAX, 5, 0..0),
        (i64::MIN, 1, 0..1),
    ] {
        let window = store.logs.window(id, from, limit).await.expect("a window");
        assert_eq!(texts(&window.lines), all[expected.clone()], "from {from}");
        assert_eq!(window.first, (!expected.is_empty()).then_some(expected.start as u64 + 1));
        assert_eq!(window.total, total as u64);
    }
    assert!(matches!(store.logs.window(Uuid::now_v7(), 1, 1).await, Err(LogError::NotFound(_))));
}

#[rstest]
#[case(Kind::Sqlite)]
#[tokio::test]
async fn a_window_of_very_long_lines_ends_early(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    let line = "x".repeat(LINE_BYTES_MAX - 1) + "\n";
    for _ in 0..400 {
        out(&writer, &line).await;
    }
    writer.close("succeeded").await.expect("closed");
    let mut next = 1;
    while next <= 400 {
        let window = store.logs.window(id, next, 5000).await.expect("a window");
        assert!(window.lines.len() < 300);
        assert_eq!(window.first, Some(next as u64));
        next = window.last.expect("some line") as i64 + 1;
    }
    assert_eq!(next, 401);
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn text_is_cut_at_any_byte(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    let mut text = build_output(9000, 3);
    text.insert_str(1000, &"ü".repeat(LINE_BYTES_MAX));
    text.insert_str(400_000, "\u{1b}[31mred\u{1b}[0m\n");
    for piece in text.as_bytes().chunks(30_000) {
        writer.append(0, types::log::LogStream::Stdout, None, piece).await.expect("taken");
        tokio::task::yield_now().await;
    }
    writer.close("succeeded").await.expect("closed");
    assert_eq!(store.logs.text_len(id).await.expect("a length"), text.len() as u64);
    let mut dice = dice(4);
    for case in 0..60 {
        if case == 30 {
            store.logs.pack(id).await.expect("packed");
        }
        let (a, b) = (dice.random_range(0..=text.len()), dice.random_range(0..text.len() + 100));
        let range = a.min(b)..b.max(a);
        let request = TextRequest { range: Some(range.start as u64..range.end as u64), ..TextRequest::default() };
        let read = read(&store, id, request).await;
        assert!(read == text.as_bytes()[range.start..range.end.min(text.len())], "{range:?}");
    }
    assert!(read(&store, id, TextRequest::default()).await == text.as_bytes());
    let plain = text.replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
    assert!(read(&store, id, TextRequest { plain: true, ..TextRequest::default() }).await == plain.as_bytes());
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn text_is_followed_to_its_end(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    let text = build_output(2000, 5);
    let reader = {
        let text = store.logs.text(id, TextRequest { follow: true, ..TextRequest::default() });
        tokio::spawn(text.try_collect::<Vec<_>>())
    };
    for piece in text.as_bytes().chunks(5_000) {
        writer.append(0, types::log::LogStream::Stdout, None, piece).await.expect("taken");
        tokio::task::yield_now().await;
    }
    writer.close("succeeded").await.expect("closed");
    let seen = reader.await.expect("no panic").expect("no error").concat();
    assert!(seen == text.as_bytes());
}

#[tokio::test]
async fn text_of_no_log_is_an_error() {
    let store = Store::new(Kind::Sqlite).await;
    for follow in [false, true] {
        let text = store.logs.text(Uuid::now_v7(), TextRequest { follow, ..TextRequest::default() });
        assert!(matches!(text.try_collect::<Vec<_>>().await, Err(LogError::NotFound(_))));
    }
    let (id, _writer) = store.log().await;
    assert!(read(&store, id, TextRequest::default()).await.is_empty());
}

async fn read(store: &Store, id: Uuid, request: TextRequest) -> Vec<u8> {
    store.logs.text(id, request).try_collect::<Vec<_>>().await.expect("text").concat()
}
