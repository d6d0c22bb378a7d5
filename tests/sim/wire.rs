//! A simulated socket, and how its bytes become frames again.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice},
    sync::{Mutex, MutexGuard, PoisonError},
};

use protocol::{ServerFrame, codec};
use server::parts::{Socket, Waiter};

use super::plan::{Checked, Promise, Violation};

/// The server's end of a connection, as its shard has it.
#[derive(Debug)]
pub(crate) struct Wire(Mutex<Pipe>);

#[derive(Debug, Default)]
struct Pipe {
    /// What the kernel has taken and not delivered.
    kernel: VecDeque<u8>,
    capacity: usize,
    /// Who waits until it takes bytes again.
    waiter: Option<Waiter>,
    /// The peer is known to be gone.
    is_broken: bool,
    /// The shard has ended it without a word.
    is_reset: bool,
}

impl Wire {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(Mutex::new(Pipe { capacity, ..Pipe::default() }))
    }

    /// So many bytes reach the client.
    pub(crate) fn take(&self, most: usize) -> Vec<u8> {
        let mut pipe = self.pipe();
        let most = most.min(pipe.kernel.len());
        pipe.kernel.drain(..most).collect()
    }

    /// How many bytes are on their way.
    pub(crate) fn len(&self) -> usize {
        self.pipe().kernel.len()
    }

    /// What is on its way is lost.
    pub(crate) fn lose(&self) {
        self.pipe().kernel.clear();
    }

    /// From now on the kernel takes this much.
    pub(crate) fn widen(&self, capacity: usize) {
        self.pipe().capacity = capacity;
    }

    /// The peer is gone, and the kernel knows.
    pub(crate) fn break_off(&self) {
        self.pipe().is_broken = true;
    }

    pub(crate) fn is_reset(&self) -> bool {
        self.pipe().is_reset
    }

    /// Somebody waits until it takes bytes again.
    pub(crate) fn wait(&self, waiter: Waiter) {
        self.pipe().waiter = Some(waiter);
    }

    /// Whoever waited, if it takes bytes now, or an error.
    pub(crate) fn wake(&self) -> Option<Waiter> {
        let mut pipe = self.pipe();
        let is_ready = pipe.is_broken || pipe.kernel.len() < pipe.capacity;
        if is_ready { pipe.waiter.take() } else { None }
    }

    fn pipe(&self) -> MutexGuard<'_, Pipe> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Socket for Wire {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut pipe = self.pipe();
        if pipe.is_broken {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let mut taken = 0;
        for slice in slices {
            let free = pipe.capacity - pipe.kernel.len();
            let of_it = slice.len().min(free);
            pipe.kernel.extend(&slice[..of_it]);
            taken += of_it;
            if of_it < slice.len() {
                break;
            }
        }
        if taken == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(taken) }
    }

    fn reset(&self) {
        self.pipe().is_reset = true;
    }

    fn finish(&self) {}
}

/// What the server sends.
#[derive(Debug)]
pub(crate) enum Down {
    Frame(Box<ServerFrame>),
    Ping,
    Pong,
    Close,
}

/// The first whole WebSocket frame in these bytes, taken off: RFC 6455 §5.2, unmasked.
pub(crate) fn next_frame(bytes: &mut Vec<u8>) -> Checked<Option<Down>> {
    let Some((header, length)) = header(bytes) else { return Ok(None) };
    if bytes.len() < header + length {
        return Ok(None);
    }
    let opcode = bytes[0];
    let payload = bytes[header..header + length].to_vec();
    bytes.drain(..header + length);
    match opcode {
        0x81 => text(&payload).map(Some),
        0x88 => Ok(Some(Down::Close)),
        0x89 => Ok(Some(Down::Ping)),
        0x8a => Ok(Some(Down::Pong)),
        other => Err(torn(format!("a frame begins with {other:#x}"))),
    }
}

/// How long the header is, and the payload.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    let number = |range: std::ops::Range<usize>| {
        let bytes = bytes.get(range)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    match bytes.get(1)? {
        126 => Some((4, number(2..4)?)),
        127 => Some((10, number(2..10)?)),
        length => Some((2, usize::from(*length))),
    }
}

fn text(payload: &[u8]) -> Checked<Down> {
    let text = std::str::from_utf8(payload).map_err(|why| torn(why.to_string()))?;
    let frame = codec::decode_server(text).map_err(|why| torn(format!("{why}: {text}")))?;
    Ok(Down::Frame(Box::new(frame)))
}

fn torn(what: String) -> Violation {
    Violation { promise: Promise::Told, what }
}
