use super::{conversation::converse, subject::Subject};
use crate::{
    auth::{Caller, same_origin_upgrade},
    http::Problem,
    middleware::Client,
    state::AppState,
};
use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    http::request::Parts,
    response::Response,
};
use types::ErrorCode;

/// Most bytes that a client may send at once; it has nothing to say.
const MESSAGE_MAX: usize = 16 * 1024;

/// Bytes that may wait for a client: the frame that is on its way and the next.
const WRITE_BUFFER_MAX: usize = 1024 * 1024;

/// A request to open a socket. Who is not signed in gets close code 4401 after the upgrade, since a
/// page cannot see the status of a refused upgrade; a page of another site gets nothing at all.
pub(super) struct Upgrade {
    app: AppState,
    upgrade: WebSocketUpgrade,
    caller: Result<Caller, Problem>,
}

impl FromRequestParts<AppState> for Upgrade {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, app).await;
        let upgrade = match WebSocketUpgrade::from_request_parts(parts, app).await {
            Ok(upgrade) => upgrade,
            Err(why) => {
                caller?;
                return Err(Problem::new(ErrorCode::Malformed, format!("This address takes WebSockets only: {why}")));
            }
        };
        let https = Client::of(&parts.extensions).https;
        let with_cookie = app.web.cookie.read(&parts.headers).is_some();
        if with_cookie && !same_origin_upgrade(&parts.headers, &app.web.url, https) {
            return Err(Problem::new(ErrorCode::CrossSite, "This socket was not opened by a page of Slipway."));
        }
        Ok(Self { app: app.clone(), upgrade, caller })
    }
}

impl Upgrade {
    pub(super) fn about(self, subject: Subject) -> Response {
        let Self { app, upgrade, caller } = self;
        let upgrade = upgrade
            .max_message_size(MESSAGE_MAX)
            .max_frame_size(MESSAGE_MAX)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BUFFER_MAX);
        let sockets = app.web.sockets.clone();
        upgrade.on_upgrade(move |socket| sockets.track_future(converse(app, caller, subject, socket)))
    }
}
