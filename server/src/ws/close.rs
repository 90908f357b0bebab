use crate::http::Problem;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};

/// Why a socket is closed, as its client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// The feed has ended: all was sent.
    Done,
    /// Slipway restarts: come back.
    Restart,
    /// The client sent what nobody asked for.
    Nonsense,
    /// The client sent text that is none.
    NotText,
    SessionOver,
    RightLost,
    NotFound,
    TooMany,
    Failed,
    /// The client is gone or takes nothing: there is nobody to tell.
    Gone,
}

impl Close {
    /// The close code of a refusal.
    pub(super) fn of(problem: &Problem) -> Self {
        match problem.code().status() {
            401 => Close::SessionOver,
            403 => Close::RightLost,
            404 | 410 => Close::NotFound,
            429 => Close::TooMany,
            503 => Close::Restart,
            _ => Close::Failed,
        }
    }

    /// `None`: nothing can be said.
    pub(super) fn message(self) -> Option<Message> {
        let (code, reason) = match self {
            Close::Done => (1000, "end"),
            Close::Restart => (1001, "restart"),
            Close::Nonsense => (1003, "this socket takes no data"),
            Close::NotText => (1007, "not text"),
            Close::Failed => (1011, "internal error"),
            Close::SessionOver => (4401, "session over"),
            Close::RightLost => (4403, "right lost"),
            Close::NotFound => (4404, "not found"),
            Close::TooMany => (4429, "too many sockets"),
            Close::Gone => return None,
        };
        Some(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })))
    }
}
