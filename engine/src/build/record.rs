//! What of a build run is written down while it runs: every change is compare-and-set.

use crate::{
    Engine, Error,
    bus::Change,
    now,
    service::build_runs::status_of,
    state::build_run::{self as state, Event},
    store::{self, build_run, build_step},
    worker::leased_until,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, UpdateResult, sea_query::Expr,
};
use types::{
    Digest,
    build_run::{BuildFailure, BuildRunStatus, ImageFacts, StepStatus},
};
use uuid::Uuid;

/// What a succeeded run knows of its image.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) digest: Digest,
    pub(crate) size_bytes: u64,
    pub(crate) platforms: Vec<String>,
    pub(crate) facts: ImageFacts,
}

/// How a run ends.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) event: Event,
    pub(crate) failure: Option<BuildFailure>,
    pub(crate) reason: Option<String>,
    pub(crate) made: Option<Made>,
}

/// Who moves a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The process that works on it, with the fence of its claim.
    Worker { fence: i64 },
    /// Whoever asks for it; or nobody works on it yet.
    Anybody,
}

/// Moves a run by an event, if the event can come; the state it has then.
pub(crate) async fn finish(engine: &Engine, id: Uuid, by: By, ending: Ending) -> Result<BuildRunStatus, Error> {
    loop {
        let row = build_run::Entity::find_by_id(id).one(&engine.db).await?;
        let row = row.ok_or_else(|| Error::NotFound("build run".to_owned()))?;
        let from = status_of(&row.status)?;
        let fence = match by {
            By::Worker { fence } if fence != row.fence => return Err(fenced(&row)),
            By::Worker { fence } => fence,
            By::Anybody => row.fence,
        };
        let Some(to) = state::next(from, ending.event) else { return Ok(from) };
        let mut change = ending_columns(&row, to, &ending)?;
        change.status = Set(to.as_str().to_owned());
        if ending.event == Event::Started {
            change.holder = Set(engine.holder());
            change.fence = Set(fence + 1);
            change.leased_until = Set(Some(leased_until()));
        }
        let changed = build_run::Entity::update_many()
            .set(change)
            .filter(build_run::COLUMN.id.eq(id))
            .filter(build_run::COLUMN.status.eq(from.as_str()))
            .filter(build_run::COLUMN.fence.eq(fence))
            .exec(&engine.db)
            .await?;
        if changed.rows_affected == 1 {
            if to.is_final() {
                end_open_steps(engine, id, to).await?;
            }
            tell(engine, &row);
            return Ok(to);
        }
    }
}

fn ending_columns(
    row: &build_run::Model,
    to: BuildRunStatus,
    ending: &Ending,
) -> Result<build_run::ActiveModel, Error> {
    let now = now();
    let mut change: build_run::ActiveModel = Default::default();
    if ending.event == Event::Started {
        change.started_at = Set(Some(now.as_millis()));
    }
    if to.is_final() {
        change.ended_at = Set(Some(now.as_millis()));
        change.holder = Set(None);
        let begun = row.started_at.map(types::Time::from_millis);
        change.duration_ms = Set(begun.and_then(|begun| i64::try_from(now.since_ms(begun)).ok()));
    }
    if let Some(failure) = ending.failure.as_ref().filter(|_| to == BuildRunStatus::Failed) {
        change.failure = Set(Some(store::write(failure)?));
    }
    let late = row.status == BuildRunStatus::Canceling.as_str() && to == BuildRunStatus::Succeeded;
    let reason = if late { Some("cancel came too late".to_owned()) } else { ending.reason.clone() };
    change.reason = Set(reason);
    if let Some(Made { digest, size_bytes, platforms, facts }) = &ending.made {
        change.digest = Set(Some(digest.to_string()));
        change.size_bytes = Set(i64::try_from(*size_bytes).ok());
        change.platforms = Set(store::write(platforms)?);
        change.facts = Set(Some(store::write(facts)?));
    }
    Ok(change)
}

fn fenced(row: &build_run::Model) -> Error {
    Error::Fenced(format!("build {} #{}", row.build_name, row.number))
}

/// Steps that never came are skipped; one that was under way ends as its run does.
async fn end_open_steps(engine: &Engine, id: Uuid, run: BuildRunStatus) -> Result<(), Error> {
    let running = if run == BuildRunStatus::Canceled { StepStatus::Canceled } else { StepStatus::Failed };
    for (from, to) in [(StepStatus::Waiting, StepStatus::Skipped), (StepStatus::Running, running)] {
        build_step::Entity::update_many()
            .col_expr(build_step::Column::Status, Expr::value(to.as_str()))
            .filter(build_step::COLUMN.build_run_id.eq(id))
            .filter(build_step::COLUMN.status.eq(from.as_str()))
            .exec(&engine.db)
            .await?;
    }
    Ok(())
}

/// Tells everybody who waits for this run.
pub(crate) fn tell(engine: &Engine, row: &build_run::Model) {
    engine.workers.builds.notify_one();
    engine.workers.runs.notify_one();
    engine.bus.tell(Change::BuildRun { id: row.id, build_id: row.build_id });
}

/// Writes the states of steps.
pub(crate) struct Recorder<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) row: &'a build_run::Model,
}

impl Recorder<'_> {
    /// Begins a step, whose first line will have this number; what an earlier try left is forgotten.
    pub(crate) async fn step_started(&self, index: usize, first_line: u64) -> Result<(), Error> {
        let change = build_step::ActiveModel {
            status: Set(StepStatus::Running.as_str().to_owned()),
            started_at: Set(Some(now().as_millis())),
            first_line: Set(i64::try_from(first_line).ok()),
            ..Default::default()
        };
        self.step(index, change).await
    }

    /// Ends a step; `lines` are the numbers of its first and last line, if it has any.
    pub(crate) async fn step_ended(
        &self,
        index: usize,
        status: StepStatus,
        duration_ms: u64,
        lines: Option<(u64, u64)>,
        failure: Option<&BuildFailure>,
    ) -> Result<(), Error> {
        let number = |n: u64| i64::try_from(n).ok();
        let change = build_step::ActiveModel {
            status: Set(status.as_str().to_owned()),
            duration_ms: Set(number(duration_ms)),
            first_line: Set(lines.and_then(|(first, _)| number(first))),
            last_line: Set(lines.and_then(|(_, last)| number(last))),
            failure: Set(failure.map(store::write).transpose()?),
            ..Default::default()
        };
        self.step(index, change).await
    }

    /// Writes what a step extracted.
    pub(super) async fn step_gave(&self, index: usize, outputs: sea_orm::JsonValue) -> Result<(), Error> {
        self.step(index, build_step::ActiveModel { outputs: Set(Some(outputs)), ..Default::default() }).await
    }

    /// Writes what the code repository told, and the tag where it comes from the commit.
    pub(crate) async fn source(&self, commit: &str, tag: Option<&str>) -> Result<(), Error> {
        let mut change = build_run::ActiveModel { commit: Set(Some(commit.to_owned())), ..Default::default() };
        if let Some(tag) = tag {
            change.tag = Set(Some(tag.to_owned()));
        }
        let written = build_run::Entity::update_many()
            .set(change)
            .filter(build_run::COLUMN.id.eq(self.row.id))
            .filter(build_run::COLUMN.fence.eq(self.row.fence))
            .exec(&self.engine.db)
            .await?;
        self.told(written)
    }

    async fn step(&self, index: usize, change: build_step::ActiveModel) -> Result<(), Error> {
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        let ours = build_run::Entity::find()
            .select_only()
            .column(build_run::Column::Id)
            .filter(build_run::COLUMN.id.eq(self.row.id))
            .filter(build_run::COLUMN.fence.eq(self.row.fence));
        let written = build_step::Entity::update_many()
            .set(change)
            .filter(build_step::Column::BuildRunId.in_subquery(ours.into_query()))
            .filter(build_step::COLUMN.index.eq(index))
            .exec(&self.engine.db)
            .await?;
        self.told(written)
    }

    /// Tells what was written. Nothing was: another process works on the run now.
    fn told(&self, written: UpdateResult) -> Result<(), Error> {
        if written.rows_affected == 0 {
            return Err(fenced(self.row));
        }
        tell(self.engine, self.row);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{By, Ending, Made, finish};
    use crate::{
        Config, Engine,
        state::build_run::Event,
        store::{self, build_run},
    };
    use sea_orm::{ActiveValue::Set, EntityTrait};
    use serde_json::json;
    use types::{
        Digest,
        build_run::{BaseImage, BuildRunStatus, ImageFacts, ImageFile, ImageLayer},
    };
    use uuid::Uuid;

    #[tokio::test]
    async fn a_run_that_succeeded_knows_its_image() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(Config::embedded(folder.path(), "http://s.example")).await.expect("an engine");
        let run = build_run::ActiveModel {
            id: Set(Uuid::now_v7()),
            build_id: Set(1),
            build_name: Set("web".to_owned()),
            number: Set(1),
            kind: Set("run".to_owned()),
            edited: Set(false),
            status: Set("running".to_owned()),
            repository: Set("web".to_owned()),
            platforms: Set(json!([])),
            params: Set(json!({})),
            flow: Set(json!({})),
            rejected: Set(false),
            image_gone: Set(false),
            requested_by: Set("mina".to_owned()),
            engine_id: Set(1),
            engine_name: Set("local".to_owned()),
            registry_id: Set(1),
            cancel_requested: Set(false),
            restarts: Set(0),
            created_at: Set(0),
            ..Default::default()
        };
        let row = build_run::Entity::insert(run).exec_with_returning(&engine.db).await.expect("a run");
        assert_eq!(row.facts, None);
        let digest = Digest::parse(&format!("sha256:{}", "a".repeat(64))).expect("a digest");
        let facts = ImageFacts {
            layers: vec![ImageLayer { digest: digest.clone(), size_bytes: 7 }],
            base: Some(BaseImage { name: "docker.io/library/alpine:3".to_owned(), digest: Some(digest.clone()) }),
            annotations: [("version".to_owned(), "1".to_owned())].into(),
            largest_files: Some(vec![ImageFile { path: "/srv/ä".to_owned(), size_bytes: 9 }]),
        };
        let platforms = vec!["linux/amd64".to_owned()];
        let made = Made { digest, size_bytes: 12, platforms: platforms.clone(), facts: facts.clone() };
        let ending = Ending { event: Event::Finished, failure: None, reason: None, made: Some(made) };
        let status = finish(&engine, row.id, By::Worker { fence: row.fence }, ending).await.expect("an end");
        assert_eq!(status, BuildRunStatus::Succeeded);
        let row = build_run::Entity::find_by_id(row.id).one(&engine.db).await.expect("a row").expect("a run");
        assert_eq!(row.facts.as_ref().map(|kept| store::read::<ImageFacts>(kept).expect("facts")), Some(facts));
        assert_eq!((row.size_bytes, row.platforms), (Some(12), json!(platforms)));
    }
}
