//! Where a connection is in a room's log: "the next seq that I need". PURE.
//!
//! A live cursor reads the room's ring; one that the ring has left behind reads pages of the
//! ledger until the ring can serve it again.

use std::sync::Arc;

use bytes::Bytes;
use protocol::Seq;

use super::{
    ring::{Ring, Told},
    tail::Tail,
};
use crate::sabotage::Fault;

/// A part of a log as read from the ledger, encoded; shared by the cursors that need it.
#[derive(Debug, Default)]
pub(crate) struct Page {
    entries: Vec<Entry>,
}

/// A frame of a page.
#[derive(Debug)]
struct Entry {
    /// Who has the frame has everything up to this seq.
    last: Seq,
    frame: Bytes,
}

impl Page {
    /// Adds a frame; who has it has everything up to `last`.
    pub(crate) fn push(&mut self, last: Seq, frame: Bytes) {
        self.entries.push(Entry { last, frame });
    }

    /// The frames, each with the last seq that who has it has.
    pub(crate) fn frames(&self) -> impl DoubleEndedIterator<Item = (Seq, &Bytes)> {
        self.entries.iter().map(|entry| (entry.last, &entry.frame))
    }

    /// The frames for a cursor that needs `next`.
    fn from(&self, next: Seq) -> &[Entry] {
        &self.entries[self.entries.partition_point(|entry| entry.last < next)..]
    }
}

/// Where a connection is in a room.
#[derive(Debug)]
pub(crate) struct Cursor {
    next: Seq,
    source: Source,
    /// Notices before this place are in the `joined` or `members` that it got, or of no use by now.
    notices_from: u64,
}

#[derive(Debug)]
enum Source {
    /// Live: at this place in the ring.
    Ring(u64),
    /// Lagging: in a page of the ledger, or in need of one.
    Ledger(Option<Arc<Page>>),
}

/// What must be done for a cursor before it can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing: it is live, or in a page.
    Ready,
    /// It is live again, but has missed notices: it needs the members anew.
    CaughtUp,
    /// It needs the page after this seq.
    NeedsPage(Seq),
}

impl Cursor {
    /// A cursor that has everything up to `after`, and whose presence is up to date.
    pub(crate) fn attach(ring: &Ring, after: Seq) -> Self {
        let overlaps = Fault::OverlappingReplay.is_on() && after > Seq::ZERO;
        let next = if overlaps { after } else { after.next() };
        let source = if ring.serves(next) {
            Source::Ring(ring.place_of(next))
        } else {
            Source::Ledger(None)
        };
        Self { next, source, notices_from: ring.end() }
    }

    /// Whether it reads the ledger.
    pub(crate) fn is_lagging(&self) -> bool {
        matches!(self.source, Source::Ledger(_))
    }

    /// Whether it keeps a page.
    pub(crate) fn has_page(&self) -> bool {
        matches!(self.source, Source::Ledger(Some(_)))
    }

    /// The members were just told: older notices say nothing new.
    pub(crate) fn forget_notices(&mut self, ring: &Ring) {
        self.notices_from = ring.end();
    }

    /// Moves it between ring and ledger, as what is in memory now demands.
    pub(crate) fn settle(&mut self, ring: &Ring) -> Standing {
        match self.source {
            Source::Ring(place) if ring.serves(self.next) => self.settle_live(ring, place),
            Source::Ledger(_) if ring.serves(self.next) => self.catch_up(ring),
            Source::Ledger(Some(ref page)) if !page.from(self.next).is_empty() => Standing::Ready,
            Source::Ring(_) | Source::Ledger(_) => self.lag(),
        }
    }

    /// Hands it the page of the ledger after a seq. One that it does not need any more is left
    /// alone, and so is one that begins behind what it needs: it may have been moved back while
    /// that page was being read, and would jump over what is between.
    pub(crate) fn give(&mut self, after: Seq, page: Arc<Page>) {
        let is_lagging = matches!(self.source, Source::Ledger(_));
        if is_lagging && after < self.next && !page.from(self.next).is_empty() {
            self.source = Source::Ledger(Some(page));
        }
    }

    /// Lets go of its page: a connection that cannot be written holds no memory but the rest of
    /// one frame.
    pub(crate) fn drop_page(&mut self) {
        if let Source::Ledger(page) = &mut self.source {
            *page = None;
        }
    }

    /// Calls `take` with each frame that is due, in order, until it returns false.
    pub(crate) fn pending<'a>(&'a self, ring: &'a Ring, mut take: impl FnMut(&'a Bytes) -> bool) {
        match &self.source {
            Source::Ring(place) => {
                let _ = self.due(ring, *place).all(|told| take(told.frame));
            }
            Source::Ledger(Some(page)) => {
                let _ = page.from(self.next).iter().all(|entry| take(&entry.frame));
            }
            Source::Ledger(None) => {}
        }
    }

    /// Its place in the ring, if it is live.
    pub(crate) fn place(&self) -> Option<u64> {
        match self.source {
            Source::Ring(place) => Some(place),
            Source::Ledger(_) => None,
        }
    }

    /// Whether it is due all of a tail, and nothing else.
    pub(crate) fn is_at(&self, tail: &Tail) -> bool {
        self.place() == Some(tail.from())
            && self.next == tail.next()
            && self.notices_from <= tail.from()
    }

    /// Takes note that all of a tail went out.
    pub(crate) fn pass(&mut self, tail: &Tail) {
        debug_assert!(self.is_at(tail), "only who needs a tail gets it");
        self.source = Source::Ring(tail.end());
        self.next = tail.head().next();
    }

    /// Takes note that `written` bytes of what is pending went out, and takes them off. Returns
    /// the rest of a frame that went out in part.
    pub(crate) fn advance(&mut self, ring: &Ring, written: &mut usize) -> Option<Bytes> {
        match &self.source {
            Source::Ring(place) => self.advance_in_ring(ring, *place, written),
            Source::Ledger(Some(page)) => self.advance_in_page(&Arc::clone(page), written),
            Source::Ledger(None) => None,
        }
    }

    fn settle_live(&mut self, ring: &Ring, place: u64) -> Standing {
        if place < ring.start() {
            // It was emptied and filled again: what is due has another place now.
            self.source = Source::Ring(ring.place_behind(self.next.previous()));
        }
        let missed = place.max(self.notices_from) < ring.notices_lost();
        if missed {
            self.notices_from = ring.end();
            return Standing::CaughtUp;
        }
        Standing::Ready
    }

    fn catch_up(&mut self, ring: &Ring) -> Standing {
        let place = ring.place_of(self.next);
        self.source = Source::Ring(place);
        // One that only waited for the ring to be filled has all notices before it.
        if place <= self.notices_from && ring.notices_lost() <= self.notices_from {
            return Standing::Ready;
        }
        self.notices_from = ring.end();
        Standing::CaughtUp
    }

    fn lag(&mut self) -> Standing {
        self.source = Source::Ledger(None);
        Standing::NeedsPage(self.next.previous())
    }

    fn due<'a>(&self, ring: &'a Ring, place: u64) -> impl Iterator<Item = Told<'a>> + use<'a> {
        let notices_from = self.notices_from;
        ring.from(place).filter(move |told| told.event.is_some() || told.at >= notices_from)
    }

    fn advance_in_ring(&mut self, ring: &Ring, place: u64, written: &mut usize) -> Option<Bytes> {
        let mut place = place;
        let mut rest = None;
        for told in self.due(ring, place) {
            if *written == 0 && (rest.is_some() || !told.frame.is_empty()) {
                self.source = Source::Ring(place);
                return rest;
            }
            if let Some(seq) = told.event {
                debug_assert_eq!(seq, self.next, "a cursor receives n, n+1, … only");
                self.next = seq.next();
            }
            place = told.at + 1;
            rest = take(told.frame, written);
        }
        self.source = Source::Ring(if rest.is_some() { place } else { ring.end() });
        rest
    }

    fn advance_in_page(&mut self, page: &Page, written: &mut usize) -> Option<Bytes> {
        for entry in page.from(self.next) {
            if *written == 0 && !entry.frame.is_empty() {
                return None;
            }
            debug_assert!(entry.last >= self.next, "a cursor never goes back");
            self.next = entry.last.next();
            let rest = take(&entry.frame, written);
            if rest.is_some() {
                return rest;
            }
        }
        None
    }
}

/// Takes a frame off what was written. Returns the rest of it if it went out in part.
pub(crate) fn take(frame: &Bytes, written: &mut usize) -> Option<Bytes> {
    let of_it = frame.len().min(*written);
    *written -= of_it;
    (of_it < frame.len()).then(|| frame.slice(of_it..))
}
