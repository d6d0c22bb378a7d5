//! What a shard needs of a socket: that it takes bytes without waiting, and that it ends.

use std::{
    io::{self, IoSlice},
    net::Shutdown,
};

use rustix::{
    io::Errno,
    net::{SendFlags, send},
};
use socket2::SockRef;
use tokio::net::TcpStream;

/// The socket of a connection, as its shard has it.
pub trait Socket {
    /// Takes what it can of these bytes at once: `WouldBlock` if that is none.
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// The same for bytes in one piece: most writes of all.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.try_write_vectored(&[IoSlice::new(bytes)])
    }

    /// Will end without a word as soon as nobody holds it any more.
    fn reset(&self);

    /// Nothing is written after this.
    fn finish(&self);
}

impl Socket for TcpStream {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Self::try_write_vectored(self, slices)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match send(self, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            // Tokio is not asked whether it thinks that the socket is ready: that is a look into
            // memory which nobody else needs now. Only if it is not, tokio has to find out, too.
            Err(Errno::AGAIN) => Self::try_write(self, bytes),
            result => Ok(result?),
        }
    }

    fn reset(&self) {
        // Unless it is set, what waits in the kernel would be kept for the silent peer.
        let _ = self.set_zero_linger();
    }

    fn finish(&self) {
        let _ = SockRef::from(self).shutdown(Shutdown::Write);
    }
}
