use crate::{auth::Visitor, state::AppState};
use axum::{
    RequestPartsExt,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::Uri;

/// Pages that one sees before signing in.
const OPEN_PAGES: [&str; 2] = ["/sign-in", "/setup"];

/// Where server functions live; each decides itself, and a page cannot follow a redirect of one.
const SERVER_FUNCTIONS: &str = "/api/ui/";

/// Layer: finds out who asks, for the pages; nobody is led to the sign-in page and back afterwards.
pub(super) async fn know_visitor(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match visit(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    }
}

pub(super) async fn visit(app: &AppState, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let visitor: Visitor = parts.extract_with_state(app).await.map_err(IntoResponse::into_response)?;
    let path = parts.uri.path();
    if visitor.0.is_none() && !OPEN_PAGES.contains(&path) && !path.starts_with(SERVER_FUNCTIONS) {
        return Err(Redirect::to(&sign_in_path(app.web.url.prefix(), &parts.uri)).into_response());
    }
    parts.extensions.insert(visitor);
    Ok(Request::from_parts(parts, body))
}

/// Keeps path and query; the browser itself keeps the fragment.
pub(crate) fn sign_in_path(prefix: &str, uri: &Uri) -> String {
    let to = uri.path_and_query().map_or("/", |it| it.as_str());
    match to {
        "/" => format!("{prefix}/sign-in"),
        to => {
            let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
            format!("{prefix}/sign-in?to={to}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sign_in_path;
    use http::Uri;
    use rstest::rstest;

    #[rstest]
    #[case("", "/", "/sign-in")]
    #[case("", "/maps/shop/pipeline", "/sign-in?to=%2Fmaps%2Fshop%2Fpipeline")]
    #[case("/s", "/runs?by=a&map=b", "/s/sign-in?to=%2Fruns%3Fby%3Da%26map%3Db")]
    fn keeps_path_and_query(#[case] prefix: &str, #[case] uri: &'static str, #[case] path: &str) {
        assert_eq!(sign_in_path(prefix, &Uri::from_static(uri)), path);
    }
}
