//! `.dockerignore`, with exactly Docker's meaning (which is not that of `.gitignore`): patterns are
//! anchored at the context, the last that matches decides, and a pattern matches what lies below.

use regex::Regex;

/// What a `.dockerignore` leaves out.
#[derive(Debug, Default)]
pub(super) struct Ignore(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    /// `!`: takes back in.
    exception: bool,
    text: String,
    regex: Regex,
}

impl Ignore {
    /// Reads the file; the error names the pattern that is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().filter(|line| !line.starts_with('#')).map(str::trim);
        lines.filter(|line| !line.is_empty()).map(Pattern::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a path, relative to the context, is left out.
    pub(super) fn excludes(&self, path: &str) -> bool {
        let mut excluded = false;
        for pattern in &self.0 {
            if pattern.exception == excluded && pattern.matches(path) {
                excluded = !pattern.exception;
            }
        }
        excluded
    }

    /// Whether nothing below an excluded folder can be taken back in, so that it need not be read.
    pub(super) fn excludes_all_below(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        let may_reach = |pattern: &Pattern| {
            let plain = pattern.text.split(['*', '?', '[', '\\']).next().unwrap_or_default();
            let is_plain = plain.len() == pattern.text.len();
            pattern.text.starts_with(&below) || (!is_plain && below.starts_with(plain))
        };
        !self.0.iter().any(|pattern| pattern.exception && may_reach(pattern))
    }
}

impl Pattern {
    fn parse(line: &str) -> Result<Self, String> {
        let (exception, text) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        if text.is_empty() {
            return Err(format!("{line:?} excepts nothing"));
        }
        let text = clean(text);
        let regex = translate(&text).and_then(|regex| Regex::new(&regex).map_err(|error| error.to_string()));
        let regex = regex.map_err(|error| format!("{line:?}: {error}"))?;
        Ok(Self { exception, text, regex })
    }

    /// A pattern that matches a folder matches all below it.
    fn matches(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| self.regex.is_match(&path[..end]))
    }
}

/// As Go's `filepath.Clean` on a path that is relative to the context: no `.`, no `x/..`, no double,
/// leading or trailing slash.
fn clean(text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if text.starts_with('/') => {}
            other => parts.push(other),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// `*` and `?` stay within a name, `**` goes over any number of folders.
fn translate(pattern: &str) -> Result<String, String> {
    let mut regex = "(?s)^".to_owned();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                regex.push_str(if chars.peek().is_some() { "(.*/)?" } else { ".*" });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => class(&mut chars, &mut regex)?,
            '\\' => {
                let escaped = chars.next().ok_or("ends in a backslash")?;
                regex.push_str(&regex::escape(&escaped.to_string()));
            }
            other => regex.push_str(&regex::escape(&other.to_string())),
        }
    }
    regex.push('$');
    Ok(regex)
}

/// `[a-c]` and `[^a-c]`.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, regex: &mut String) -> Result<(), String> {
    regex.push('[');
    if chars.next_if_eq(&'^').is_some() {
        regex.push('^');
    }
    let mut any = false;
    loop {
        match chars.next().ok_or("a [ without its ]")? {
            ']' if any => break,
            '-' if any => regex.push('-'),
            '\\' => {
                let escaped = chars.next().ok_or("ends in a backslash")?;
                regex.push_str(&regex::escape(&escaped.to_string()));
            }
            ']' | '-' => return Err("a [] that is empty or begins with a hyphen".to_owned()),
            other => {
                // Within brackets the regex crate also gives a meaning to `&&`, `~~` and `[`.
                if !other.is_alphanumeric() {
                    regex.push('\\');
                }
                regex.push(other);
            }
        }
        any = true;
    }
    regex.push(']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Ignore, clean};
    use rstest::rstest;

    #[rstest]
    #[case("foo", "foo", true)]
    #[case("foo", "foo/bar", true)]
    #[case("foo", "a/foo", false)]
    #[case("foo", "foobar", false)]
    #[case("/foo", "foo", true)]
    #[case("foo/", "foo", true)]
    #[case("foo/", "foo/bar", true)]
    #[case("./foo", "foo", true)]
    #[case("a/../foo", "foo", true)]
    #[case("a//b", "a/b", true)]
    #[case("*", "foo", true)]
    #[case("*", "foo/bar", true)]
    #[case("*", ".git", true)]
    #[case("*.log", "a.log", true)]
    #[case("*.log", "a/b.log", false)]
    #[case("*/*.log", "a/b.log", true)]
    #[case("**/*.log", "b.log", true)]
    #[case("**/*.log", "a/b/c.log", true)]
    #[case("**", "a/b", true)]
    #[case("a/**", "a", false)]
    #[case("a/**", "a/b/c", true)]
    #[case("a/**/z", "a/z", true)]
    #[case("a/**/z", "a/b/c/z", true)]
    #[case("a/**/z", "a/b/c/zz", false)]
    #[case("**/node_modules", "x/node_modules/y/z", true)]
    #[case("**/foo/bar", "x/foo/bar", true)]
    #[case("temp?", "tempa", true)]
    #[case("temp?", "temp", false)]
    #[case("temp?", "temp/a", false)]
    #[case("a.c", "abc", false)]
    #[case("a+(b)", "a+(b)", true)]
    #[case("[a-c]x", "bx", true)]
    #[case("[a-c]x", "dx", false)]
    #[case("[^a-c]x", "dx", true)]
    #[case("[^a-c]x", "ax", false)]
    #[case("[a&&b]", "&", true)]
    #[case("a\\*b", "a*b", true)]
    #[case("a\\*b", "axb", false)]
    #[case("ä*", "äb", true)]
    #[case("# comment\nfoo", "foo", true)]
    #[case("# comment", "# comment", false)]
    #[case("  foo  ", "foo", true)]
    #[case(" #x", "#x", true)]
    #[case("\u{feff}foo", "foo", true)]
    #[case("foo\r\nbar", "foo", true)]
    #[case("", "foo", false)]
    #[case(".", "foo", false)]
    #[case("..", "foo", false)]
    #[case("../foo", "foo", false)]
    #[case("*\n!foo", "foo", false)]
    #[case("*\n!foo", "foo/bar", false)]
    #[case("*\n!foo", "bar", true)]
    #[case("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true)]
    #[case("*.md\n!README*.md\nREADME-secret.md", "README-x.md", false)]
    #[case("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false)]
    #[case("! foo\nfoo", "foo", true)]
    #[case("foo\n! foo", "foo", false)]
    #[case("foo\n!/foo/bar", "foo/bar", false)]
    #[case("foo\n!/foo/bar", "foo/baz", true)]
    #[case("*\n!**/*.go", "a/b.go", false)]
    #[case("!x", "x", false)]
    fn means_what_docker_means(#[case] file: &str, #[case] path: &str, #[case] excluded: bool) {
        assert_eq!(Ignore::parse(file).expect("patterns").excludes(path), excluded, "{file:?} and {path:?}");
    }

    #[rstest]
    #[case("foo", "foo", true)]
    #[case("foo\n!foo/bar", "foo", false)]
    #[case("foo\n!bar", "foo", true)]
    #[case("*\n!**/*.go", "foo", false)]
    #[case("*\n!fo*/x", "foo", false)]
    #[case("*\n!bar*/x", "foo", true)]
    #[case("a\n!a/b/c", "a/b", false)]
    #[case("a\n!a/b/c", "a/x", true)]
    fn reads_an_excluded_folder_only_for_exceptions(#[case] file: &str, #[case] folder: &str, #[case] skip: bool) {
        assert_eq!(Ignore::parse(file).expect("patterns").excludes_all_below(folder), skip);
    }

    #[rstest]
    #[case("!")]
    #[case("[a")]
    #[case("[]a]")]
    #[case("a\\")]
    fn names_a_wrong_pattern(#[case] pattern: &str) {
        let error = Ignore::parse(pattern).expect_err("refused");
        assert!(error.contains(&format!("{pattern:?}")), "{error}");
    }

    #[rstest]
    #[case("/", ".")]
    #[case("/../a", "a")]
    #[case("a/./b/", "a/b")]
    #[case("a/../../b", "../b")]
    fn cleans(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(clean(text), expected);
    }
}
