//! `docs/rules.md` names a test for each rule: each must exist.

use std::{fs, path::Path};

/// Every `file::test` between backticks.
fn named(page: &str) -> Vec<(&str, &str)> {
    page.split('`').filter(|word| word.contains(".rs::")).filter_map(|word| word.split_once("::")).collect()
}

/// A function of that name, and an attribute above it that makes it a test.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_it = |line: &str| line.contains(&format!("fn {name}("));
    let at = lines.iter().position(|line| is_it(line));
    at.is_some_and(|at| {
        let above = lines[..at].iter().rev().take_while(|line| !line.is_empty() && **line != "}");
        above.into_iter().any(|line| ["#[test]", "#[rstest]", "#[tokio::test"].iter().any(|it| line.starts_with(it)))
    })
}

#[test]
fn each_has_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/rules.md")).expect("the page");
    let named = named(&page);
    assert!(named.len() > 80, "the page names tests: {}", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|(file, test)| !fs::read_to_string(root.join(file)).is_ok_and(|source| has_test(&source, test)))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
    for line in
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rule") && !line.starts_with("| ---"))
    {
        assert!(line.contains(".rs::"), "a rule without a test: {line}");
    }
}
