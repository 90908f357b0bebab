//! Text without its escape sequences.

/// Where in a sequence the text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and something that only the next character completes.
    Intermediate,
    /// In `CSI …`, up to its final character.
    Control,
    /// In an operating system command or another string, up to BEL or ST.
    String,
    /// After ESC in a string: the beginning of ST, or of something else.
    StringEscape,
}

/// Removes escape sequences from text that comes in pieces. A sequence ends with its line at the latest, so that half
/// a one does not swallow what follows.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    state: State,
}

impl Plain {
    /// Adds what a reader sees of `text`; other control characters stay.
    pub(crate) fn strip(&mut self, text: &str, out: &mut String) {
        for line in text.split_inclusive('\n') {
            if self.state == State::Text && !line.contains(is_start) {
                out.push_str(line);
                continue;
            }
            out.extend(line.chars().filter(|&c| self.shows(c)));
        }
    }

    fn shows(&mut self, c: char) -> bool {
        let (state, shown) = match (self.state, c) {
            // A line end, CAN and SUB end every sequence.
            (_, '\n') => (State::Text, true),
            (State::Text, c) if !is_start(c) => (State::Text, true),
            (_, '\u{18}' | '\u{1a}') => (State::Text, false),
            (State::String, '\u{7}' | '\u{9c}') | (State::StringEscape, '\\') => (State::Text, false),
            (State::String, '\u{1b}') => (State::StringEscape, false),
            (State::String, _) => (State::String, false),
            (_, '\u{1b}') => (State::Escape, false),
            (_, '\u{9b}') | (State::Escape | State::StringEscape, '[') => (State::Control, false),
            (_, '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}') => (State::String, false),
            (State::Escape | State::StringEscape, ']' | 'P' | 'X' | '^' | '_') => (State::String, false),
            // Terminals obey control characters within a sequence.
            (state, '\0'..='\u{1f}') => (state, true),
            (State::Escape | State::StringEscape | State::Intermediate, ' '..='/') => (State::Intermediate, false),
            (State::Control, ' '..='?') => (State::Control, false),
            (State::Escape | State::StringEscape | State::Intermediate, _) => (State::Text, false),
            (State::Control, c) => (State::Text, c > '~'),
            (State::Text, _) => (State::Text, true),
        };
        self.state = state;
        shown
    }
}

/// Whether a sequence may begin with it.
fn is_start(c: char) -> bool {
    matches!(c, '\u{1b}' | '\u{90}' | '\u{98}' | '\u{9b}' | '\u{9d}'..='\u{9f}')
}

#[cfg(test)]
mod tests {
    use super::Plain;
    use proptest::prelude::*;
    use rstest::rstest;

    fn strip<'a>(pieces: impl IntoIterator<Item = &'a str>) -> String {
        let (mut plain, mut out) = (Plain::default(), String::new());
        pieces.into_iter().for_each(|piece| plain.strip(piece, &mut out));
        out
    }

    #[rstest]
    #[case::none("plain\ttext\r\n", "plain\ttext\r\n")]
    #[case::colour("\u{1b}[1;31mred\u{1b}[0m", "red")]
    #[case::colour_with_colons("\u{1b}[38:2::255:0:0mred\u{1b}[m", "red")]
    #[case::cursor("\u{1b}[2K\u{1b}[1Gnew", "new")]
    #[case::private("\u{1b}[?25lhidden", "hidden")]
    #[case::link("\u{1b}]8;;https://a.example\u{1b}\\text\u{1b}]8;;\u{1b}\\", "text")]
    #[case::title("\u{1b}]0;title\u{7}text", "text")]
    #[case::device("\u{1b}Pq#0\u{1b}\\text", "text")]
    #[case::charset("\u{1b}(Btext", "text")]
    #[case::reset("\u{1b}ctext", "text")]
    #[case::keypad("\u{1b}=text\u{1b}>", "text")]
    #[case::wide("\u{9b}31mred\u{9d}0;title\u{9c}", "red")]
    #[case::half_at_the_end("text\u{1b}[31", "text")]
    #[case::half_then_line("text\u{1b}]0;never ended\nnext", "text\nnext")]
    #[case::cancelled("\u{1b}[31\u{18}text", "text")]
    #[case::begun_again("\u{1b}[31\u{1b}[32mtext", "text")]
    #[case::return_within("\u{1b}[3\r1mtext", "\rtext")]
    #[case::other_control("a\u{8}b\u{7}", "a\u{8}b\u{7}")]
    fn removes(#[case] text: &str, #[case] seen: &str) {
        assert_eq!(strip([text]), seen);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "[\u{1b}\u{7}\\\\\\[\\]0-9;mPé\u{9b}\u{9c}\n ]{0,60}", cut in any::<prop::sample::Index>()) {
            let at = text.floor_char_boundary(cut.index(text.len() + 1));
            prop_assert_eq!(strip([&text[..at], &text[at..]]), strip([text.as_str()]));
        }
    }
}
