//! A container that does not stay up: it crashes, is killed for memory, or cannot be started at all.

use super::{Finding, Rule, Seen, words};
use crate::kube::pod::{ContainerState, Exit};
use types::{
    run::{Cause, Evidence},
    task::Role,
};

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Memory,
    Platform,
    /// The runtime never got to run the program.
    NotStarted,
    Crash,
}

impl Ending {
    fn of(exit: &Exit) -> Self {
        let message = exit.message.to_lowercase();
        let memory = ["oom-killed", "memory limit too low"].iter().any(|words| message.contains(words));
        if exit.reason == "OOMKilled" || memory {
            return Ending::Memory;
        }
        if message.contains("exec format error") {
            return Ending::Platform;
        }
        let not_started = matches!(exit.reason.as_str(), "StartError" | "ContainerCannotRun");
        if not_started { Ending::NotStarted } else { Ending::Crash }
    }

    fn code(self) -> Cause {
        match self {
            Ending::Memory => Cause::OutOfMemory,
            Ending::Platform => Cause::WrongPlatform,
            Ending::NotStarted | Ending::Crash => Cause::CrashLoop,
        }
    }
}

pub(super) fn finding(seen: Seen<'_>) -> Option<Finding> {
    let exit = seen.container.exit()?;
    if !is_trouble(seen, exit) {
        return None;
    }
    let count = seen.container.exits();
    let ending = Ending::of(exit);
    let (reason, state) = match &seen.container.state {
        ContainerState::Waiting { reason, message } => (reason.clone(), format!("{reason}: {message}")),
        ContainerState::Exited(exit) => (exit.reason.clone(), described(exit)),
        ContainerState::Running | ContainerState::Unknown => (exit.reason.clone(), "Runs again.".to_owned()),
    };
    let mut evidence = vec![words::pod(&seen.pod.name, state), words::pod(&seen.pod.name, described(exit))];
    evidence.dedup();
    evidence.extend(words::newest(seen.events_of(&["Unhealthy"])).map(words::event));
    Some(Finding {
        code: ending.code(),
        message: sentence(seen, exit, ending, count),
        advice: advice(seen, ending).to_owned(),
        evidence,
        pod: Some(seen.pod.name.clone()),
        container: Some(seen.container.name.clone()),
        reason,
        count,
        rule: Rule::ThirdExit,
        has_log: matches!(ending, Ending::Memory | Ending::Crash),
        vague: false,
    })
}

/// An init container may end well; nothing else may end. What runs and is ready again has healed.
fn is_trouble(seen: Seen<'_>, exit: &Exit) -> bool {
    match seen.container.state {
        ContainerState::Running => !seen.container.ready && seen.container.role != Role::Init,
        ContainerState::Exited(_) | ContainerState::Waiting { .. } => {
            seen.container.role != Role::Init || exit.code != 0
        }
        ContainerState::Unknown => false,
    }
}

fn described(exit: &Exit) -> String {
    let signal = exit.signal.map(|signal| format!(", signal {signal}")).unwrap_or_default();
    let message = if exit.message.is_empty() { String::new() } else { format!(": {}", exit.message) };
    format!("{}, exit code {}{signal}{message}", exit.reason, exit.code)
}

fn sentence(seen: Seen<'_>, exit: &Exit, ending: Ending, count: u32) -> String {
    let name = words::container(seen);
    let span = exit.at.zip(seen.pod.created_at).map(|(at, created)| words::span(at.since_ms(created)));
    let often = match (count, span) {
        (2.., Some(span)) => format!(", {} in {span}", words::times(count)),
        (2.., None) => format!(", {}", words::times(count)),
        (_, _) => String::new(),
    };
    match ending {
        Ending::Memory => format!("{name} was killed because it used more memory than its limit{often}."),
        Ending::Platform => format!("{name} is not made for the platform of the node (exec format error){often}."),
        Ending::NotStarted => format!("{name} cannot be started{often}: {}", words::sentence(&exit.message)),
        Ending::Crash if exit.code == 0 => format!("{name} ended by itself with 0{often}, but it must keep running."),
        Ending::Crash => format!("{name} exited with {}{often}.", exit.code),
    }
}

fn advice(seen: Seen<'_>, ending: Ending) -> &'static str {
    match ending {
        Ending::Memory => "Raise resources.limits.memory of the container, or have the program use less.",
        Ending::Platform => "Build the image for the architecture of the nodes.",
        Ending::NotStarted => "Check the command and the entry point of the image.",
        Ending::Crash if seen.events_of(&["Unhealthy"]).any(|event| event.message.starts_with("Liveness")) => {
            "The liveness probe fails and has it killed: check the probe and how long the start takes."
        }
        Ending::Crash => "Read the last lines of its log; go back to the version that ran if it must run now.",
    }
}

/// Adds the last lines of the crashed container to the evidence, and what they give away: a program that the kernel
/// cannot run says so only there.
pub fn with_lines(mut finding: Finding, lines: &[String]) -> Finding {
    if lines.is_empty() {
        return finding;
    }
    let container = finding.container.clone().unwrap_or_default();
    if finding.code == Cause::CrashLoop && lines.iter().any(|line| line.contains("exec format error")) {
        finding.code = Cause::WrongPlatform;
        finding.message =
            format!("Container {container} is not made for the platform of the node (exec format error).");
        finding.advice = "Build the image for the architecture of the nodes.".to_owned();
    }
    let name = format!("{}/{container}", finding.pod.as_deref().unwrap_or_default());
    finding.evidence.push(Evidence { kind: "log".to_owned(), name, text: lines.join("\n") });
    finding
}
