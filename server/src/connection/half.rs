//! The socket of a connection as its reader has it: read, and never written.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::Arc,
};

use tokio::net::TcpStream;

use crate::fanout::gate::Gate;

/// What is read at once. A larger frame gets a buffer of its size while it is being read.
pub(super) const READ_BUFFER_BYTES: usize = 512;
/// Most reads before others have their turn, and after which it counts as a frame: so that
/// neither a large frame nor a stream of empty fragments is free.
const READS_AT_ONCE: u32 = 32;
/// Most bytes that a connection may send after its close frame.
const LINGER_BYTES: usize = 1024 * 1024;

/// A socket that is only read: what would be written goes to the shard.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) socket: Arc<TcpStream>,
    pub(super) gate: Arc<Gate>,
    /// How often it was read since it last waited or had a whole frame.
    reads: u32,
    /// How many bytes were read.
    bytes: u64,
}

impl Half {
    /// A socket that has not been read yet.
    pub(super) fn new(socket: Arc<TcpStream>, gate: Arc<Gate>) -> Self {
        Self { socket, gate, reads: 0, bytes: 0 }
    }

    /// With so many bytes read before.
    pub(super) fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes: bytes as u64, ..self }
    }

    /// The same socket, for another buffer that begins empty.
    pub(super) fn again(&self) -> Self {
        let (socket, gate) = (Arc::clone(&self.socket), Arc::clone(&self.gate));
        Self { socket, gate, reads: self.reads, bytes: 0 }
    }

    /// How many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it has been read so often at a stretch that it is the turn of others.
    pub(super) fn take_turn(&mut self) -> bool {
        std::mem::take(&mut self.reads) >= READS_AT_ONCE
    }

    /// Reads and throws away until the client has closed, or has sent enough. Without it, what
    /// it still sends would make the kernel throw the close frame away.
    pub(super) async fn linger(&self) {
        let mut scratch = [0; READ_BUFFER_BYTES];
        let mut bytes = 0;
        while bytes < LINGER_BYTES {
            match self.socket.try_read(&mut scratch) {
                Ok(0) => return,
                Ok(read) => bytes += read,
                Err(why) if why.kind() == ErrorKind::WouldBlock => {
                    if self.socket.readable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }
}

impl Read for Half {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.reads >= READS_AT_ONCE {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.reads += 1;
        let read = self.socket.try_read(buffer)?;
        self.bytes += read as u64;
        self.gate.hear();
        Ok(read)
    }
}

impl Write for Half {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        // All or nothing, so that no frame is torn.
        if self.gate.send_control(frames) {
            Ok(frames.len())
        } else {
            Err(ErrorKind::WouldBlock.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
