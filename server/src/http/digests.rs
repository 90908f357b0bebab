use super::{Answer, extract::Format};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use types::{Page, run::DigestInUse};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Digests in use or within reach of a rollback, all at once, for the clean-up of registries. Needs `read` everywhere:
/// what is not listed may be deleted.
#[utoipa::path(get, path = "/digests", tag = "history", responses((status = 200, body = Page<DigestInUse>)))]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format) -> Answer {
    Ok(format.list(&Page::whole(app.engine.digests(&who).await?)))
}
