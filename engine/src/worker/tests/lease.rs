//! Who works on what, and that nobody else writes.

use super::{TestEngine, tagged};
use crate::{
    Config, Engine, Error,
    build::{By, Ending, Recorder, finish},
    now,
    state::build_run::Event,
    store::{build_run, run},
    worker::lease::{claim, take_over},
};
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde_json::json;
use types::run::{Cause, ItemStatus, Run};
use uuid::Uuid;

/// A lease of somebody else, as far from its end as it goes.
fn others(fence: i64) -> run::ActiveModel {
    run::ActiveModel {
        holder: Set(Some(Uuid::nil())),
        fence: Set(fence),
        leased_until: Set(Some(i64::MAX)),
        ..Default::default()
    }
}

impl TestEngine {
    /// A run that does not end by itself.
    async fn rolling(&self) -> Run {
        let run = self.run(json!({"items": [tagged("web", "stuck")]})).await;
        self.reaches(&run, |run| run.items[0].status == ItemStatus::Rolling).await
    }

    async fn change(&self, run: &Run, change: run::ActiveModel) {
        run::ActiveModel { id: Set(run.id), ..change }.update(&self.engine.db).await.expect("a run");
    }

    async fn row(&self, run: &Run) -> run::Model {
        run::Entity::find_by_id(run.id).one(&self.engine.db).await.expect("a database").expect("a run")
    }

    async fn build_row(&self) -> build_run::Model {
        build_run::Entity::find().one(&self.engine.db).await.expect("a database").expect("a build run")
    }
}

#[tokio::test]
async fn what_is_accepted_is_held_from_the_start_and_let_go_at_the_end() {
    let it = TestEngine::start().await;
    let run = it.rolling().await;
    let row = it.row(&run).await;
    assert_eq!((row.holder, row.fence), (it.engine.holder(), 1));
    assert!(row.leased_until.is_some_and(|until| until > now().as_millis()));
    it.api.delete("deployments", "shop", "web");
    it.settled(&run).await;
    assert_eq!(it.row(&run).await.holder, None);
}

#[tokio::test]
async fn who_has_lost_its_lease_writes_nothing_more() {
    let it = TestEngine::start().await;
    let run = it.rolling().await;
    // Another process takes it for dead, and ends in its turn.
    it.change(&run, others(2)).await;
    it.api.delete("deployments", "shop", "web");
    it.change(&run, run::ActiveModel { holder: Set(None), ..Default::default() }).await;
    let settled = it.settled(&run).await;
    let failure = settled.items[0].failure.as_ref().expect("a failure");
    assert_eq!(failure.code, Cause::WorkloadGone);
    assert_eq!(it.row(&run).await.fence, 3, "it was claimed anew before anything was written");
}

#[rstest]
#[case::of_nobody(None, Some(i64::MAX), Some(8))]
#[case::that_ran_out(Some(Uuid::nil()), Some(0), Some(8))]
#[case::of_somebody(Some(Uuid::nil()), Some(i64::MAX), None)]
#[tokio::test]
async fn a_claim(#[case] holder: Option<Uuid>, #[case] until: Option<i64>, #[case] expected: Option<i64>) {
    let it = TestEngine::start().await;
    it.built(1, "sha256:0", "first").await;
    let mut row = it.build_row().await;
    (row.holder, row.fence, row.leased_until) = (holder, 7, until);
    let stored = build_run::ActiveModel::from(row.clone()).reset_all().update(&it.engine.db).await.expect("a row");
    let claimed = claim::<build_run::Entity>(&it.engine, (&stored).into()).await.expect("a database");
    assert_eq!(claimed, expected);
    // Whoever read the same row and comes later comes too late; the holder itself needs not claim again.
    let late = claim::<build_run::Entity>(&it.engine, (&row).into()).await.expect("a database");
    assert_eq!(late, None);
    let again = claim::<build_run::Entity>(&it.engine, (&it.build_row().await).into()).await.expect("a database");
    assert_eq!(again, expected);
}

#[tokio::test]
async fn a_build_that_was_taken_over_is_not_written_by_who_had_it() {
    let it = TestEngine::start().await;
    it.built(1, "sha256:0", "first").await;
    let mut stale = it.build_row().await;
    stale.fence -= 1;
    let recorder = Recorder { engine: &it.engine, row: &stale };
    let wrong = recorder.source("abc", None).await.expect_err("refused");
    assert!(matches!(wrong, Error::Fenced(_)), "{wrong}");
    assert!(matches!(recorder.step_started(0, 1).await, Err(Error::Fenced(_))));
    let ending = Ending { event: Event::Finished, failure: None, reason: None, made: None };
    let wrong = finish(&it.engine, stale.id, By::Worker { fence: stale.fence }, ending).await.expect_err("refused");
    assert!(matches!(wrong, Error::Fenced(_)), "{wrong}");
}

#[tokio::test]
async fn after_a_stop_the_next_process_takes_over_at_once() {
    let it = TestEngine::start().await;
    let run = it.rolling().await;
    let (folder, before) = (it.folder.path().to_owned(), it.engine.holder());
    it.engine.shutdown().await;
    let TestEngine { engine, folder: _kept, .. } = it;
    drop(engine);
    let next = Engine::seated(Config::embedded(folder, "http://s.example")).await.expect("a seat");
    assert_eq!(next.seat.as_ref().and_then(|seat| seat.before), before);
    take_over(&next).await.expect("a database");
    let row = run::Entity::find_by_id(run.id).one(&next.db).await.expect("a database").expect("a run");
    assert_eq!(claim::<run::Entity>(&next, (&row).into()).await.expect("a database"), Some(2));
}
