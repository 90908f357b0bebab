//! Values in settings of steps: `${build.tag}`, `${build.number}`, `${build.commit}`.

/// What the values stand for in one build run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    pub(crate) tag: Option<String>,
    pub(crate) number: u32,
    pub(crate) commit: Option<String>,
}

/// A piece of a text with values.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Value(&'a str),
}

/// The names that are known; the error names one that is not.
pub(crate) fn check(text: &str) -> Result<(), String> {
    for piece in pieces(text)? {
        match piece {
            Piece::Text(_) | Piece::Value("build.tag" | "build.number" | "build.commit") => {}
            Piece::Value(name) if name.starts_with("secret:") => {
                return Err(format!("${{{name}}} is a secret: it would stay in the image's history"));
            }
            Piece::Value(name) => {
                return Err(format!("${{{name}}} is not known; there are build.tag, build.number and build.commit"));
            }
        }
    }
    Ok(())
}

/// `text` with its values; `check` has passed when it was saved.
pub(crate) fn expand(text: &str, values: &Values) -> String {
    let Ok(pieces) = pieces(text) else { return text.to_owned() };
    let word = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Value("build.tag") => values.tag.clone().unwrap_or_default(),
        Piece::Value("build.number") => values.number.to_string(),
        Piece::Value("build.commit") => values.commit.clone().unwrap_or_default(),
        Piece::Value(_) => String::new(),
    };
    pieces.into_iter().map(word).collect()
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        pieces.push(Piece::Text(&rest[..at]));
        let end = rest[at..].find('}').ok_or_else(|| "has ${ without }".to_owned())?;
        pieces.push(Piece::Value(&rest[at + 2..at + end]));
        rest = &rest[at + end + 1..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::{Values, check, expand};
    use rstest::rstest;

    #[rstest]
    #[case("plain", true)]
    #[case("v${build.tag}-${build.number}", true)]
    #[case("$HOME ${", false)]
    #[case("${build.nothing}", false)]
    #[case("${secret:NPM}", false)]
    fn knows_its_names(#[case] text: &str, #[case] good: bool) {
        assert_eq!(check(text).is_ok(), good);
    }

    #[test]
    fn puts_values_in() {
        let values = Values { tag: Some("1.0".into()), number: 7, commit: Some("abc".into()) };
        assert_eq!(expand("a ${build.tag} b ${build.number}${build.commit}", &values), "a 1.0 b 7abc");
    }
}
