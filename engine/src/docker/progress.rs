//! BuildKit's progress as lines, in the form of `docker build --progress=plain`:
//!
//! ```text
//! #5 [2/4] RUN make
//! #5 0.123 cc -o app
//! #5 DONE 0.3s
//! ```
//!
//! BuildKit tells states (of vertexes: the instructions) again and again; this says each once, in
//! the order in which it becomes true.

use crate::line::Line;
use crate::partial::Partial;
use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog, VertexStatus};
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use types::log::LogStream;

/// The file descriptor that BuildKit names for what went to standard error.
const STDERR: i64 = 2;

/// What has been said of a build so far.
#[derive(Default)]
pub(super) struct Progress {
    seen: HashMap<String, Seen>,
    order: Vec<String>,
}

/// An instruction that has started or printed something.
struct Seen {
    number: usize,
    started: Option<f64>,
    ended: bool,
    transfers: HashSet<String>,
    output: [Open; 2],
}

/// One of a vertex's streams, with the time of the piece that began its open line.
#[derive(Default)]
struct Open {
    partial: Partial,
    since: f64,
}

impl Progress {
    /// The lines that a message of BuildKit adds.
    pub(super) fn update(&mut self, message: StatusResponse) -> Vec<Line> {
        let StatusResponse { vertexes, statuses, logs, warnings } = message;
        let mut lines = Vec::new();
        for vertex in vertexes.iter().filter(|vertex| vertex.started.is_some()) {
            self.start(vertex, &mut lines);
        }
        for status in &statuses {
            self.transfer(status, &mut lines);
        }
        for log in &logs {
            self.print(log, &mut lines);
        }
        for warning in &warnings {
            let number = self.seen(&warning.vertex).number;
            lines.push(line(LogStream::Stderr, format!("#{number} WARN: {}", String::from_utf8_lossy(&warning.short))));
        }
        for vertex in vertexes.iter().filter(|vertex| vertex.completed.is_some()) {
            self.end(vertex, &mut lines);
        }
        lines
    }

    /// Lines that were begun and never ended.
    pub(super) fn finish(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for digest in &self.order {
            if let Some(seen) = self.seen.get_mut(digest) {
                seen.flush(&mut lines);
            }
        }
        lines
    }

    fn seen(&mut self, digest: &str) -> &mut Seen {
        let number = self.order.len() + 1;
        self.seen.entry(digest.to_owned()).or_insert_with(|| {
            self.order.push(digest.to_owned());
            Seen { number, started: None, ended: false, transfers: HashSet::new(), output: Default::default() }
        })
    }

    fn start(&mut self, vertex: &Vertex, lines: &mut Vec<Line>) {
        let started = vertex.started.as_ref().map(|time| seconds(time.seconds, time.nanos));
        let seen = self.seen(&vertex.digest);
        if seen.started.is_none() {
            lines.push(line(LogStream::System, format!("#{} {}", seen.number, vertex.name.replace('\n', " "))));
        }
        if seen.started != started {
            seen.started = started;
            seen.ended = false;
        }
    }

    /// Pulls, context transfers and exports: said when they are done.
    fn transfer(&mut self, status: &VertexStatus, lines: &mut Vec<Line>) {
        let Some(completed) = &status.completed else { return };
        let seen = self.seen(&status.vertex);
        if !seen.transfers.insert(status.id.clone()) {
            return;
        }
        let started = status.started.as_ref().map(|time| seconds(time.seconds, time.nanos));
        let took = started.map_or(0.0, |started| seconds(completed.seconds, completed.nanos) - started);
        let mut text = format!("#{} {}", seen.number, status.id);
        match (status.current, status.total) {
            (0, 0) => {}
            (current, 0) => text.push_str(&format!(" {}", size(current))),
            (current, total) => text.push_str(&format!(" {} / {}", size(current), size(total))),
        }
        if took > 0.01 {
            text.push_str(&format!(" {took:.1}s"));
        }
        text.push_str(" done");
        lines.push(line(LogStream::System, text));
    }

    fn print(&mut self, log: &VertexLog, lines: &mut Vec<Line>) {
        let at = log.timestamp.as_ref().map_or(0.0, |time| seconds(time.seconds, time.nanos));
        let seen = self.seen(&log.vertex);
        let which = usize::from(log.stream == STDERR);
        let begun = seen.output[which].partial.is_begun();
        for (n, text) in seen.output[which].partial.push(&log.msg).into_iter().enumerate() {
            let since = if n == 0 && begun { seen.output[which].since } else { at };
            lines.push(seen.output_line(which, since, &text));
        }
        let open = &mut seen.output[which];
        if !begun || memchr::memchr(b'\n', &log.msg).is_some() {
            open.since = at;
        }
    }

    fn end(&mut self, vertex: &Vertex, lines: &mut Vec<Line>) {
        let completed = vertex.completed.as_ref().map_or(0.0, |time| seconds(time.seconds, time.nanos));
        let seen = self.seen(&vertex.digest);
        if std::mem::replace(&mut seen.ended, true) {
            return;
        }
        seen.flush(lines);
        let (number, took) = (seen.number, completed - seen.started.unwrap_or(completed));
        lines.push(if vertex.error.ends_with("context canceled") {
            line(LogStream::System, format!("#{number} CANCELED"))
        } else if !vertex.error.is_empty() {
            line(LogStream::Stderr, format!("#{number} ERROR: {}", vertex.error))
        } else if vertex.cached {
            line(LogStream::System, format!("#{number} CACHED"))
        } else {
            line(LogStream::System, format!("#{number} DONE {took:.1}s"))
        });
    }
}

impl Seen {
    fn flush(&mut self, lines: &mut Vec<Line>) {
        for which in 0..self.output.len() {
            if let Some(text) = self.output[which].partial.finish() {
                lines.push(self.output_line(which, self.output[which].since, &text));
            }
        }
    }

    fn output_line(&self, which: usize, at: f64, text: &Bytes) -> Line {
        let since = (at - self.started.unwrap_or(at)).max(0.0);
        let mut whole = format!("#{} {} ", self.number, clock(since)).into_bytes();
        whole.extend_from_slice(text);
        let stream = if which == 1 { LogStream::Stderr } else { LogStream::Stdout };
        line(stream, whole)
    }
}

fn line(stream: LogStream, text: impl Into<Bytes>) -> Line {
    Line { at: crate::now(), stream, text: text.into() }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit")]
fn seconds(seconds: i64, nanos: i32) -> f64 {
    seconds as f64 + f64::from(nanos) / 1e9
}

/// Five characters, as Docker prints it: `0.123`, `12.34`, `123.4`.
fn clock(seconds: f64) -> String {
    let text = format!("{seconds:.3}");
    let keep = text.find('.').filter(|&dot| dot >= 4).unwrap_or(5);
    text[..keep].to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn size(bytes: i64) -> String {
    let bytes = bytes as f64;
    match bytes {
        b if b >= 1e9 => format!("{:.2}GB", b / 1e9),
        b if b >= 1e6 => format!("{:.2}MB", b / 1e6),
        b if b >= 1e3 => format!("{:.2}kB", b / 1e3),
        b => format!("{b}B"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, clock, size};
    use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog, VertexStatus};
    use rstest::rstest;

    macro_rules! stamp_of {
        ($time:expr, $ms:expr) => {{
            let ms: i64 = $ms;
            $time.seconds = 1_800_000_000 + ms / 1000;
            $time.nanos = i32::try_from(ms % 1000).expect("small") * 1_000_000;
        }};
    }

    fn vertex(digest: &str, name: &str, started: Option<i64>, completed: Option<i64>) -> Vertex {
        let mut vertex = Vertex { digest: digest.to_owned(), name: name.to_owned(), ..Vertex::default() };
        if let Some(ms) = started {
            stamp_of!(vertex.started.get_or_insert_default(), ms);
        }
        if let Some(ms) = completed {
            stamp_of!(vertex.completed.get_or_insert_default(), ms);
        }
        vertex
    }

    fn log(digest: &str, ms: i64, stream: i64, text: &str) -> VertexLog {
        let mut log = VertexLog { vertex: digest.to_owned(), stream, msg: text.into(), ..VertexLog::default() };
        stamp_of!(log.timestamp.get_or_insert_default(), ms);
        log
    }

    fn texts(lines: Vec<crate::line::Line>) -> Vec<String> {
        lines.iter().map(|line| String::from_utf8_lossy(&line.text).into_owned()).collect()
    }

    fn update(progress: &mut Progress, vertexes: &[Vertex], logs: &[VertexLog]) -> Vec<String> {
        let message = StatusResponse { vertexes: vertexes.to_vec(), logs: logs.to_vec(), ..StatusResponse::default() };
        texts(progress.update(message))
    }

    #[test]
    fn reads_like_docker() {
        let mut progress = Progress::default();
        let waiting = vertex("b", "[2/2] RUN make", None, None);
        let first = update(&mut progress, &[vertex("a", "[1/2] FROM base", Some(0), None), waiting], &[]);
        assert_eq!(first, ["#1 [1/2] FROM base"]);
        let mut cached = vertex("a", "[1/2] FROM base", Some(0), Some(10));
        cached.cached = true;
        let run = vertex("b", "[2/2] RUN make", Some(100), None);
        let second = update(&mut progress, &[cached.clone(), run.clone()], &[log("b", 223, 1, "one\ntw")]);
        assert_eq!(second, ["#2 [2/2] RUN make", "#2 0.123 one", "#1 CACHED"]);
        assert_eq!(update(&mut progress, &[cached, run], &[log("b", 400, 1, "o\n")]), ["#2 0.123 two"]);
        let done = vertex("b", "[2/2] RUN make", Some(100), Some(1400));
        let last = update(&mut progress, &[done], &[log("b", 1350, 2, "no end")]);
        assert_eq!(last, ["#2 1.250 no end", "#2 DONE 1.3s"]);
    }

    #[test]
    fn says_errors_and_cancelling() {
        let mut progress = Progress::default();
        let mut failed = vertex("a", "RUN false", Some(0), Some(10));
        failed.error = "exit code: 1".to_owned();
        let mut canceled = vertex("b", "RUN sleep", Some(0), Some(10));
        canceled.error = "rpc error: context canceled".to_owned();
        let lines = update(&mut progress, &[failed, canceled], &[]);
        assert_eq!(lines, ["#1 RUN false", "#2 RUN sleep", "#1 ERROR: exit code: 1", "#2 CANCELED"]);
    }

    #[test]
    fn a_cut_stream_keeps_what_was_printed() {
        let mut progress = Progress::default();
        update(&mut progress, &[vertex("a", "RUN x", Some(0), None)], &[log("a", 1, 1, "half a li")]);
        assert_eq!(texts(progress.finish()), ["#1 0.001 half a li"]);
        assert!(progress.finish().is_empty());
    }

    #[test]
    fn a_vertex_that_runs_again_ends_again() {
        let mut progress = Progress::default();
        update(&mut progress, &[vertex("a", "load", Some(0), Some(100))], &[]);
        assert!(update(&mut progress, &[vertex("a", "load", Some(0), Some(100))], &[]).is_empty());
        assert_eq!(update(&mut progress, &[vertex("a", "load", Some(200), Some(500))], &[]), ["#1 DONE 0.3s"]);
    }

    #[test]
    fn says_transfers_once_and_when_they_are_done() {
        let mut progress = Progress::default();
        let mut status = VertexStatus { id: "sha256:1".to_owned(), vertex: "a".to_owned(), ..VertexStatus::default() };
        status.current = 1_500_000;
        status.total = 3_000_000;
        let message = |status: &VertexStatus| StatusResponse { statuses: vec![status.clone()], ..Default::default() };
        assert!(progress.update(message(&status)).is_empty());
        status.current = status.total;
        stamp_of!(status.started.get_or_insert_default(), 0);
        stamp_of!(status.completed.get_or_insert_default(), 2100);
        assert_eq!(texts(progress.update(message(&status))), ["#1 sha256:1 3.00MB / 3.00MB 2.1s done"]);
        assert!(progress.update(message(&status)).is_empty());
    }

    #[rstest]
    #[case(0.0, "0.000")]
    #[case(0.1234, "0.123")]
    #[case(12.345, "12.34")]
    #[case(123.45, "123.4")]
    #[case(1234.5, "1234")]
    #[case(12345.6, "12345")]
    #[case(123_456.7, "123456")]
    fn tells_time_in_five_characters(#[case] seconds: f64, #[case] expected: &str) {
        assert_eq!(clock(seconds), expected);
    }

    #[rstest]
    #[case(2, "2B")]
    #[case(1500, "1.50kB")]
    #[case(2_000_000, "2.00MB")]
    #[case(3_210_000_000, "3.21GB")]
    fn tells_sizes(#[case] bytes: i64, #[case] expected: &str) {
        assert_eq!(size(bytes), expected);
    }
}
