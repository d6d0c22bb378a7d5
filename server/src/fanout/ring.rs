//! A room's newest frames, encoded, in the order in which they are told. PURE.
//!
//! A ring is a list of slots: an event (with its seq) or a notice, of presence or of who writes
//! (without). Events in it are contiguous and end at the room's head, so that a seq is enough to
//! say whether the ring can serve a cursor or the ledger must.

use std::collections::VecDeque;

use bytes::Bytes;
use protocol::Seq;

use super::sizes::{RingSizes, SLOTS_MAX};
use crate::ledger::REMEMBERED_MAX;

// What the ledger tells to be erased is all that a ring may have.
const _: () = assert!(SLOTS_MAX as u64 <= REMEMBERED_MAX);

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

    /// Puts another frame into the place of an event, if it is here.
    pub(crate) fn replace(&mut self, seq: Seq, frame: Bytes) {
        let index = self.slots.partition_point(|slot| slot.seq < seq);
        let slot = self.slots.get_mut(index).filter(|slot| slot.is_event && slot.seq == seq);
        if let Some(slot) = slot {
            self.bytes = self.bytes - slot.frame.len() + frame.len();
            slot.frame = frame;
            self.shrink();
        }
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
        self.shrink();
    }

    /// Drops the oldest frames if there are too many.
    fn shrink(&mut self) {
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
mod tests;
