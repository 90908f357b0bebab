//! A connection that ends with what it was made for.
//!
//! A BuildKit build holds a second connection, its session, and neither bollard nor the engine ever
//! closes it: a server that builds for months would run out of file descriptors, and so would the
//! engine. So a build's connections read an end of file as soon as the build is over, or dropped.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Anything that can be read and written.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection within a scope.
pub(super) struct Scoped {
    stream: Box<dyn Duplex>,
    over: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Scoped {
    /// The connection ends when `scope` is cancelled.
    pub(super) fn new(stream: Box<dyn Duplex>, scope: &CancellationToken) -> Self {
        Self { stream, over: Box::pin(scope.clone().cancelled_owned()) }
    }
}

impl AsyncRead for Scoped {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.over.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Scoped {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::Scoped;
    use tokio::io::AsyncReadExt;
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn reads_an_end_when_its_scope_is_over() {
        let (near, _far) = tokio::io::duplex(10);
        let scope = CancellationToken::new();
        let mut stream = Scoped::new(Box::new(near), &scope);
        let reading = tokio::spawn(async move { stream.read_u8().await });
        scope.cancel();
        assert_eq!(reading.await.expect("read").expect_err("an end").kind(), std::io::ErrorKind::UnexpectedEof);
    }
}
