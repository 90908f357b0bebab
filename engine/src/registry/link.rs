//! The header `Link`, by which a registry names the next page.

/// The address of the next page.
pub(super) fn next_page(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |parameter: &str| {
            let (name, value) = parameter.trim().split_once('=').unwrap_or_default();
            name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
        };
        parameters.split(';').any(is_next).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::next_page;
    use rstest::rstest;

    #[rstest]
    #[case("</v2/x/tags/list?last=b&n=2>; rel=\"next\"", Some("/v2/x/tags/list?last=b&n=2"))]
    #[case("<https://r/v2/x>; foo=bar; rel=next", Some("https://r/v2/x"))]
    #[case("</a>; rel=\"prev\", </b>; rel=\"next\"", Some("/b"))]
    #[case("</a>; rel=\"prev\"", None)]
    #[case("nonsense", None)]
    fn finds_the_next_page(#[case] header: &str, #[case] expected: Option<&str>) {
        assert_eq!(next_page(header), expected);
    }
}
