//! `wait=settled`: an answer that comes when a run is settled. It ends the waiting, never the run.

use super::{
    Problem,
    extract::{Format, located},
};
use crate::state::AppState;
use axum::response::{IntoResponse, Response};
use engine::Started;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use types::{ErrorCode, build_run::BuildRun, build_run::BuildRunStatus, run::Run, run::RunStatus};
use utoipa::{IntoParams, ToSchema};

use super::{extract::lines, lines::Line};

/// How long is waited where nothing is said: proxies often cut at 60 s.
const TIMEOUT_DEFAULT_MS: u64 = 30_000;
/// The longest that one request waits.
const TIMEOUT_MAX_MS: u64 = 600_000;

/// Whether and how long to wait.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WaitQuery {
    /// Answer when it is settled.
    #[param(inline)]
    wait: Option<WaitFor>,
    /// For at most this long; then 202, and the run goes on.
    #[param(minimum = 0, maximum = 600_000, default = 30_000)]
    timeout_ms: Option<u64>,
    /// Anything but success is 424, with the run in `run`, so that `curl -f` tells.
    #[param(inline)]
    expect: Option<Expected>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WaitFor {
    Settled,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Succeeded,
}

/// A `WaitQuery` that makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// `None`: do not wait.
    pub(super) timeout: Option<Duration>,
    expect_success: bool,
}

impl WaitQuery {
    /// Refuses a limit that is out of range or limits nothing. To expect success is to wait for it.
    pub(super) fn checked(self) -> Result<Waiting, Problem> {
        let Self { wait, timeout_ms, expect } = self;
        let waits = wait.is_some() || expect.is_some();
        match timeout_ms {
            Some(ms) if ms > TIMEOUT_MAX_MS => {
                Err(Problem::field("timeout_ms", format!("must be 0 to {TIMEOUT_MAX_MS}; it is {ms}")))
            }
            Some(_) if !waits => Err(Problem::field("timeout_ms", "needs wait=settled")),
            ms => {
                let timeout = Duration::from_millis(ms.unwrap_or(TIMEOUT_DEFAULT_MS));
                Ok(Waiting { timeout: waits.then_some(timeout), expect_success: expect.is_some() })
            }
        }
    }
}

/// What can be waited for.
pub(super) trait Settles: Serialize {
    /// `None`: not settled; else whether it succeeded.
    fn succeeded(&self) -> Option<bool>;
    /// Below `/api/v1`.
    fn path(&self) -> String;
    fn text(&self) -> String;
}

impl Settles for Run {
    fn succeeded(&self) -> Option<bool> {
        self.status.is_settled().then_some(self.status == RunStatus::Succeeded)
    }

    fn path(&self) -> String {
        format!("/runs/{}", self.id)
    }

    fn text(&self) -> String {
        lines(&self.items)
    }
}

impl Settles for BuildRun {
    fn succeeded(&self) -> Option<bool> {
        self.status.is_final().then_some(self.status == BuildRunStatus::Succeeded)
    }

    fn path(&self) -> String {
        format!("/builds/{}/runs/{}", self.build, self.number)
    }

    fn text(&self) -> String {
        self.line()
    }
}

impl Waiting {
    /// The answer to a POST: 202 unless it waited and the thing is settled.
    pub(super) fn started<T: Settles>(self, app: &AppState, format: Format, started: &Started<T>) -> Response {
        let mut response = self.answer(app, format, &started.value, StatusCode::ACCEPTED);
        if started.replayed {
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    }

    /// The answer to a GET: 200 unless the time was up.
    pub(super) fn read<T: Settles>(self, app: &AppState, format: Format, value: &T) -> Response {
        self.answer(app, format, value, StatusCode::OK)
    }

    fn answer<T: Settles>(self, app: &AppState, format: Format, value: &T, without_wait: StatusCode) -> Response {
        let status = match (self.timeout, value.succeeded()) {
            (None, _) => without_wait,
            (Some(_), Some(true)) => StatusCode::OK,
            (Some(_), Some(false)) if self.expect_success => return failed(ErrorCode::RunFailed, value),
            (Some(_), None) if self.expect_success => return failed(ErrorCode::NotSettled, value),
            (Some(_), Some(false)) => StatusCode::OK,
            (Some(_), None) => StatusCode::ACCEPTED,
        };
        let response = format.with(status, value, || value.text());
        if status == StatusCode::ACCEPTED { located(response, &app.web.api_path(&value.path())) } else { response }
    }
}

fn failed<T: Settles>(code: ErrorCode, value: &T) -> Response {
    let detail = match code {
        ErrorCode::NotSettled => "It is not settled yet, and goes on. Ask again.",
        _ => "It is settled, and did not succeed.",
    };
    Problem::new(code, detail).with("run", value).into_response()
}

#[cfg(test)]
mod tests {
    use super::{Expected, WaitFor, WaitQuery};
    use rstest::rstest;
    use std::time::Duration;

    #[rstest]
    #[case(false, None, false, Ok(None))]
    #[case(true, None, false, Ok(Some(30_000)))]
    #[case(true, Some(0), true, Ok(Some(0)))]
    #[case(true, Some(600_000), false, Ok(Some(600_000)))]
    #[case(true, Some(600_001), false, Err(()))]
    #[case(false, Some(5), false, Err(()))]
    #[case(false, None, true, Ok(Some(30_000)))]
    fn limits(
        #[case] wait: bool,
        #[case] timeout_ms: Option<u64>,
        #[case] expect: bool,
        #[case] waits: Result<Option<u64>, ()>,
    ) {
        let query = WaitQuery {
            wait: wait.then_some(WaitFor::Settled),
            timeout_ms,
            expect: expect.then_some(Expected::Succeeded),
        };
        let checked = query.checked().map(|it| it.timeout).map_err(|_| ());
        assert_eq!(checked, waits.map(|ms| ms.map(Duration::from_millis)));
    }
}
