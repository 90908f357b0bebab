use super::{Kind, Store, build_output, dice, out};
use crate::logs::{LINE_BYTES_MAX, LogError, LogSettings, Masker, store::log_chunk};
use rand::Rng;
use rstest::rstest;
use sea_orm::{EntityTrait, QuerySelect, sea_query::Expr};
use types::log::LogStream;
use uuid::Uuid;

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn lines_are_numbered_and_whole(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    out(&writer, "one\r\ntw").await;
    writer.append(0, LogStream::Stderr, None, b"bad \xff\n").await.expect("taken");
    out(&writer, "o\n\nopen").await;
    writer.system(0, "step ended\nwith two lines").await.expect("taken");
    assert_eq!(writer.close("succeeded").await.expect("closed"), 7);
    let window = store.logs.window(id, 1, 10).await.expect("a window");
    let seen: Vec<(u64, LogStream, &str)> = window.lines.iter().map(|l| (l.n, l.stream, l.text.as_str())).collect();
    let expected = [
        (1, LogStream::Stdout, "one\r"),
        (2, LogStream::Stderr, "bad \u{fffd}"),
        (3, LogStream::Stdout, "two"),
        (4, LogStream::Stdout, ""),
        (5, LogStream::System, "step ended"),
        (6, LogStream::System, "with two lines"),
        (7, LogStream::Stdout, "open"),
    ];
    assert_eq!(seen, expected);
    assert!(window.complete);
    let info = store.logs.info(id).await.expect("it is there");
    assert_eq!((info.status.as_deref(), info.owner.as_deref()), (Some("succeeded"), Some("builds/web/runs/1")));
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn any_pieces_and_any_pauses_store_the_same(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let mut text = build_output(3000, 1);
    text.insert_str(5000, &"z".repeat(3 * LINE_BYTES_MAX));
    let expected: Vec<String> = text
        .lines()
        .flat_map(|line| {
            line.as_bytes()
                .chunks(LINE_BYTES_MAX)
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    for seed in 0..8 {
        let (id, writer) = store.log().await;
        let mut dice = dice(seed);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let length = rest.len().min(1 << dice.random_range(0..17));
            out(&writer, &rest[..length]).await;
            rest = &rest[length..];
            if dice.random_ratio(1, 20) {
                tokio::task::yield_now().await;
            }
            if rest.len() < text.len()
                && text.as_bytes()[text.len() - rest.len() - 1] == b'\n'
                && dice.random_ratio(1, 4)
            {
                writer.flush().await.expect("stored");
            }
        }
        writer.close("succeeded").await.expect("closed");
        assert_eq!(store.texts(id).await, expected, "seed {seed}");
    }
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn a_log_over_its_limit_says_so_and_fails_once(#[case] kind: Kind) {
    let store = Store::with(kind, LogSettings { bytes_max: 100, ..LogSettings::default() }).await;
    let (id, writer) = store.log().await;
    out(&writer, &"123456789\n".repeat(10)).await;
    assert_eq!(writer.flush().await.expect("it fits"), 10);
    out(&writer, "one more\n").await;
    assert!(matches!(writer.flush().await, Err(LogError::TooLarge { limit: 100 })));
    out(&writer, "and more\n").await;
    assert_eq!(writer.close("failed").await.expect("closed"), 11);
    let last = store.logs.window(id, -1, 1).await.expect("a window").lines.remove(0);
    assert_eq!(last.stream, LogStream::System);
    assert_eq!(last.text, "The log has reached its limit of 100 bytes: what comes after is not kept.");
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn secrets_are_not_stored(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let id = Uuid::now_v7();
    store.logs.create(id, None).await.expect("a log");
    let writer = store.logs.open_writer(id, Masker::new(["hunter22"])).await.expect("a writer");
    out(&writer, "password hun").await;
    out(&writer, "ter22 and aHVudGVyMjI=\n").await;
    writer.system(0, "login failed for hunter22").await.expect("taken");
    writer.close("failed").await.expect("closed");
    assert_eq!(store.texts(id).await, ["password [masked] and [masked]", "login failed for [masked]"]);
}

/// One line at a time is the hardest for the size: 0.28 of the text while it runs, 0.235 after.
#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn many_small_groups_stay_small_and_pack_well(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    let text = build_output(4000, 2);
    for lines in text.split_inclusive('\n').collect::<Vec<_>>().chunks(3) {
        out(&writer, &lines.concat()).await;
        writer.flush().await.expect("stored");
    }
    let running = chunks(&store, id).await;
    assert!(running.len() <= 4 * 8, "{} chunks", running.len());
    let share = running.iter().sum::<i64>() as f64 / text.len() as f64;
    assert!(share <= 0.28, "{share} of the text while running");
    writer.close("succeeded").await.expect("closed");
    let before = store.texts(id).await;
    store.logs.pack(id).await.expect("packed");
    let packed = chunks(&store, id).await;
    assert_eq!(packed.len(), 1);
    let share = packed[0] as f64 / text.len() as f64;
    assert!(share <= 0.235, "{share} of the text when packed");
    assert_eq!(store.texts(id).await, before);
}

async fn chunks(store: &Store, id: Uuid) -> Vec<i64> {
    let length = Expr::cust("CAST(LENGTH(data) AS BIGINT)");
    let found = log_chunk::Entity::find().select_only().expr_as(length, "length").filter_log(id);
    found.into_tuple::<(i64,)>().all(&store.db).await.expect("chunks").into_iter().map(|(length,)| length).collect()
}

trait FilterLog {
    fn filter_log(self, id: Uuid) -> Self;
}

impl FilterLog for sea_orm::Select<log_chunk::Entity> {
    fn filter_log(self, id: Uuid) -> Self {
        sea_orm::QueryFilter::filter(self, log_chunk::COLUMN.log_id.eq(id))
    }
}
