/// Where a reader goes after signing in: a path that begins with exactly one `/`, otherwise `/`.
///
/// Browsers read `//host` and `/\host` as another site, and drop tabs and line ends before they look.
pub fn return_path(to: Option<&str>) -> &str {
    let to = to.unwrap_or("/");
    let rest = to.strip_prefix('/');
    let own = rest.is_some_and(|rest| !rest.starts_with(['/', '\\'])) && !to.contains(|c: char| c.is_control());
    if own { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::return_path;
    use rstest::rstest;

    #[rstest]
    #[case(Some("/maps/shop/pipeline?v=a"), "/maps/shop/pipeline?v=a")]
    #[case(Some("/"), "/")]
    #[case(Some("//evil.example"), "/")]
    #[case(Some("/\\evil.example"), "/")]
    #[case(Some("/\t/evil.example"), "/")]
    #[case(Some("https://evil.example"), "/")]
    #[case(Some("maps"), "/")]
    #[case(Some(""), "/")]
    #[case(None, "/")]
    fn stays_here(#[case] to: Option<&str>, #[case] path: &str) {
        assert_eq!(return_path(to), path);
    }
}
