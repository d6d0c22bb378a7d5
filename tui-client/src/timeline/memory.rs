//! How much of a room is kept in memory, and which part makes way: what is farthest from where
//! one reads. It becomes a gap, which fills itself when one comes near. PURE.

use protocol::{RoomEvent, Seq};

use super::{Entry, Timeline};

/// Most events of one room kept in memory. About 5 MB of usual messages.
pub const EVENTS_MAX: usize = 10_000;
/// Which part of them is dropped at once, so that dropping is rare.
pub(super) const DROPPED_PART: usize = 4;
/// Most missing ranges that are told apart: a loss of the connection makes one, so that nobody
/// but a hub that leaves out every other event comes near. The oldest become one then, with what
/// is between them.
pub(super) const GAPS_MAX: usize = 1_000;
/// What an event takes beside its text: its fields, a name, two ids, and its place in the tree.
const EVENT_BYTES: usize = 400;

/// About how many bytes of memory an event takes.
pub(super) fn bytes_of(event: &RoomEvent) -> usize {
    let text = event.text.as_ref().map_or(0, |text| text.as_str().len());
    EVENT_BYTES + text + size_of_val(event.reactions.as_slice())
}

impl Timeline {
    /// About how many bytes of memory the events take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many events are here.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Keeps so many events around where one reads, half of them on either side as far as there
    /// are so many.
    pub(crate) fn shrink_to(&mut self, count: usize) {
        let older = self.older();
        let newer = self.len() - older;
        let kept_newer = newer.min(count.saturating_sub(older).max(count / 2));
        let kept_older = older.min(count - kept_newer);
        self.drop_oldest(older - kept_older);
        self.drop_newest(newer - kept_newer);
    }

    /// Keeps memory bounded: the events farthest from the reader make place.
    pub(super) fn drop_far_ones(&mut self) {
        self.keep_at_most(EVENTS_MAX);
        while self.gaps.len() > GAPS_MAX {
            self.join_first_gaps();
        }
    }

    pub(super) fn keep_at_most(&mut self, most: usize) {
        if self.len() <= most {
            return;
        }
        let dropped = most / DROPPED_PART;
        if self.older() >= self.len() / 2 {
            self.drop_oldest(dropped);
        } else {
            self.drop_newest(dropped);
        }
    }

    /// How many events are above where one reads. By their number, not by the distance of their
    /// seqs: there may be gaps between.
    fn older(&self) -> usize {
        match self.position.seq() {
            Some(reader) => self.entries.range(..reader).count(),
            None => self.len(),
        }
    }

    fn drop_oldest(&mut self, count: usize) {
        let mut seqs = self.entries.keys().copied();
        let Some(first) = seqs.next().filter(|_| count > 0) else { return };
        let Some(kept) = seqs.nth(count - 1) else { return };
        self.remove(first, kept.previous());
        self.arrivals = self.arrivals.split_off(&kept);
        self.gaps.open(first, kept.previous(), false);
        self.fold_anew();
    }

    fn drop_newest(&mut self, count: usize) {
        let last = self.entries.keys().nth_back(count.saturating_sub(1)).copied();
        let Some(dropped) = last.filter(|_| count > 0) else { return };
        self.remove(dropped, Seq::MAX);
        self.arrivals.split_off(&dropped);
        self.gaps.open(dropped, self.last, false);
        self.fold_anew();
    }

    fn join_first_gaps(&mut self) {
        let Some((from, to)) = self.gaps.first_two() else { return };
        self.remove(from, to);
        self.gaps.open(from, to, false);
        self.fold_anew();
    }

    fn remove(&mut self, from: Seq, to: Seq) {
        self.laid.clear();
        let mut removed = self.entries.split_off(&from);
        let mut kept = removed.split_off(&to.next());
        self.entries.append(&mut kept);
        let bytes: usize = removed.values().map(|entry| bytes_of(&entry.event)).sum();
        self.bytes -= bytes;
    }

    /// Changes an event that is here.
    pub(super) fn change_entry(&mut self, seq: Seq, change: impl FnOnce(&mut RoomEvent)) -> bool {
        let Some(entry) = self.entries.get_mut(&seq) else { return false };
        let before = bytes_of(&entry.event);
        change(&mut entry.event);
        self.bytes = self.bytes + bytes_of(&entry.event) - before;
        self.laid.forget(seq);
        true
    }

    pub(super) fn add_entry(&mut self, event: RoomEvent, labelled: bool) {
        self.bytes += bytes_of(&event);
        self.entries.insert(event.seq, Entry { event, labelled });
    }
}
