//! A room's newest frames, encoded, in the order in which they are told. PURE.
//!
//! A ring is a list of slots: an event (with its seq) or a notice, of presence or of who writes
//! (without). Events in it are contiguous and end at the room's head, so that a seq is enough to
//! say whether the ring can serve a cursor or the ledger must.

use std::collections::VecDeque;

use bytes::Bytes;
use protocol::Seq;

use super::sizes::RingSizes;

/// Notices have at most this part of a ring: a room of comers and goers must not push what was
/// said out of memory.
const NOTICES_PART: usize = 4;

/// Most events that are brought back from the ledger, so that everybody who returns after a
/// restart is served from memory: what the busiest room says while a hub starts again.
pub(crate) const FILL_EVENTS: usize = 1024;
/// Most bytes of texts that are brought back.
pub(crate) const FILL_BYTES: usize = 256 * 1024;

/// One frame in a ring.
#[derive(Debug)]
struct Slot {
    /// Its place in the ring; never used again, and higher than all before it.
    at: u64,
    /// Its seq, or for a notice that of the event before it: so slots are sorted by it.
    seq: Seq,
    /// Whether it is an event.
    is_event: bool,
    /// What is written.
    frame: Bytes,
}

impl Slot {
    fn cost(&self) -> usize {
        self.frame.len() + size_of::<Self>()
    }
}

/// One frame as a cursor sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// Its place.
    pub(crate) at: u64,
    /// Its seq, if it is an event.
    pub(crate) event: Option<Seq>,
    /// What is written.
    pub(crate) frame: &'a Bytes,
}

/// The newest frames of one room.
#[derive(Debug)]
pub(crate) struct Ring {
    slots: VecDeque<Slot>,
    /// The place of the next frame.
    end: u64,
    /// No frame has had a place below this one, down to [`FILL_EVENTS`] less.
    unused_below: u64,
    /// The last event's seq, whether it is still here or not.
    head: Seq,
    bytes: usize,
    notice_slots: usize,
    notice_bytes: usize,
    /// No notice below this place is sure to be here.
    notices_lost: u64,
    /// Whether what it lacks of the log would not fit, or was asked for: it is filled once.
    is_filled: bool,
    sizes: RingSizes,
}

impl Ring {
    /// An empty ring of a room whose last event has this seq.
    pub(crate) fn new(head: Seq, sizes: RingSizes) -> Self {
        Self {
            sizes,
            slots: VecDeque::new(),
            end: FILL_EVENTS as u64,
            unused_below: FILL_EVENTS as u64,
            head,
            bytes: 0,
            notice_slots: 0,
            notice_bytes: 0,
            notices_lost: 0,
            is_filled: false,
        }
    }

    /// The last event's seq.
    pub(crate) fn head(&self) -> Seq {
        self.head
    }

    /// The place of the next frame.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// What it holds in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// No notice below this place is sure to be here.
    pub(crate) fn notices_lost(&self) -> u64 {
        self.notices_lost
    }

    /// Adds the event after the head. Should events be missing in between, the ring begins anew
    /// here, and the ledger serves those who need them. An event that is not new is dropped.
    pub(crate) fn append(&mut self, seq: Seq, frame: Bytes) {
        debug_assert_eq!(seq, self.head.next(), "events are appended in the order of the log");
        if seq <= self.head {
            return;
        }
        if seq != self.head.next() {
            self.clear();
        }
        self.head = seq;
        self.push(true, frame);
    }

    /// Adds a notice.
    pub(crate) fn notice(&mut self, frame: Bytes) {
        self.push(false, frame);
        while self.notice_slots > self.sizes.slots / NOTICES_PART
            || self.notice_bytes > self.sizes.bytes / NOTICES_PART
        {
            let oldest = self.slots.iter().position(|slot| !slot.is_event);
            let Some(slot) = oldest.and_then(|index| self.slots.remove(index)) else { break };
            self.forget(&slot);
        }
    }

    /// Drops everything but the head.
    pub(crate) fn clear(&mut self) {
        while let Some(slot) = self.slots.pop_front() {
            self.forget(&slot);
        }
        // One place between: somebody may still stand at the end.
        self.end += FILL_EVENTS as u64 + 1;
        self.unused_below = self.end;
        self.is_filled = false;
    }

    /// Whether older events are to be brought back before anybody reads them from the ledger.
    pub(crate) fn wants_fill(&self) -> bool {
        !self.is_filled
    }

    /// Puts older events before what is here: the newest of these, as many as fit. If they do
    /// not end where it begins, it has moved on meanwhile, and they are left out.
    pub(crate) fn fill<'a>(&mut self, events: impl DoubleEndedIterator<Item = (Seq, &'a Bytes)>) {
        self.is_filled = true;
        for (seq, frame) in events.rev().take(FILL_EVENTS) {
            let at = self.unused_below - 1;
            let slot = Slot { at, seq, is_event: true, frame: frame.clone() };
            let is_full =
                self.slots.len() >= self.sizes.slots || self.bytes + slot.cost() > self.sizes.bytes;
            if is_full || seq.next() != self.first() {
                return;
            }
            self.bytes += slot.cost();
            self.slots.push_front(slot);
            self.unused_below = at;
        }
    }

    /// Whether a cursor that needs `next` can be served from here.
    pub(crate) fn serves(&self, next: Seq) -> bool {
        self.first() <= next && next <= self.head.next()
    }

    /// The place of the event `next`, or the end if it is yet to come.
    pub(crate) fn place_of(&self, next: Seq) -> u64 {
        let index = self.slots.partition_point(|slot| slot.seq < next);
        self.slots.range(index..).find(|slot| slot.is_event).map_or(self.end, |slot| slot.at)
    }

    /// The place of whatever comes after the event `last`, notices included.
    pub(crate) fn place_behind(&self, last: Seq) -> u64 {
        let is_before = |slot: &Slot| slot.seq < last || slot.is_event && slot.seq == last;
        let index = self.slots.partition_point(is_before);
        self.slots.get(index).map_or(self.end, |slot| slot.at)
    }

    /// The frames from a place on.
    pub(crate) fn from(&self, place: u64) -> impl Iterator<Item = Told<'_>> {
        // Nearly every cursor is at the end, or one frame before it.
        let index = match self.slots.back() {
            None => 0,
            Some(last) if last.at < place => self.slots.len(),
            Some(_) => self.slots.partition_point(|slot| slot.at < place),
        };
        self.slots.range(index..).map(|slot| Told {
            at: slot.at,
            event: slot.is_event.then_some(slot.seq),
            frame: &slot.frame,
        })
    }

    /// The place of the first frame that is here, or the end.
    pub(crate) fn start(&self) -> u64 {
        self.slots.front().map_or(self.end, |slot| slot.at)
    }

    /// The seq of the oldest event that is here, or the next one if there is none.
    pub(crate) fn first(&self) -> Seq {
        let events = (self.slots.len() - self.notice_slots) as u64;
        Seq::new(self.head.get() + 1 - events).unwrap_or(Seq::MAX)
    }

    fn push(&mut self, is_event: bool, frame: Bytes) {
        let slot = Slot { at: self.end, seq: self.head, is_event, frame };
        self.end += 1;
        self.bytes += slot.cost();
        if !is_event {
            self.notice_slots += 1;
            self.notice_bytes += slot.cost();
        }
        self.slots.push_back(slot);
        while self.slots.len() > self.sizes.slots || self.bytes > self.sizes.bytes {
            let Some(slot) = self.slots.pop_front() else { break };
            self.is_filled = true;
            self.forget(&slot);
        }
    }

    fn forget(&mut self, slot: &Slot) {
        self.bytes -= slot.cost();
        if !slot.is_event {
            self.notice_slots -= 1;
            self.notice_bytes -= slot.cost();
            self.notices_lost = self.notices_lost.max(slot.at + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::sizes::{BYTES_MAX, SLOTS_MAX};

    fn seq(number: u64) -> Seq {
        Seq::new(number).unwrap()
    }

    fn frame(len: usize) -> Bytes {
        Bytes::from(vec![b'x'; len])
    }

    fn ring_of(events: u64) -> Ring {
        let mut ring = Ring::new(Seq::ZERO, RingSizes::default());
        (1..=events).for_each(|n| ring.append(seq(n), frame(10)));
        ring
    }

    fn events(ring: &Ring, place: u64) -> Vec<u64> {
        ring.from(place).filter_map(|told| told.event).map(Seq::get).collect()
    }

    #[test]
    fn an_empty_ring_serves_only_the_event_to_come() {
        let ring = Ring::new(seq(7), RingSizes::default());
        assert!(ring.serves(seq(8)));
        assert!(!ring.serves(seq(7)) && !ring.serves(seq(9)));
        assert_eq!(ring.place_of(seq(8)), ring.end());
    }

    #[test]
    fn a_ring_serves_from_any_event_it_has() {
        let ring = ring_of(5);
        assert!(ring.serves(seq(1)));
        assert_eq!(events(&ring, ring.place_of(seq(3))), [3, 4, 5]);
        assert!(events(&ring, ring.place_of(seq(6))).is_empty());
    }

    #[test]
    fn the_oldest_slots_go_first() {
        let ring = ring_of(SLOTS_MAX as u64 + 3);
        assert!(!ring.serves(seq(3)));
        assert!(ring.serves(seq(4)));
        assert_eq!(events(&ring, 0).len(), SLOTS_MAX);
    }

    #[test]
    fn the_bytes_of_a_ring_are_bounded() {
        let mut ring = Ring::new(Seq::ZERO, RingSizes::default());
        (1..=40).for_each(|n| ring.append(seq(n), frame(BYTES_MAX / 16)));
        assert!(ring.bytes() <= BYTES_MAX);
        assert!(ring.serves(seq(40)) && !ring.serves(seq(20)));
    }

    #[test]
    fn a_ring_is_filled_with_what_was_before_it() {
        let mut ring = Ring::new(seq(7), RingSizes::default());
        ring.append(seq(8), frame(10));
        assert!(ring.wants_fill());
        let older: Vec<_> = (3..=7).map(|n| (seq(n), frame(10))).collect();
        ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
        assert!(ring.serves(seq(3)) && !ring.serves(seq(2)) && !ring.wants_fill());
        assert_eq!(events(&ring, ring.place_of(seq(4))), [4, 5, 6, 7, 8]);
    }

    #[test]
    fn what_does_not_end_where_a_ring_begins_is_left_out() {
        let mut ring = Ring::new(seq(7), RingSizes::default());
        let older: Vec<_> = (3..=5).map(|n| (seq(n), frame(10))).collect();
        ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
        assert!(events(&ring, 0).is_empty());
    }

    #[test]
    fn what_is_brought_back_has_places_of_its_own() {
        // One place for notices is too few: it goes at once, and somebody may be at its place.
        let sizes = RingSizes { slots: 3, bytes: BYTES_MAX };
        let mut ring = Ring::new(seq(7), sizes);
        let live = ring.end();
        ring.notice(frame(10));
        let older: Vec<_> = (5..=7).map(|n| (seq(n), frame(10))).collect();
        ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
        assert_eq!(events(&ring, live), Vec::<u64>::new());
    }

    #[test]
    fn nothing_that_is_brought_back_is_where_somebody_stood_before() {
        let mut ring = ring_of(FILL_EVENTS as u64);
        let stood = ring.end();
        ring.clear();
        let older: Vec<_> = (1..=FILL_EVENTS as u64).map(|n| (seq(n), frame(1))).collect();
        ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
        assert!(ring.serves(seq(1)));
        assert!(stood < ring.start());
    }

    #[test]
    fn a_full_ring_takes_no_more_of_what_was_before() {
        let sizes = RingSizes { slots: 3, bytes: BYTES_MAX };
        let mut ring = Ring::new(seq(7), sizes);
        let older: Vec<_> = (1..=7).map(|n| (seq(n), frame(10))).collect();
        ring.fill(older.iter().map(|(seq, frame)| (*seq, frame)));
        assert_eq!(events(&ring, 0), [5, 6, 7]);
    }

    #[test]
    fn notices_never_push_events_out() {
        let mut ring = ring_of(10);
        (0..SLOTS_MAX * 2).for_each(|_| ring.notice(frame(100)));
        assert!(ring.serves(seq(1)));
        assert!(ring.from(0).filter(|told| told.event.is_none()).count() <= SLOTS_MAX / 4);
        assert!(ring.notices_lost() > 10);
    }

    #[test]
    fn the_place_of_an_event_skips_notices_before_it() {
        let mut ring = ring_of(1);
        ring.notice(frame(5));
        ring.append(seq(2), frame(5));
        assert_eq!(ring.from(ring.place_of(seq(2))).next().unwrap().event, Some(seq(2)));
    }

    #[test]
    fn a_cleared_ring_keeps_its_head() {
        let mut ring = ring_of(5);
        ring.clear();
        assert_eq!(ring.bytes(), 0);
        assert!(ring.serves(seq(6)) && !ring.serves(seq(5)));
    }
}
