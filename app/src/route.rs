//! The address of a page as the table of pages writes it.
//!
//! One type for all addresses: `path!` of leptos makes one for each shape, and the router is compiled
//! anew for each of them.

use leptos_router::{PartialPathMatch, PathSegment, PossibleRouteMatch};

/// Segments after slashes; `:name` takes what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(pub(crate) &'static str);

impl At {
    fn segments(self) -> impl Iterator<Item = &'static str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }
}

impl PossibleRouteMatch for At {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let (mut rest, mut params) = (path, Vec::new());
        for segment in self.segments() {
            let after_slash = rest.strip_prefix('/').unwrap_or(rest);
            let end = after_slash.find('/').unwrap_or(after_slash.len());
            let (here, after) = after_slash.split_at(end);
            match segment.strip_prefix(':') {
                Some(_) if here.is_empty() => return None,
                Some(name) => params.push((name.into(), here.to_owned())),
                None if here != segment => return None,
                None => {}
            }
            rest = after;
        }
        Some(PartialPathMatch::new(rest, params, &path[..path.len() - rest.len()]))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        path.extend(self.segments().map(|segment| match segment.strip_prefix(':') {
            Some(name) => PathSegment::Param(name.into()),
            None => PathSegment::Static(segment.into()),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::At;
    use leptos_router::PossibleRouteMatch;
    use rstest::rstest;

    #[rstest]
    #[case("/", "/", &[])]
    #[case("/builds/new", "/builds/new", &[])]
    #[case("/builds/new", "/builds/new/", &[])]
    #[case("/maps/:map/pipeline", "/maps/shop/pipeline", &[("map", "shop")])]
    #[case("/builds/:build/runs/:number", "/builds/web/runs/7", &[("build", "web"), ("number", "7")])]
    fn takes(#[case] at: &'static str, #[case] path: &str, #[case] wanted: &[(&str, &str)]) {
        let found = At(at).test(path).expect("a match");
        assert!(found.is_complete());
        let params = found.params();
        let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect();
        assert_eq!(params, wanted);
    }

    #[rstest]
    #[case("/", "/builds")]
    #[case("/builds", "/builds/new")]
    #[case("/builds/new", "/builds/newer")]
    #[case("/builds/new", "/builds")]
    #[case("/maps/:map/pipeline", "/maps//pipeline")]
    #[case("/maps/:map/pipeline", "/maps/shop/plan")]
    fn leaves(#[case] at: &'static str, #[case] path: &str) {
        assert!(!At(at).test(path).is_some_and(|found| found.is_complete()));
    }
}
