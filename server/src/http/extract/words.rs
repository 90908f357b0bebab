//! serde's errors, in words for people, with the field that they are about.

use types::FieldError;

/// Makes a field error of the path and message of a failed deserialisation.
pub(super) fn field_error(path: &str, message: &str) -> FieldError {
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(name) = quoted(message, "missing field `") {
        return FieldError { path: join(path, name), message: "is required".to_owned() };
    }
    if let Some(name) = quoted(message, "unknown field `") {
        let known = message.split_once(", expected ").map(|(_, known)| known.replace('`', ""));
        let known = known.map(|it| it.trim_start_matches("one of ").to_owned());
        let message = match known {
            Some(known) => format!("is not known here; known are {known}"),
            None => "is not known here".to_owned(),
        };
        return FieldError { path: join(path, name), message };
    }
    if let Some(name) = quoted(message, "duplicate field `") {
        return FieldError { path: join(path, name), message: "is given twice".to_owned() };
    }
    FieldError { path: if path == "." { String::new() } else { path.to_owned() }, message: message.replace('`', "") }
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before)?.split('`').next()
}

/// The path may or may not end with the name already.
fn join(path: &str, name: &str) -> String {
    match path {
        "." | "" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::field_error;
    use rstest::rstest;

    #[rstest]
    #[case(".", "missing field `name`", "name", "is required")]
    #[case("steps[1]", "missing field `url` at line 1 column 5", "steps[1].url", "is required")]
    #[case(
        "nmae",
        "unknown field `nmae`, expected `name` or `url`",
        "nmae",
        "is not known here; known are name or url"
    )]
    #[case(".", "unknown field `x`, expected one of `a`, `b`", "x", "is not known here; known are a, b")]
    #[case("items[0]", "unknown field `y`, there are no fields", "items[0].y", "is not known here")]
    #[case("limit", "invalid digit found in string", "limit", "invalid digit found in string")]
    #[case(".", "invalid type: null, expected struct X", "", "invalid type: null, expected struct X")]
    fn says_where_and_what(#[case] path: &str, #[case] message: &str, #[case] at: &str, #[case] words: &str) {
        let error = field_error(path, message);
        assert_eq!((error.path.as_str(), error.message.as_str()), (at, words));
    }
}
