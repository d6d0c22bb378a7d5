//! A stream of which is known whether all that an HTTP server answered is on its way: who takes
//! the stream from that server must know that nothing is left behind in it.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream, flushed or not. What writes to it flushes it when nothing more is to be written.
#[derive(Debug)]
pub(super) struct Flushed<S> {
    stream: S,
    is_flushed: IsFlushed,
}

/// Whether a stream is flushed, for who does not have it.
#[derive(Clone, Debug)]
pub(super) struct IsFlushed(Arc<AtomicBool>);

impl IsFlushed {
    /// Whether everything that was to be written is out.
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, is_flushed: bool) {
        self.0.store(is_flushed, Ordering::Relaxed);
    }
}

impl<S> Flushed<S> {
    /// A stream to which nothing was written.
    pub(super) fn new(stream: S) -> Self {
        Self { stream, is_flushed: IsFlushed(Arc::new(AtomicBool::new(true))) }
    }

    /// Whether it is flushed, at any later time.
    pub(super) fn is_flushed(&self) -> IsFlushed {
        self.is_flushed.clone()
    }

    /// The stream itself.
    pub(super) fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Flushed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Flushed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_flushed.set(false);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_flushed.set(false);
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        if matches!(poll, Poll::Ready(Ok(()))) {
            self.is_flushed.set(true);
        }
        poll
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
