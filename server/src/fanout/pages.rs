//! Pages of the ledger for lagging cursors: those that need the same one share it. PURE.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use protocol::{RoomName, Seq, SessionId};

use super::{
    cursor::Page,
    ring::{FILL_BYTES, FILL_EVENTS},
    table::retention_gap,
};
use crate::{
    dialect::Lens,
    ledger::{PageQuery, PageRange, PageResult, PageRows, ReadError, ReadRefused},
};

/// Most pages that are being read for one shard; cursors that need another one wait.
pub(super) const READING_MAX: usize = 64;
/// Bytes of text in a page.
const PAGE_BYTES: usize = 48 * 1024;

/// Which page: a part of a room, as it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PageKey {
    pub(super) room: RoomName,
    pub(super) part: Part,
    pub(super) lens: Lens,
}

/// Which part of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// The events after this seq, for cursors that need them.
    After(Seq),
    /// The newest events that the ring lacks, for the ring: one page for all who wait for it.
    Newest,
}

/// What a ring has when a page for it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The first event in the ring.
    pub(super) first: Seq,
    /// The last one.
    pub(super) head: Seq,
}

/// A page that is to be read.
#[derive(Clone, Debug)]
pub struct PageWanted {
    key: PageKey,
    known: Known,
    events: usize,
}

impl PageWanted {
    /// What to ask the ledger.
    pub fn query(&self) -> PageQuery {
        let (range, limit, bytes_max) = match self.key.part {
            Part::After(after) => (PageRange::After(after), self.events, PAGE_BYTES),
            Part::Newest => (PageRange::Before(self.known.first), FILL_EVENTS, FILL_BYTES),
        };
        PageQuery { room: self.key.room.clone(), range, limit, bytes_max, head: self.known.head }
    }

    /// What the ledger has answered.
    pub fn read(self, result: PageResult) -> PageRead {
        PageRead { key: self.key, head: self.known.head, result }
    }
}

/// A page that has been read.
#[derive(Debug)]
pub struct PageRead {
    key: PageKey,
    head: Seq,
    result: PageResult,
}

/// Who waits for which page.
pub type Waiter = (u32, SessionId);

/// Those who wait for one page.
#[derive(Debug, Default)]
struct Waiting {
    waiters: Vec<Waiter>,
    /// It may have been read before something in it was erased: it is not to be told.
    is_spoiled: bool,
}

/// The pages of one shard.
#[derive(Debug)]
pub(super) struct Pages {
    /// Events in one.
    events: usize,
    waiting: HashMap<PageKey, Waiting>,
    /// Those for whom there was no room; they ask again.
    refused: VecDeque<Waiter>,
}

impl Pages {
    /// No pages yet, of so many events each.
    pub(super) fn new(events: usize) -> Self {
        Self { events, waiting: HashMap::new(), refused: VecDeque::new() }
    }

    /// Has a page read for `waiter`, or read with those who already wait for it. If it will not
    /// come, `waiter` is among those to ask again.
    pub(super) fn request(
        &mut self,
        key: PageKey,
        known: Known,
        waiter: Waiter,
        read: impl FnOnce(PageWanted) -> Result<(), ReadRefused>,
    ) {
        if let Some(waiting) = self.waiting.get_mut(&key) {
            return waiting.waiters.push(waiter);
        }
        let wanted = PageWanted { key: key.clone(), known, events: self.events };
        if self.waiting.len() >= READING_MAX || read(wanted) == Err(ReadRefused::Busy) {
            return self.refused.push_back(waiter);
        }
        // If the ledger has ended, so does the hub: whoever waits is not kept waiting long.
        self.waiting.insert(key, Waiting { waiters: vec![waiter], is_spoiled: false });
    }

    /// Something in a room was erased: whoever waits for a page of it asks for another one.
    pub(super) fn spoil(&mut self, room: &RoomName) {
        for (_, waiting) in self.waiting.iter_mut().filter(|(key, _)| key.room == *room) {
            waiting.is_spoiled = true;
        }
    }

    /// How many rings are to be filled by what is being read.
    pub(super) fn fills(&self) -> usize {
        self.waiting.keys().filter(|key| key.part == Part::Newest).count()
    }

    /// Takes those who had no room.
    pub(super) fn take_refused(&mut self) -> VecDeque<Waiter> {
        if self.waiting.len() < READING_MAX {
            return std::mem::take(&mut self.refused);
        }
        VecDeque::new()
    }

    /// Takes a page that was read, encoded, with who waits for it.
    pub(super) fn take(&mut self, read: PageRead) -> (PageKey, Vec<Waiter>, PageOrError) {
        let Waiting { waiters, is_spoiled } = self.waiting.remove(&read.key).unwrap_or_default();
        let encoded = |rows| Arc::new(encode(&read.key, read.head, &rows));
        let page = read.result.map(|rows| (!is_spoiled).then(|| encoded(rows)));
        (read.key, waiters, page)
    }
}

/// An encoded page, none if it was spoiled, or why it could not be read.
pub(super) type PageOrError = Result<Option<Arc<Page>>, ReadError>;

/// Encodes a page. Where events are no longer kept, one for cursors says so: nobody is left with
/// a silent hole.
fn encode(key: &PageKey, head: Seq, rows: &PageRows) -> Page {
    let mut page = Page::default();
    let Part::After(mut have) = key.part else {
        let encoded = |event| key.lens.encode_event(event);
        rows.events.iter().for_each(|event| page.push(event.seq, encoded(event)));
        return page;
    };
    let gap = |from: Seq, to: Seq| key.lens.encode(&retention_gap(&key.room, from, to));
    for event in &rows.events {
        if event.seq > have.next() {
            page.push(event.seq.previous(), gap(have.next(), event.seq.previous()));
        }
        page.push(event.seq, key.lens.encode_event(event));
        have = event.seq;
    }
    if !rows.more && have < head {
        page.push(head, gap(have.next(), head));
    }
    page
}
