use super::{
    Answer,
    extract::{Format, PageQuery, Path, Start, located},
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::{HeaderValue, StatusCode};
use types::{
    Page,
    token::{MadeToken, NewToken, Token},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// Tokens, oldest first; their secrets are not part of it.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "tokens",
    params(PageQuery),
    responses((status = 200, body = Page<Token>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.tokens(&who).await?;
    Ok(format.list(&page.cut("tokens", items, |it| it.id.to_string())?))
}

/// Makes a token; this answer alone holds its secret.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "tokens",
    params(Start<NewToken>),
    request_body = NewToken,
    responses(
        (status = 201, body = MadeToken, headers(("Location" = String), ("Idempotent-Replayed" = String))),
        (status = 409, description = "`exists`, `in_progress`"),
    ),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, new: Start<NewToken>) -> Answer {
    let made = app.engine.create_token(&who, new.body, new.idempotency).await?;
    let mut response = format.one(&made.value);
    *response.status_mut() = StatusCode::CREATED;
    if made.replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(located(response, &app.web.api_path(&format!("/tokens/{}", made.value.about.id))))
}

/// Revokes a token, at once.
#[utoipa::path(delete, path = "/tokens/{token}", tag = "tokens", responses((status = 204)))]
async fn revoke(State(app): State<AppState>, Who(who): Who, Path(id): Path<Uuid>) -> Answer {
    app.engine.revoke_token(&who, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
