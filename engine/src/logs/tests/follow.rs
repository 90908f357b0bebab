use super::{Kind, Store, build_output, dice, out, texts};
use crate::logs::{FollowEvent, Follower, Logs};
use rand::Rng;
use rstest::rstest;
use types::log::LogLine;
use uuid::Uuid;

/// What a reader saw.
#[derive(Default)]
struct Seen {
    lines: Vec<LogLine>,
    lagged: u32,
    end: Option<(u64, Option<String>)>,
}

/// Reads to the end, sometimes letting others go first, sometimes giving up and starting again after what it has.
async fn read(logs: Logs, id: Uuid, after: u64, seed: u64) -> Seen {
    let mut dice = dice(seed);
    let mut seen = Seen::default();
    let mut follower = logs.follow(id, after).await.expect("a follower");
    while take(&mut follower, &mut seen).await {
        for _ in 0..dice.random_range(0..3) {
            tokio::task::yield_now().await;
        }
        if dice.random_ratio(1, 10) {
            let have = seen.lines.last().map_or(after, |line| line.n);
            follower = logs.follow(id, have).await.expect("a follower");
        }
    }
    seen
}

async fn take(follower: &mut Follower, seen: &mut Seen) -> bool {
    match follower.next().await.expect("no error") {
        Some(FollowEvent::Lines(batch)) => seen.lines.extend_from_slice(batch.lines()),
        Some(FollowEvent::Lagged { after }) => {
            assert_eq!(seen.lines.last().map(|line| line.n), Some(after));
            seen.lagged += 1;
        }
        Some(FollowEvent::End { last, status }) => seen.end = Some((last, status)),
        None => return false,
    }
    true
}

/// Hundreds of schedules of one writer and readers that come at any time, read at any pace and start again.
#[rstest]
#[case(Kind::Sqlite, 300)]
#[case(Kind::Postgres, 100)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_gap_and_no_double(#[case] kind: Kind, #[case] schedules: u64) {
    let store = Store::new(kind).await;
    for seed in 0..schedules {
        let mut dice = dice(seed);
        let (id, writer) = store.log().await;
        let mut expected = Vec::new();
        let mut readers = Vec::new();
        for group in 0..dice.random_range(1..12) {
            if dice.random_ratio(1, 2) {
                let after = dice.random_range(0..=expected.len() + 2) as u64;
                let logs = if dice.random_ratio(1, 5) { store.other_process() } else { store.logs.clone() };
                let seed = dice.random();
                let known = logs.info(id).await.expect("there").lines;
                readers.push((after.min(known), tokio::spawn(read(logs, id, after.min(known), seed))));
            }
            let text = build_output(1 << dice.random_range(0..9), seed * 100 + group);
            out(&writer, &text).await;
            expected.extend(text.lines().map(str::to_owned));
            if dice.random_ratio(1, 3) {
                writer.flush().await.expect("stored");
            }
        }
        let last = writer.close("succeeded").await.expect("closed");
        readers.push((0, tokio::spawn(read(store.logs.clone(), id, 0, seed))));
        for (after, reader) in readers {
            let seen = reader.await.expect("no panic");
            assert_eq!(texts(&seen.lines), expected[after as usize..], "schedule {seed} after {after}");
            assert!(seen.lines.iter().map(|line| line.n).eq(after + 1..=last), "schedule {seed} after {after}");
            assert_eq!(seen.end, Some((last, Some("succeeded".to_owned()))));
        }
    }
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn a_reader_that_falls_behind_is_told_and_catches_up(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    let mut follower = store.logs.follow(id, 0).await.expect("a follower");
    let mut seen = Seen::default();
    out(&writer, "first\n").await;
    assert!(take(&mut follower, &mut seen).await);
    let text = build_output(60_000, 6);
    out(&writer, &text).await;
    let last = writer.close("succeeded").await.expect("closed");
    while take(&mut follower, &mut seen).await {}
    assert_eq!(seen.lagged, 1);
    assert!(seen.lines.iter().map(|line| line.n).eq(1..=last));
    assert!(texts(&seen.lines[1..]).iter().eq(text.lines()));
}

#[tokio::test]
async fn readers_share_what_is_encoded() {
    let store = Store::new(Kind::Sqlite).await;
    let (id, writer) = store.log().await;
    let mut followers = Vec::new();
    for _ in 0..1000 {
        followers.push(store.logs.follow(id, 0).await.expect("a follower"));
    }
    out(&writer, "shared\n").await;
    let mut frames = Vec::new();
    for follower in &mut followers {
        let Some(FollowEvent::Lines(batch)) = follower.next().await.expect("no error") else { panic!("lines") };
        frames.push(batch.frame());
    }
    assert!(frames.iter().all(|frame| frame.as_ptr() == frames[0].as_ptr()));
}

#[tokio::test]
async fn a_number_of_the_future_means_the_end() {
    let store = Store::new(Kind::Sqlite).await;
    let (id, writer) = store.log().await;
    out(&writer, "one\n").await;
    writer.flush().await.expect("stored");
    let mut follower = store.logs.follow(id, 77).await.expect("a follower");
    out(&writer, "two\n").await;
    let mut seen = Seen::default();
    assert!(take(&mut follower, &mut seen).await);
    assert_eq!(texts(&seen.lines), ["two"]);
}

#[rstest]
#[case(Kind::Sqlite)]
#[case(Kind::Postgres)]
#[tokio::test]
async fn a_log_of_another_process_is_followed(#[case] kind: Kind) {
    let store = Store::new(kind).await;
    let (id, writer) = store.log().await;
    let reader = tokio::spawn(read(store.other_process(), id, 0, 7));
    out(&writer, "one\n").await;
    writer.flush().await.expect("stored");
    out(&writer, "two\n").await;
    writer.close("succeeded").await.expect("closed");
    assert_eq!(texts(&reader.await.expect("no panic").lines), ["one", "two"]);
}

#[tokio::test]
async fn who_goes_back_is_told_the_end_again() {
    let store = Store::new(Kind::Sqlite).await;
    let (id, writer) = store.log().await;
    out(&writer, "one\ntwo\n").await;
    let last = writer.close("succeeded").await.expect("closed");
    let mut follower = store.logs.follow(id, 0).await.expect("a follower");
    for (after, lines) in [(0, 2), (1, 1), (last, 0)] {
        follower.seek(after);
        let mut seen = Seen::default();
        while take(&mut follower, &mut seen).await {}
        assert_eq!(seen.lines.len(), lines);
        assert_eq!(seen.end, Some((last, Some("succeeded".to_owned()))), "after {after}");
    }
}
