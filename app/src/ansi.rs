//! A line of a log as a terminal would show it: colours as classes, carriage returns and cursor
//! moves carried out. What comes out is text, never markup.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};

/// Columns that a cursor move may reach: a line is at most 16 KiB, and a hostile one must not make
/// the page draw a million blanks.
const COLUMNS: usize = 16_384;

/// How characters look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Style {
    /// 0 black … 7 white, as terminals count.
    color: Option<u8>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

/// A piece of a line that looks alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    /// Classes of the style sheet; empty for plain text.
    pub(crate) class: String,
    /// An address that begins with http:// or https://.
    pub(crate) link: bool,
}

/// See the module.
pub(crate) fn spans(line: &str) -> Vec<Span> {
    if !line.bytes().any(|byte| byte < 0x20) {
        return link(line, "");
    }
    let mut screen = Screen::default();
    let mut parser = Parser::<DefaultCharAccumulator>::new();
    for byte in line.bytes() {
        parser.advance(&mut screen, byte);
    }
    screen.spans()
}

#[derive(Default)]
struct Screen {
    cells: Vec<(char, Style)>,
    cursor: usize,
    style: Style,
}

impl Screen {
    fn spans(self) -> Vec<Span> {
        let mut spans = Vec::new();
        for run in self.cells.chunk_by(|a, b| a.1 == b.1) {
            let text: String = run.iter().map(|(character, _)| character).collect();
            spans.extend(link(&text, &class(run[0].1)));
        }
        spans
    }

    fn go(&mut self, column: usize) {
        self.cursor = column.min(COLUMNS);
    }

    fn blank(&mut self, from: usize, to: usize) {
        let to = to.min(self.cells.len());
        if from < to {
            self.cells[from..to].fill((' ', Style::default()));
        }
    }

    fn erase(&mut self, how: usize) {
        match how {
            0 => self.cells.truncate(self.cursor),
            1 => self.blank(0, self.cursor + 1),
            _ => self.cells.clear(),
        }
    }

    fn restyle(&mut self, params: &Params) {
        let mut codes = params.iter().flatten().copied();
        while let Some(code) = codes.next() {
            match code {
                0 => self.style = Style::default(),
                1 => self.style.bold = true,
                2 => self.style.dim = true,
                3 => self.style.italic = true,
                4 => self.style.underline = true,
                22 => (self.style.bold, self.style.dim) = (false, false),
                23 => self.style.italic = false,
                24 => self.style.underline = false,
                30..=37 => self.style.color = Some((code - 30) as u8),
                90..=97 => self.style.color = Some((code - 90) as u8),
                38 => self.style.color = extended(&mut codes),
                39 => self.style.color = None,
                // A background is shown as none: the page has its own.
                48 => {
                    extended(&mut codes);
                }
                _ => {}
            }
        }
    }
}

/// The colour after 38 or 48: one of the first sixteen, or none that the page has.
fn extended(codes: &mut impl Iterator<Item = u16>) -> Option<u8> {
    match codes.next() {
        Some(5) => codes.next().filter(|color| *color < 16).map(|color| (color % 8) as u8),
        Some(2) => {
            codes.by_ref().take(3).for_each(drop);
            None
        }
        _ => None,
    }
}

impl Perform for Screen {
    fn print(&mut self, character: char) {
        if self.cursor >= COLUMNS {
            return;
        }
        while self.cells.len() <= self.cursor {
            self.cells.push((' ', Style::default()));
        }
        self.cells[self.cursor] = (character, self.style);
        self.cursor += 1;
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\r' => self.cursor = 0,
            0x08 => self.cursor = self.cursor.saturating_sub(1),
            b'\t' => {
                let stop = (self.cursor / 8 + 1) * 8;
                while self.cells.len() < stop.min(COLUMNS) {
                    self.cells.push((' ', Style::default()));
                }
                self.go(stop);
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, _intermediates: &[u8], _ignore: bool, action: u8) {
        let first = params.iter().next().and_then(|values| values.first()).copied().map_or(0, usize::from);
        match action {
            b'm' => self.restyle(params),
            b'K' => self.erase(first),
            b'C' => self.go(self.cursor + first.max(1)),
            b'D' => self.cursor = self.cursor.saturating_sub(first.max(1)),
            b'G' => self.go(first.max(1) - 1),
            _ => {}
        }
    }
}

fn class(style: Style) -> String {
    const COLORS: [&str; 8] = ["dim", "red", "green", "yellow", "blue", "magenta", "cyan", ""];
    let Style { color, bold, dim, italic, underline } = style;
    let color = color.map_or("", |color| COLORS[usize::from(color)]);
    let marks = [(bold, "bold"), (dim, "dim"), (italic, "italic"), (underline, "underline")];
    let words = marks.into_iter().filter(|(on, _)| *on).map(|(_, word)| word);
    let words = words.chain((!color.is_empty()).then_some(color)).map(|word| format!("ansi-{word}"));
    words.collect::<Vec<_>>().join(" ")
}

/// Cuts out addresses; only http and https are links.
fn link(text: &str, class: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut push = |text: &str, link: bool| {
        if !text.is_empty() {
            spans.push(Span { text: text.to_owned(), class: class.to_owned(), link });
        }
    };
    let mut rest = text;
    while let Some(at) = address(rest) {
        let (before, tail) = rest.split_at(at);
        let end = tail.find(|c: char| c.is_whitespace() || "\"'<>`|\\^{}".contains(c)).unwrap_or(tail.len());
        // What closes the sentence is not part of the address.
        let end = tail[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']).len();
        push(before, false);
        push(&tail[..end], true);
        rest = &tail[end..];
    }
    push(rest, false);
    spans
}

fn address(text: &str) -> Option<usize> {
    let starts = ["http://", "https://"].into_iter().filter_map(|scheme| {
        let at = text.find(scheme)?;
        let host = text[at + scheme.len()..].chars().next()?;
        (host.is_alphanumeric() || host == '[').then_some(at)
    });
    starts.min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn shown(line: &str) -> String {
        spans(line).into_iter().map(|span| span.text).collect()
    }

    #[rstest]
    #[case::plain("hello", "hello")]
    #[case::progress("10 %\r100 %", "100 %")]
    #[case::shorter_over_longer("abcdef\rxy", "xycdef")]
    #[case::erased_to_the_end("abcdef\rxy\x1b[K", "xy")]
    #[case::erased_whole("abc\x1b[2K\rx", "x")]
    #[case::backspace("ab\x08c", "ac")]
    #[case::tab("a\tb", "a       b")]
    #[case::moves("ab\x1b[2Dc\x1b[3Cd", "cb  d")]
    #[case::column("abc\x1b[1Gx", "xbc")]
    #[case::far_away("\x1b[99999Gx", "")]
    #[case::title("\x1b]0;title\x07ok", "ok")]
    #[case::markup("<b>&amp;</b>\x1b[0m", "<b>&amp;</b>")]
    #[case::beyond_ascii("\x1b[31m✓ 한글\x1b[0m", "✓ 한글")]
    fn is_shown_as_by_a_terminal(#[case] line: &str, #[case] text: &str) {
        assert_eq!(shown(line), text);
    }

    #[rstest]
    #[case("\x1b[31mx", "ansi-red")]
    #[case("\x1b[1;92mx", "ansi-bold ansi-green")]
    #[case("\x1b[38;5;4mx", "ansi-blue")]
    #[case("\x1b[38;2;1;2;3mx", "")]
    #[case("\x1b[48;5;196;33mx", "ansi-yellow")]
    #[case("\x1b[31;39mx", "")]
    #[case("\x1b[90mx", "ansi-dim")]
    fn has_classes(#[case] line: &str, #[case] class: &str) {
        assert_eq!(spans(line)[0].class, class);
    }

    #[rstest]
    #[case("see https://a.example/x?y=1#z.", &["https://a.example/x?y=1#z"])]
    #[case("(http://b.example:80/)", &["http://b.example:80/"])]
    #[case("javascript:alert(1) ftp://c.example http://", &[])]
    #[case("\"https://d.example\",https://e.example/(x)", &["https://d.example", "https://e.example/(x"])]
    fn has_links(#[case] line: &str, #[case] links: &[&str]) {
        let found: Vec<String> = spans(line).into_iter().filter(|span| span.link).map(|span| span.text).collect();
        assert_eq!(found, links);
    }
}
