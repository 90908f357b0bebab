//! One style sheet from many, and the sprite of icons; both without what only their authors need.

use anyhow::{Context, Result, bail};
use std::{fs, path::Path};

/// `main.css` with its imports in place, each in the layer that it names.
pub(super) fn bundle(style: &Path) -> Result<String> {
    let main = read(&style.join("main.css"))?;
    let mut bundle = String::new();
    for line in without_comments(&main).lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix("@import ") {
            None => bundle.push_str(line),
            Some(import) => {
                let (file, layer) = parts(import).with_context(|| format!("not understood: {line}"))?;
                let text = minify(&read(&style.join(file))?);
                bundle.push_str(&format!("@layer {layer}{{{text}}}\n"));
            }
        }
    }
    Ok(bundle)
}

/// The sprite without its comments and line ends.
pub(super) fn icons(file: &Path) -> Result<String> {
    let mut text = read(file)?;
    while let Some(start) = text.find("<!--") {
        let Some(end) = text[start..].find("-->") else { bail!("a comment of {} does not end", file.display()) };
        text.replace_range(start..start + end + 3, "");
    }
    Ok(text.lines().map(str::trim).collect())
}

/// `"file.css" layer(name);`
fn parts(import: &str) -> Option<(&str, &str)> {
    let (file, rest) = import.strip_prefix('"')?.split_once('"')?;
    Some((file, rest.trim().strip_prefix("layer(")?.strip_suffix(");")?))
}

/// Without comments and indentation. What stands in a line stays as it is: a minifier that knows
/// CSS would save 2 % more after compression.
fn minify(css: &str) -> String {
    without_comments(css).lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn without_comments(css: &str) -> String {
    let mut rest = css;
    let mut kept = String::with_capacity(css.len());
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go() {
        assert_eq!(
            minify("/* one */\n.a { color: red }\n\n  /* two\n */ .b { top: 0 }\n"),
            ".a { color: red }\n.b { top: 0 }"
        );
    }

    #[test]
    fn imports_name_their_layer() {
        assert_eq!(parts("\"tokens.css\" layer(tokens);"), Some(("tokens.css", "tokens")));
        assert_eq!(parts("url(tokens.css);"), None);
    }
}
