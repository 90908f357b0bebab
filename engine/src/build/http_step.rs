//! The step that calls a URL. The call is sent once: whether it is safe to repeat nobody knows.

use super::{
    execute::{Work, say},
    outputs::Output,
    step_end::StepEnd,
    values::Values,
};
use crate::{
    line::Lines,
    rest::{self, CallError, CallLimits, PlainCall},
};
use std::{collections::BTreeMap, time::Duration};
use types::{FieldError, build::HttpStep, build_run::BuildCause};

/// Calls, checks the answer, and gives what was taken out of it.
pub(super) async fn run(work: &Work, step: &HttpStep, lines: &Lines) -> Result<BTreeMap<String, Output>, StepEnd> {
    let failed = |why: String| StepEnd::failed(BuildCause::StepFailed, why);
    let call = filled(step, &work.values).map_err(failed)?.parse().map_err(|fields| failed(words(&fields)))?;
    say(lines, call.line()).await?;
    let limits = CallLimits { time: Duration::from_millis(step.time_limit_ms), ..CallLimits::default() };
    let answer = rest::call(&call, &work.engine.egress, limits, &work.cancel).await.map_err(ended)?;
    for line in answer.lines() {
        say(lines, line).await?;
    }
    let output = |(name, value): (String, String)| {
        let masked = step.extract.get(&name).is_some_and(|extract| extract.masked);
        (name, Output { value: value.into(), masked })
    };
    Ok(answer.values.into_iter().map(output).collect())
}

/// The call as it is written, for a check of what does not depend on values.
pub(super) fn plain(step: &HttpStep) -> PlainCall {
    PlainCall {
        method: step.method.as_str().to_owned(),
        url: step.url.clone(),
        headers: step.headers.clone(),
        body: step.body.clone(),
        expected_status: step.expected_status.clone(),
        extract: step.extract.iter().map(|(name, extract)| (name.clone(), extract.pointer.clone())).collect(),
    }
}

/// The call with its values.
fn filled(step: &HttpStep, values: &Values) -> Result<PlainCall, String> {
    let body = step.body.as_deref().map(|body| values.expand(body)).transpose()?;
    Ok(PlainCall { url: values.expand(&step.url)?, headers: values.expand_all(&step.headers)?, body, ..plain(step) })
}

pub(super) fn words(fields: &[FieldError]) -> String {
    fields.iter().map(|field| format!("{} {}", field.path, field.message)).collect::<Vec<_>>().join("; ")
}

fn ended(error: CallError) -> StepEnd {
    let message = error.to_string();
    match error {
        CallError::Cancelled => StepEnd::Cancelled,
        CallError::TimedOut(_) => StepEnd::failed(BuildCause::Timeout, message),
        CallError::Refused(_)
        | CallError::Unreachable { .. }
        | CallError::Status { .. }
        | CallError::NotJson { .. }
        | CallError::Nothing { .. }
        | CallError::NoValue { .. }
        | CallError::TooLarge { .. }
        | CallError::HeadTooLarge
        | CallError::Redirect(_)
        | CallError::BrokeOff(_)
        | CallError::Local(_) => StepEnd::failed(BuildCause::StepFailed, message),
    }
}
