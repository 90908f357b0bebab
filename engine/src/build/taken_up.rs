//! A run that was under way when Slipway ended, at its next start.

use super::{
    execute::{Work, step_number},
    patience::Patience,
    resume::{Left, Stood, in_container, left},
    space::uses_containers,
    step_end::StepEnd,
};
use crate::{
    Error, now,
    store::{self, build_step},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use std::time::Duration;
use types::{
    Time,
    build::Step,
    build_run::{BuildCause, StepStatus},
};

/// A step whose container went on without Slipway.
#[derive(Clone, Copy, Debug)]
pub(super) struct GoesOn {
    pub(super) index: usize,
    /// How long it runs already.
    pub(super) spent: Duration,
    /// Number of its first line.
    pub(super) first_line: Option<u64>,
}

/// Where a run is taken up.
#[derive(Debug)]
pub(super) struct TakenUp {
    /// By index: whether a step is done, and need not be done again.
    pub(super) done: Vec<bool>,
    pub(super) goes_on: Option<GoesOn>,
}

impl Work {
    pub(super) async fn take_up(&self, steps: &[Step]) -> Result<TakenUp, StepEnd> {
        let rows = build_step::Entity::find()
            .filter(build_step::COLUMN.build_run_id.eq(self.row.id))
            .order_by_asc(build_step::Column::Index)
            .all(&self.engine.db)
            .await
            .map_err(Error::from)?;
        let begun = if uses_containers(&self.flow) { self.begun_containers().await? } else { Vec::new() };
        let mut stood = Vec::with_capacity(steps.len());
        for (index, (step, row)) in steps.iter().zip(&rows).enumerate() {
            let status: StepStatus = store::read(&row.status.as_str().into())?;
            stood.push(Stood { step, status, begun: begun.contains(&index) });
        }
        let done = match left(&stood) {
            Left::Steps(done) => done,
            Left::Interrupted(index) => {
                let words = format!("Slipway was stopped during the call of step {}", steps[index].name());
                return Err(StepEnd::failed(BuildCause::Interrupted, words));
            }
        };
        let in_space = |(index, &done): (usize, &bool)| done && in_container(&steps[index]);
        if begun.is_empty() && done.iter().enumerate().any(in_space) {
            let words = "the work space of this run was removed while Slipway was stopped";
            return Err(StepEnd::failed(BuildCause::Interrupted, words));
        }
        let goes_on = stood.iter().position(|stood| stood.status == StepStatus::Running && stood.begun);
        match goes_on {
            Some(index) => self.log.system(step_number(index), "went on while the server was stopped").await?,
            None => self.log.system(0, "restarted after server stop").await?,
        }
        Ok(TakenUp { done, goes_on: goes_on.map(|index| GoesOn::of(index, &rows[index])) })
    }

    /// Steps whose containers were started, however long the engine takes to answer.
    async fn begun_containers(&self) -> Result<Vec<usize>, StepEnd> {
        let mut patience = Patience::new();
        loop {
            let asked = async { Ok(self.docker().await?.containers_of(&self.label()).await?) };
            match asked.await {
                Ok(containers) => {
                    return Ok(containers.iter().filter(|found| found.begun).map(|found| found.step).collect());
                }
                Err(StepEnd::EngineUnreachable(why)) => self.be_patient(0, &mut patience, why).await?,
                Err(other) => return Err(other),
            }
        }
    }
}

impl GoesOn {
    fn of(index: usize, row: &build_step::Model) -> Self {
        let spent_ms = row.started_at.map_or(0, |began| now().since_ms(Time::from_millis(began)));
        let first_line = row.first_line.and_then(|n| u64::try_from(n).ok());
        Self { index, spent: Duration::from_millis(spent_ms), first_line }
    }
}
