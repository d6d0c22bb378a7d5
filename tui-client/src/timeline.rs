//! What is said in one room, as far as this client has it: events by their place in the log,
//! the ranges it does not have, and rows of its own. PURE.
//!
//! Nothing here scans the log: what is laid out is what is visible (`anchor`, `height`), and an
//! event costs the same whether a hundred or a million came before it.

pub mod anchor;
mod announced;
mod announcement;
mod arrivals;
pub(crate) mod bare;
mod changes;
mod fold;
mod gap;
mod height;
mod laid;
mod memory;
pub mod row;
mod said;
mod select;
mod speakers;
mod spot;
#[cfg(test)]
mod tests;
mod under;
mod unread;

use std::{collections::BTreeMap, sync::Arc};

use protocol::{EventKind, Identity, RoomEvent, Seq, Timestamp, UserName};

pub use anchor::{Scroll, Want};
pub(crate) use announced::Came;
pub(crate) use announcement::announced_by;
pub use bare::BareRow;
pub(crate) use changes::change;
pub use gap::Gap;
pub use memory::EVENTS_MAX;
pub use row::{Ink, Piece, Row, Viewport};
pub(crate) use said::{ACTION, sentence};
pub use select::Selected;
pub(crate) use select::{Bookmark, Step};
pub use speakers::Speaker;
pub(crate) use spot::Spot;
pub use unread::UnreadLine;

use crate::noticing::Noticing;
use anchor::Position;
use announced::Announced;
use arrivals::Arrivals;
use changes::Changes;
use fold::Folds;
use gap::Gaps;
use laid::Laid;
use speakers::Speakers;

/// How far back "the last message of …" is looked for.
const LOOKED_THROUGH_MAX: usize = 1_000;
/// Most rows of coming and going kept.
const ARRIVALS_MAX: usize = 200;

/// What is said in one room.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: BTreeMap<Seq, Entry>,
    gaps: Gaps,
    /// Who has spoken, also in what is here no longer.
    speakers: Speakers,
    /// Who came and went, by the event after which they did.
    arrivals: BTreeMap<Seq, Arrivals>,
    announced: Announced,
    /// What was edited or deleted of late, here or not.
    changes: Changes,
    /// The newest seq that is known of.
    last: Seq,
    position: Position,
    unread: Option<UnreadLine>,
    /// Messages that came while the newest was out of view.
    below: u32,
    /// What of it one wants to notice.
    noticing: Arc<Noticing>,
    folds: Folds,
    /// About how many bytes the events take.
    bytes: usize,
    /// What is laid out already.
    laid: Laid,
}

/// One event that takes rows.
#[derive(Clone, Debug)]
struct Entry {
    event: RoomEvent,
    /// Whether author and time stand before it. Decided when it came and never changed: an older
    /// page that comes in above must not rewrap the line under one's eyes.
    labelled: bool,
}

/// What became of an event that came live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is the next one.
    Next,
    /// It is newer, and some before it are missing: there is a gap now.
    AfterGap,
    /// It was here already.
    Known,
}

impl Timeline {
    /// A log of which only the bounds are known: everything before is forgotten.
    pub fn start(&mut self, oldest: Seq, head: Seq) {
        let noticing = Arc::clone(&self.noticing);
        let speakers = std::mem::take(&mut self.speakers);
        let announced = std::mem::take(&mut self.announced).without_places();
        *self = Self { last: head, noticing, speakers, announced, ..Self::default() };
        self.gaps.open(oldest.max(Seq::ZERO.next()), head, false);
        self.place_announced();
    }

    /// The newest seq that is known of.
    pub fn last(&self) -> Seq {
        self.last
    }

    /// Whether there is nothing to read: no event, and none missing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.gaps.at_or_after(Seq::ZERO).is_none()
    }

    /// Adds an event that came live or while catching up.
    pub fn append(&mut self, event: RoomEvent) -> Appended {
        let seq = event.seq;
        if seq <= self.last {
            return Appended::Known;
        }
        let is_next = seq == self.last.next();
        self.gaps.open(self.last.next(), seq.previous(), false);
        self.last = seq;
        let is_seen = takes_rows(event.kind) && !self.is_ignored(&event);
        if is_seen && !self.is_at_newest() {
            self.below += 1;
        }
        self.put(event);
        self.laid.came(&(seq..=seq));
        self.fold_newest(seq);
        self.drop_far_ones();
        if is_next { Appended::Next } else { Appended::AfterGap }
    }

    /// Adds a page that covers `from..=to`: what of that range is not in it takes no rows.
    pub fn insert_page(&mut self, events: &[RoomEvent], from: Seq, to: Seq) {
        self.gaps.fill(from, to);
        let to = to.min(self.last);
        for event in events.iter().filter(|event| (from..=to).contains(&event.seq)) {
            self.discount(event);
            self.put(event.clone());
        }
        self.laid.came(&(from..=to));
        self.fold_anew();
        self.place_announced();
        self.drop_far_ones();
    }

    /// Whether this event is not here, but can be fetched.
    pub(crate) fn is_missing(&self, seq: Seq) -> bool {
        self.gaps.at_or_after(seq).is_some_and(|gap| gap.from <= seq && !gap.gone)
    }

    /// The hub keeps `from..=to` no longer, or never will send it.
    pub fn lose(&mut self, from: Seq, to: Seq) {
        self.last = self.last.max(to);
        let has_older = self.entries.range(..from).next().is_some();
        if has_older {
            self.gaps.open(from, to, true);
        } else {
            self.gaps.fill(from, to);
        }
        self.place_announced();
    }

    /// People came, went or changed their name after the newest event.
    pub(crate) fn arrivals(&mut self, at: Timestamp) -> &mut Arrivals {
        while self.arrivals.len() >= ARRIVALS_MAX
            && let Some((dropped, _)) = self.arrivals.pop_first()
        {
            self.laid.changed_above(dropped);
        }
        self.arrivals.entry(self.last).or_insert_with(|| Arrivals::at(at))
    }

    /// An event that is here.
    pub fn event(&self, seq: Seq) -> Option<&RoomEvent> {
        self.entries.get(&seq).map(|entry| &entry.event)
    }

    /// The newest event of those that are here, and not too far back, of which this is true.
    pub(crate) fn newest_where(&self, is_it: impl Fn(&RoomEvent) -> bool) -> Option<Seq> {
        let newest = self.entries.values().rev().take(LOOKED_THROUGH_MAX);
        newest.map(|entry| &entry.event).find(|event| is_it(event)).map(|event| event.seq)
    }

    /// The events that are here, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &RoomEvent> {
        self.entries.values().rev().map(|entry| &entry.event)
    }

    /// Who spoke, the last one first; with repetitions, and no further back than the cache.
    pub fn authors(&self) -> impl Iterator<Item = &UserName> {
        self.entries.values().rev().map(|entry| &entry.event.from)
    }

    /// The identities of those who spoke, like [`Self::authors`].
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.entries.values().rev().map(|entry| &entry.event.by)
    }

    /// Those who were seen first, in that order.
    pub fn first_speakers(&self) -> &[Speaker] {
        self.speakers.first()
    }

    fn put(&mut self, event: RoomEvent) {
        match event.kind {
            EventKind::Edit | EventKind::Delete => self.change(&event),
            EventKind::Message | EventKind::Announcement | EventKind::Topic | EventKind::Notice => {
                self.put_entry(event);
            }
            // Counted at the message, by the pages; it has no row.
            EventKind::Reaction => {}
        }
    }

    fn put_entry(&mut self, mut event: RoomEvent) {
        self.position.settle(&event);
        self.changes.apply(&mut event);
        if self.change_entry(event.seq, |known| changes::take_over(known, &event)) {
            return;
        }
        let labelled = !self.continues(&event);
        self.speakers.see(&event.by);
        self.add_entry(event, labelled);
    }

    /// Whether it goes on from the row above: the same author in the same minute.
    fn continues(&self, event: &RoomEvent) -> bool {
        if !matches!(self.before(Spot::Event(event.seq)), Some(Spot::Event(_))) {
            return false;
        }
        // Also of what is folded away, which may be seen again.
        let above = self.entries.range(..event.seq).next_back();
        above.is_some_and(|(_, above)| height::goes_on(&above.event, event))
    }

    /// An edit or a deletion: it changes its message, now or when that comes.
    fn change(&mut self, event: &RoomEvent) {
        let Some(target) = self.changes.note(event) else { return };
        let changes = std::mem::take(&mut self.changes);
        self.change_entry(target, |known| changes.apply(known));
        self.changes = changes;
    }
}

/// Whether events of this kind are rows of their own.
pub(crate) fn takes_rows(kind: EventKind) -> bool {
    match kind {
        EventKind::Message | EventKind::Announcement | EventKind::Topic | EventKind::Notice => true,
        EventKind::Edit | EventKind::Delete | EventKind::Reaction => false,
    }
}
