//! What is new in a ring, in one piece, for all who stand at the same place. PURE.
//!
//! Nearly all followers of a room have had everything when something is said, so nearly all need
//! the same bytes: these are put together once, and each of them costs one plain write.

use bytes::{Bytes, BytesMut};
use protocol::Seq;

use super::ring::{Ring, Told};

/// Most bytes of a tail. Who is further behind is written frame by frame, without a copy.
const TAIL_BYTES_MAX: usize = 64 * 1024;

/// The frames of a ring from one place to its end.
#[derive(Debug)]
pub(crate) struct Tail {
    from: u64,
    end: u64,
    /// The first event in it, or the one to come.
    next: Seq,
    head: Seq,
    bytes: Bytes,
}

impl Tail {
    /// The frames of a ring from `from` on, if it has them all and they are few.
    pub(crate) fn new(ring: &Ring, from: u64) -> Option<Self> {
        if from < ring.start() || from < ring.notices_lost() {
            return None;
        }
        let size: usize = ring.from(from).map(|told| told.frame.len()).sum();
        if size > TAIL_BYTES_MAX {
            return None;
        }
        let next = ring.from(from).find_map(|told| told.event).unwrap_or(ring.head().next());
        let (end, head) = (ring.end(), ring.head());
        Some(Self { from, end, next, head, bytes: joined(ring.from(from), size) })
    }

    /// The first place in it.
    pub(crate) fn from(&self) -> u64 {
        self.from
    }

    /// The place after it.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The first event in it, or the one to come.
    pub(crate) fn next(&self) -> Seq {
        self.next
    }

    /// The last event of the ring.
    pub(crate) fn head(&self) -> Seq {
        self.head
    }

    /// The frames.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

fn joined<'a>(mut told: impl Iterator<Item = Told<'a>>, size: usize) -> Bytes {
    let Some(first) = told.next() else { return Bytes::new() };
    if first.frame.len() == size {
        return first.frame.clone();
    }
    let mut bytes = BytesMut::with_capacity(size);
    bytes.extend_from_slice(first.frame);
    told.for_each(|told| bytes.extend_from_slice(told.frame));
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::sizes::RingSizes;

    fn seq(number: u64) -> Seq {
        Seq::new(number).unwrap()
    }

    fn ring(events: u64, size: usize) -> Ring {
        let mut ring = Ring::new(Seq::ZERO, RingSizes::default());
        (1..=events).for_each(|n| ring.append(seq(n), vec![n as u8; size].into()));
        ring
    }

    #[test]
    fn a_tail_is_everything_from_a_place_on() {
        let mut ring = ring(3, 2);
        ring.notice(Bytes::from_static(b"p"));
        let tail = Tail::new(&ring, ring.place_of(seq(2))).unwrap();
        assert_eq!(tail.bytes(), b"\x02\x02\x03\x03p".as_slice());
        assert_eq!((tail.next(), tail.head(), tail.end()), (seq(2), seq(3), ring.end()));
    }

    #[test]
    fn one_frame_is_not_copied() {
        let ring = ring(3, 2);
        let from = ring.place_of(seq(3));
        let tail = Tail::new(&ring, from).unwrap();
        let frame = ring.from(from).next().unwrap().frame;
        assert_eq!(tail.bytes().as_ptr(), frame.as_ptr());
    }

    #[test]
    fn at_the_end_of_a_ring_there_is_an_empty_tail() {
        let ring = ring(3, 2);
        let tail = Tail::new(&ring, ring.end()).unwrap();
        assert!(tail.bytes().is_empty());
        assert_eq!(tail.next(), seq(4));
    }

    #[test]
    fn there_is_no_tail_of_what_is_not_there_or_too_much() {
        let mut ring = ring(TAIL_BYTES_MAX as u64 / 1024 + 1, 1024);
        assert!(Tail::new(&ring, ring.start()).is_none());
        assert!(Tail::new(&ring, ring.start() + 1).is_some());
        let stood = ring.end();
        ring.clear();
        ring.append(ring.head().next(), Bytes::from_static(b"x"));
        assert!(Tail::new(&ring, stood).is_none());
    }
}
