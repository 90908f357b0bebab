//! A text and the place that is read in it; knows JSON and no type.

use super::Error;

type Result<T> = std::result::Result<T, Error>;

/// See the module.
pub(super) struct Text<'t> {
    text: &'t str,
    at: usize,
    /// The last string that held escapes, without them.
    unescaped: String,
}

/// A number as far as the wire has them.
pub(super) enum Number<'t> {
    Natural(u64),
    Negative(i64),
    /// With a fraction, an exponent, or too large.
    Other(&'t str),
}

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, unescaped: String::new() }
    }

    /// The next byte that is no white space; 0 at the end.
    pub(super) fn peek(&mut self) -> u8 {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    pub(super) fn end(&mut self) -> Result<()> {
        if self.peek() == 0 && self.at >= self.text.len() { Ok(()) } else { Err(Error::new("more than one value")) }
    }

    pub(super) fn expect(&mut self, mark: u8) -> Result<()> {
        if self.peek() != mark {
            return Err(Error::new("not JSON"));
        }
        self.at += 1;
        Ok(())
    }

    /// Takes a word of the language if it stands here.
    pub(super) fn word(&mut self, word: &str) -> bool {
        self.peek();
        let here = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        if here {
            self.at += word.len();
        }
        here
    }

    pub(super) fn null(&mut self) -> Result<()> {
        if self.word("null") { Ok(()) } else { Err(Error::new("not null")) }
    }

    pub(super) fn boolean(&mut self) -> Result<bool> {
        match () {
            () if self.word("true") => Ok(true),
            () if self.word("false") => Ok(false),
            () => Err(Error::new("neither true nor false")),
        }
    }

    pub(super) fn number(&mut self) -> Result<Number<'t>> {
        self.peek();
        let start = self.at;
        while let b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E' = self.byte() {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        if !digits.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit()) {
            return Err(Error::new("not a number"));
        }
        Ok(match (digits.parse(), digits.parse()) {
            (Ok(natural), _) => Number::Natural(natural),
            (_, Ok(negative)) => Number::Negative(negative),
            (Err(_), Err(_)) => Number::Other(digits),
        })
    }

    /// A string without its escapes.
    pub(super) fn string(&mut self) -> Result<&str> {
        self.expect(b'"')?;
        let start = self.run()?;
        if self.byte() == b'"' {
            self.at += 1;
            return Ok(&self.text[start..self.at - 1]);
        }
        self.unescaped.clear();
        self.unescaped.push_str(&self.text[start..self.at]);
        while self.byte() == b'\\' {
            self.at += 1;
            let sign = self.escape()?;
            self.unescaped.push(sign);
            let start = self.run()?;
            self.unescaped.push_str(&self.text[start..self.at]);
        }
        self.at += 1;
        Ok(&self.unescaped)
    }

    /// Passes over one value, whatever it is.
    pub(super) fn skip(&mut self) -> Result<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    self.at += 1;
                    depth += 1;
                }
                b'}' | b']' if depth > 0 => {
                    self.at += 1;
                    depth -= 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                b't' | b'f' => {
                    self.boolean()?;
                }
                b'n' => self.null()?,
                _ => {
                    self.number()?;
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes over the signs of a string that stand for themselves; answers where they begin.
    fn run(&mut self) -> Result<usize> {
        let start = self.at;
        loop {
            match self.byte() {
                b'"' | b'\\' => return Ok(start),
                0..0x20 => return Err(Error::new("a string without an end")),
                _ => self.at += 1,
            }
        }
    }

    /// What stands after a backslash.
    fn escape(&mut self) -> Result<char> {
        let sign = self.byte();
        self.at += 1;
        Ok(match sign {
            b'"' | b'\\' | b'/' => char::from(sign),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Error::new("not an escape")),
        })
    }

    /// Four digits, or twice four where a sign is beyond the first plane.
    fn unicode(&mut self) -> Result<char> {
        let mut code = self.four_digits()?;
        if (0xd800..0xdc00).contains(&code) && self.word("\\u") {
            let low = self.four_digits()?.wrapping_sub(0xdc00);
            code = if low < 0x400 { 0x10000 + ((code - 0xd800) << 10) + low } else { code };
        }
        char::from_u32(code).ok_or_else(|| Error::new("half a sign"))
    }

    fn four_digits(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Error::new("not an escape"))
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }
}

/// The members of an object, or the elements of a list.
pub(super) struct Parts<'r, 't> {
    pub(super) text: &'r mut Text<'t>,
    close: u8,
    first: bool,
    ended: bool,
}

impl<'r, 't> Parts<'r, 't> {
    pub(super) fn of_object(text: &'r mut Text<'t>) -> Result<Self> {
        text.expect(b'{')?;
        Ok(Self { text, close: b'}', first: true, ended: false })
    }

    pub(super) fn of_list(text: &'r mut Text<'t>) -> Result<Self> {
        text.expect(b'[')?;
        Ok(Self { text, close: b']', first: true, ended: false })
    }

    /// Whether another one follows.
    pub(super) fn another(&mut self) -> Result<bool> {
        if self.text.peek() == self.close {
            self.text.at += 1;
            self.ended = true;
            return Ok(false);
        }
        if !self.first {
            self.text.expect(b',')?;
        }
        self.first = false;
        Ok(true)
    }

    /// After the last one: those who know how many there are do not ask for another.
    pub(super) fn end(self) -> Result<()> {
        if self.ended { Ok(()) } else { self.text.expect(self.close) }
    }
}
