//! What a container prints, as lines; taken up where it was left.
//!
//! The engine keeps what is printed, each piece with its time. So after a broken connection, or a
//! stop of Slipway, the output is asked for again from a time shortly before the last line that the
//! log has, and as many lines of each stream are passed over as the log has from that time on.

use super::{DockerEngine, DockerError, failure::meaning};
use crate::{
    line::{Line, Lines},
    partial::Partial,
};
use bollard::{container::LogOutput, query_parameters::LogsOptions};
use futures::StreamExt;
use std::time::Duration;
use types::{Time, log::LogStream};

/// A quiet program may print nothing for as long as its step may take.
const QUIET_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// Where the output is taken up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Seconds since 1970; 0: from the beginning.
    pub since_s: i64,
    /// Lines of standard output and standard error from then on that the log has already.
    pub skip: [u64; 2],
}

/// Output on its way to being lines.
#[derive(Default)]
pub(super) struct Output {
    open: [Open; 2],
    skip: [u64; 2],
}

/// A line that has not ended, with the time of its first piece.
#[derive(Default)]
struct Open {
    partial: Partial,
    since: Option<Time>,
}

impl DockerEngine {
    /// Hands over what a container prints until it ends; then all of it has been handed over.
    pub async fn follow(&self, id: &str, cursor: Cursor, lines: &Lines) -> Result<(), DockerError> {
        let options = LogsOptions {
            follow: true,
            stdout: true,
            stderr: true,
            since: i32::try_from(cursor.since_s).unwrap_or(0),
            timestamps: true,
            ..LogsOptions::default()
        };
        let mut output = Output::new(cursor.skip);
        let docker = self.transport.client(QUIET_LIMIT, &self.docker.client_version()).map_err(meaning)?;
        let mut printed = docker.logs(id, Some(options));
        while let Some(piece) = printed.next().await {
            let (stream, piece) = match piece.map_err(meaning)? {
                LogOutput::StdOut { message } => (LogStream::Stdout, message),
                LogOutput::StdErr { message } => (LogStream::Stderr, message),
                // Half a piece before a connection broke; it is asked for again.
                LogOutput::StdIn { .. } | LogOutput::Console { .. } => continue,
            };
            for line in output.read(stream, &piece) {
                lines.send(line).await?;
            }
        }
        if self.exit_of(id).await?.is_none() {
            return Err(DockerError::EngineUnreachable("the output of a running container ended".to_owned()));
        }
        for line in output.finish() {
            lines.send(line).await?;
        }
        Ok(())
    }
}

impl Output {
    pub(super) fn new(skip: [u64; 2]) -> Self {
        Self { open: Default::default(), skip }
    }

    /// Takes a piece as the engine keeps it: a time, a space, and what was printed.
    pub(super) fn read(&mut self, stream: LogStream, piece: &[u8]) -> Vec<Line> {
        let (at, text) = timed(piece).unwrap_or_else(|| (crate::now(), piece));
        let which = usize::from(stream == LogStream::Stderr);
        let open = &mut self.open[which];
        let mut since = *open.since.get_or_insert(at);
        let mut lines = Vec::new();
        for text in open.partial.push(text) {
            lines.push(Line { at: since, stream, text });
            since = at;
        }
        open.since = open.partial.is_begun().then_some(since);
        let skipped = lines.len().min(usize::try_from(self.skip[which]).unwrap_or(usize::MAX));
        self.skip[which] -= skipped as u64;
        lines.split_off(skipped)
    }

    /// Lines that were begun and never ended.
    pub(super) fn finish(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (which, stream) in [LogStream::Stdout, LogStream::Stderr].into_iter().enumerate() {
            let Open { partial, since } = &mut self.open[which];
            let Some(text) = partial.finish() else { continue };
            if self.skip[which] == 0 {
                lines.push(Line { at: since.unwrap_or_else(crate::now), stream, text });
            }
        }
        lines
    }
}

fn timed(piece: &[u8]) -> Option<(Time, &[u8])> {
    let end = memchr::memchr(b' ', piece)?;
    let at = Time::parse(std::str::from_utf8(&piece[..end]).ok()?)?;
    Some((at, &piece[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::Output;
    use proptest::prelude::*;
    use rstest::rstest;
    use types::log::LogStream::{self, Stderr, Stdout};

    fn printed(second: usize, text: &str) -> Vec<u8> {
        format!("2026-11-27T10:47:{second:02}.435794565Z {text}").into_bytes()
    }

    fn read(pieces: &[(LogStream, Vec<u8>)], skip: [u64; 2]) -> Vec<(LogStream, i64, String)> {
        let mut output = Output::new(skip);
        let mut lines: Vec<_> = pieces.iter().flat_map(|(stream, piece)| output.read(*stream, piece)).collect();
        lines.extend(output.finish());
        let second = |line: &crate::line::Line| line.at.as_millis() / 1000 % 60;
        lines.iter().map(|line| (line.stream, second(line), String::from_utf8_lossy(&line.text).into_owned())).collect()
    }

    #[test]
    fn streams_are_kept_apart_and_a_line_has_the_time_of_its_beginning() {
        let pieces = [
            (Stdout, printed(1, "ha")),
            (Stderr, printed(2, "oops\n")),
            (Stdout, printed(3, "lf\n")),
            (Stdout, printed(4, "next\n")),
            (Stdout, printed(5, "no end")),
        ];
        let expected = [
            (Stderr, 2, "oops".to_owned()),
            (Stdout, 1, "half".to_owned()),
            (Stdout, 4, "next".to_owned()),
            (Stdout, 5, "no end".to_owned()),
        ];
        assert_eq!(read(&pieces, [0, 0]), expected);
    }

    #[test]
    fn a_piece_without_a_time_is_not_lost() {
        let lines = read(&[(Stdout, b"plain words\n".to_vec())], [0, 0]);
        assert_eq!(lines[0].2, "plain words");
    }

    #[rstest]
    #[case([0, 0], &["a", "b", "E", "c", "F"])]
    #[case([2, 0], &["E", "c", "F"])]
    #[case([2, 1], &["c", "F"])]
    #[case([3, 2], &[])]
    #[case([9, 9], &[])]
    fn passes_over_what_the_log_has(#[case] skip: [u64; 2], #[case] expected: &[&str]) {
        let pieces = [
            (Stdout, printed(1, "a\n")),
            (Stdout, printed(1, "b\n")),
            (Stderr, printed(1, "E\n")),
            (Stdout, printed(2, "c\n")),
            (Stderr, printed(2, "F")),
        ];
        let texts: Vec<String> = read(&pieces, skip).into_iter().map(|(_, _, text)| text).collect();
        assert_eq!(texts, expected);
    }

    proptest! {
        /// Wherever the output is cut, what is read after it begins right behind what was read before.
        #[test]
        fn a_second_reading_goes_on_where_the_first_ended(
            words in prop::collection::vec(("[a-z]{0,3}\n?", any::<bool>()), 1..30),
            cut in 0_usize..30,
        ) {
            let pieces: Vec<_> = words
                .iter()
                .map(|(text, error)| (if *error { Stderr } else { Stdout }, printed(1, text)))
                .collect();
            let whole = read(&pieces, [0, 0]);
            let mut before = Output::new([0, 0]);
            let seen: Vec<_> =
                pieces.iter().take(cut).flat_map(|(stream, piece)| before.read(*stream, piece)).collect();
            let count = |stream| seen.iter().filter(|line| line.stream == stream).count() as u64;
            let after = read(&pieces, [count(Stdout), count(Stderr)]);
            prop_assert_eq!(&whole[whole.len() - after.len()..], &after[..]);
            prop_assert_eq!(seen.len() + after.len(), whole.len());
        }
    }
}
