use crate::{http::Problem, state::AppState};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use types::ErrorCode;

/// Layer: while Slipway stops, what would change something is refused, so that the sender knows to
/// send it again; what only reads is answered to the end.
pub(crate) async fn refuse_work_while_stopping(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if app.web.stopping.is_cancelled() && !request.method().is_safe() {
        return Err(Problem::new(ErrorCode::Stopping, "Slipway is stopping. Try again in a moment."));
    }
    Ok(next.run(request).await)
}
