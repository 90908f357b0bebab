use crate::http::Problem;
use axum::extract::FromRequestParts;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::PageRequest;
use http::request::Parts;
use serde::Deserialize;
use types::Page;
use utoipa::IntoParams;

/// Items of a page where no limit is said.
const LIMIT_DEFAULT: u64 = 50;
/// Most items of a page.
const LIMIT_MAX: u64 = 200;

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(super::Query::from_request_parts(parts, state).await?.0)
    }
}

impl PageQuery {
    /// As part of a query with more in it.
    pub(crate) fn of(limit: Option<u64>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub(crate) fn checked(self) -> Result<PageRequest, Problem> {
        paged(self.limit, self.cursor)
    }

    /// A page of a list that the engine gives whole. The cursor holds the key of the last item, so
    /// that nothing is skipped or doubled when the list changes between two pages.
    pub(crate) fn cut<T>(self, list: &str, mut items: Vec<T>, key: impl Fn(&T) -> String) -> Result<Page<T>, Problem> {
        let PageRequest { limit, cursor } = self.checked()?;
        items.sort_by_key(&key);
        if let Some(cursor) = cursor {
            let last = decode(list, &cursor).ok_or_else(|| Problem::field("cursor", "is not one of this list"))?;
            items.retain(|item| key(item) > last);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| encode(list, &key(last)));
        Ok(Page { items, next_cursor })
    }
}

/// For lists with a query of their own.
pub(crate) fn paged(limit: Option<u64>, cursor: Option<String>) -> Result<PageRequest, Problem> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(PageRequest { limit, cursor });
    }
    Err(Problem::field("limit", format!("must be 1 to {LIMIT_MAX}; it is {limit}")))
}

fn encode(list: &str, key: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{list}\n{key}"))
}

fn decode(list: &str, cursor: &str) -> Option<String> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (of, key) = text.split_once('\n')?;
    (of == list).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::PageQuery;
    use rstest::rstest;

    fn query(limit: u64, cursor: Option<&str>) -> PageQuery {
        PageQuery { limit: Some(limit), cursor: cursor.map(str::to_owned) }
    }

    #[rstest]
    #[case(0)]
    #[case(201)]
    fn refuses_limits(#[case] limit: u64) {
        assert!(query(limit, None).checked().is_err());
    }

    #[test]
    fn goes_through_a_list_that_changes() {
        let first = query(2, None).cut("maps", vec!["c", "a", "b"], |it| (*it).to_owned()).expect("a page");
        assert_eq!(first.items, ["a", "b"]);
        let cursor = first.next_cursor.expect("there is more");
        let second = query(2, Some(&cursor)).cut("maps", vec!["a", "aa", "c"], |it| (*it).to_owned()).expect("a page");
        assert_eq!((second.items, second.next_cursor), (vec!["c"], None));
        assert!(query(2, Some(&cursor)).cut("clusters", vec!["a"], |it| (*it).to_owned()).is_err());
        assert!(query(2, Some("rubbish!")).cut("maps", vec!["a"], |it| (*it).to_owned()).is_err());
    }
}
