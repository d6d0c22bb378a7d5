//! What one connection has yet to be written besides room frames: the rest of a frame, then
//! answers in order. PURE.

use std::{collections::VecDeque, io::IoSlice};

use bytes::Bytes;

use super::{cursor, cursor::Cursor, ring::Ring};

/// Most slices of one write: the kernel takes 1,024 at most, and more than this many frames at
/// once gain nothing.
pub(crate) const SLICES_MAX: usize = 128;
/// Most bytes offered to one write, so that no single connection holds up the others.
pub(crate) const WRITE_BYTES_MAX: usize = 256 * 1024;

/// The rest of a frame and the answers of one connection. Most are idle most of the time, and
/// have none: then it is empty, and takes next to no memory.
#[derive(Debug, Default)]
pub(crate) struct Backlog(Option<Box<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    rest: Bytes,
    answers: VecDeque<Bytes>,
    /// Of the answers.
    bytes: usize,
}

impl Backlog {
    /// How many bytes wait here.
    pub(crate) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |waiting| waiting.bytes + waiting.rest.len())
    }

    /// Adds whole frames after the others.
    pub(crate) fn push(&mut self, frames: Bytes) {
        let waiting = self.0.get_or_insert_default();
        waiting.bytes += frames.len();
        waiting.answers.push_back(frames);
    }

    /// Adds whole frames before the others, but never inside one: pongs and closes.
    pub(crate) fn push_first(&mut self, frames: Bytes) {
        let waiting = self.0.get_or_insert_default();
        waiting.bytes += frames.len();
        waiting.answers.push_front(frames);
    }

    /// Offers what waits to `write`.
    pub(crate) fn pending<'a>(&'a self, write: &mut Write<'a>) {
        let Some(waiting) = &self.0 else { return };
        if !waiting.rest.is_empty() {
            write.offer(&waiting.rest);
        }
        let _ = waiting.answers.iter().all(|frames| write.offer(frames));
    }

    /// Takes note that `written` bytes of what waits went out, and takes them off.
    pub(crate) fn advance(&mut self, written: &mut usize) {
        let Some(waiting) = &mut self.0 else { return };
        if !waiting.rest.is_empty() {
            waiting.rest = cursor::take(&waiting.rest, written).unwrap_or_default();
        }
        while *written > 0 {
            let Some(frames) = waiting.answers.pop_front() else { break };
            waiting.bytes -= frames.len();
            debug_assert!(waiting.rest.is_empty(), "only one frame is ever written in part");
            waiting.rest = cursor::take(&frames, written).unwrap_or_default();
        }
        if waiting.answers.is_empty() && waiting.rest.is_empty() {
            self.0 = None;
        }
    }

    /// Takes note of what went out of a room, after what waits here.
    pub(crate) fn advance_room(&mut self, cursor: &mut Cursor, ring: &Ring, written: &mut usize) {
        let rest = cursor.advance(ring, written);
        self.keep(rest);
    }

    /// Moves what is pending in a room behind the answers, for a connection that is to end.
    pub(crate) fn absorb(&mut self, cursor: &Cursor, ring: &Ring) {
        cursor.pending(ring, |frame| {
            self.push(frame.clone());
            true
        });
    }

    fn keep(&mut self, rest: Option<Bytes>) {
        if let Some(rest) = rest {
            let waiting = self.0.get_or_insert_default();
            debug_assert!(waiting.rest.is_empty(), "only one frame is ever written in part");
            waiting.rest = rest;
        }
    }
}

/// One vectored write, being put together.
#[derive(Debug)]
pub(crate) struct Write<'a> {
    slices: [IoSlice<'a>; SLICES_MAX],
    count: usize,
    bytes: usize,
}

impl<'a> Write<'a> {
    /// An empty write.
    pub(crate) fn new() -> Self {
        Self { slices: [IoSlice::new(&[]); SLICES_MAX], count: 0, bytes: 0 }
    }

    /// Adds frames, and says whether there is room for more.
    pub(crate) fn offer(&mut self, frames: &'a Bytes) -> bool {
        if self.is_full() {
            return false;
        }
        if frames.is_empty() {
            return true; // What says nothing in a dialect has its place, but no bytes.
        }
        self.slices[self.count] = IoSlice::new(frames);
        self.count += 1;
        self.bytes += frames.len();
        !self.is_full()
    }

    /// Whether there is no room for more: then more may be waiting.
    pub(crate) fn is_full(&self) -> bool {
        self.count == SLICES_MAX || self.bytes >= WRITE_BYTES_MAX
    }

    /// How many bytes it has.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What to write.
    pub(crate) fn slices(&self) -> &[IoSlice<'a>] {
        &self.slices[..self.count]
    }
}
