//! What a shard needs of a socket: that it takes bytes without waiting, and that it ends.

use std::{
    io::{self, IoSlice},
    net::Shutdown,
};

use socket2::SockRef;
use tokio::net::TcpStream;

/// The socket of a connection, as its shard has it.
pub trait Socket {
    /// Takes what it can of these bytes at once: `WouldBlock` if that is none.
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Will end without a word as soon as nobody holds it any more.
    fn reset(&self);

    /// Nothing is written after this.
    fn finish(&self);
}

impl Socket for TcpStream {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Self::try_write_vectored(self, slices)
    }

    fn reset(&self) {
        // Unless it is set, what waits in the kernel would be kept for the silent peer.
        let _ = self.set_zero_linger();
    }

    fn finish(&self) {
        let _ = SockRef::from(self).shutdown(Shutdown::Write);
    }
}
