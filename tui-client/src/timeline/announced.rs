//! What was announced to everyone, as rows of this room's own between what was said here: each
//! stands after the event after which it came, and stays there. PURE.
//!
//! One that came before this room was known here stands where its time says, once what was said
//! then is here. What is among missing events is missing with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use protocol::{RequestId, RoomEvent, Seq, Timestamp};

use super::{
    Spot, Timeline,
    anchor::{Mark, Position},
    announcement::Announcement,
    row::{Row, Viewport},
};

/// How an announcement came to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// It is news, and stands after what is the newest by now.
    Now,
    /// It was heard before; it stands where its time says, or nowhere yet.
    Before,
}

/// The announcements, by their seq among all of them, and where they stand in a room.
#[derive(Clone, Debug, Default)]
pub(super) struct Announced {
    all: BTreeMap<Seq, Arc<RoomEvent>>,
    /// After which event of the room, and which.
    places: BTreeSet<(Seq, Seq)>,
}

impl Announced {
    fn place_of(&self, number: Seq) -> Option<Seq> {
        self.places.iter().find(|(_, placed)| *placed == number).map(|(after, _)| *after)
    }

    /// Those that stand nowhere yet.
    fn unplaced(&self) -> Vec<(Seq, Timestamp)> {
        let placed: BTreeSet<Seq> = self.places.iter().map(|(_, number)| *number).collect();
        let all = self.all.iter().filter(|(number, _)| !placed.contains(number));
        all.map(|(number, event)| (*number, event.at)).collect()
    }

    /// Which there are.
    #[cfg(test)]
    pub(super) fn numbers(&self) -> impl DoubleEndedIterator<Item = Seq> {
        self.all.keys().copied()
    }

    /// The same in a room that begins anew.
    pub(super) fn without_places(self) -> Self {
        Self { places: BTreeSet::new(), ..self }
    }
}

impl Timeline {
    /// Something was announced to everyone.
    pub(crate) fn announce(&mut self, event: Arc<RoomEvent>, came: Came) {
        let number = event.seq;
        let after = match came {
            Came::Now => Some(self.last),
            Came::Before => self.place_by_time(event.at),
        };
        if came == Came::Now && !self.is_at_newest() {
            self.below += 1;
        }
        let id = event.id.clone();
        self.announced.all.insert(number, event);
        if let Some(after) = after {
            self.place(after, number);
            self.settle_announced(&id, after, number);
        }
    }

    /// An announcement has other words now, or none.
    pub(crate) fn announced_otherwise(&mut self, event: Arc<RoomEvent>) {
        if let Some(known) = self.announced.all.get_mut(&event.seq) {
            *known = event;
        }
    }

    /// The oldest of them makes place.
    pub(crate) fn forget_announced(&mut self, number: Seq) {
        self.announced.all.remove(&number);
        if let Some(after) = self.announced.place_of(number) {
            self.announced.places.remove(&(after, number));
            self.laid.changed_above(after.next());
        }
    }

    /// The hub counts them anew.
    pub(crate) fn forget_all_announced(&mut self) {
        self.announced = Announced::default();
        self.laid.clear();
    }

    /// More of what was said is here, so that some of them may have a place now.
    pub(super) fn place_announced(&mut self) {
        for (number, at) in self.announced.unplaced() {
            if let Some(after) = self.place_by_time(at) {
                self.place(after, number);
            }
        }
    }

    fn place(&mut self, after: Seq, number: Seq) {
        self.announced.places.insert((after, number));
        // What stands below may be of the same day now.
        self.laid.changed_above(after.next());
    }

    /// After which event of the newest ones, without a hole between them, something of this time
    /// stands; `None` if it is older than all of them, and more can be fetched.
    fn place_by_time(&self, at: Timestamp) -> Option<Seq> {
        let hole = self.gaps.newest_to_fetch().map_or(Seq::ZERO, |gap| gap.to);
        let mut newest_first = self.entries.range(hole.next()..).rev();
        let before = newest_first.find(|(_, entry)| entry.event.at <= at).map(|(seq, _)| *seq);
        let newest = self.entries.last_key_value().map(|(seq, _)| *seq);
        match before {
            Some(_) if before == newest => Some(self.last),
            Some(_) => before,
            None if hole > Seq::ZERO => None,
            None => Some(self.entries.keys().next().map_or(self.last, |first| first.previous())),
        }
    }

    /// An own one has come: who reads it still does.
    fn settle_announced(&mut self, id: &RequestId, after: Seq, number: Seq) {
        if let Position::At(anchor) = &mut self.position
            && anchor.mark == Mark::Outgoing(id.clone())
        {
            anchor.mark = Mark::Announced(after, number);
        }
    }

    /// When it was announced.
    pub(super) fn time_of_announced(&self, number: Seq) -> Option<Timestamp> {
        self.announced.all.get(&number).map(|event| event.at)
    }

    /// Whether any stands here.
    pub(crate) fn has_announced(&self) -> bool {
        !self.announced.places.is_empty()
    }

    /// An announcement that is here.
    pub(super) fn announcement(&self, number: Seq) -> Option<&RoomEvent> {
        self.announced.all.get(&number).map(Arc::as_ref)
    }

    pub(super) fn announced_rows(&self, spot: Spot, number: Seq, view: &Viewport) -> Vec<Row> {
        let Some(event) = self.announcement(number) else { return Vec::new() };
        let mut rows = self.day_line(spot, event.at, view);
        rows.extend(Announcement::of(event).rows(view));
        rows
    }

    /// The first of those at or after this place in the log.
    pub(super) fn announced_from(&self, place: (Seq, Seq)) -> Option<Spot> {
        let mut places = self.announced.places.range(place..);
        places.find(|place| self.is_among_known(**place)).map(spot)
    }

    /// The last of those before this place in the log.
    pub(super) fn announced_before(&self, place: (Seq, Seq)) -> Option<Spot> {
        let mut places = self.announced.places.range(..place).rev();
        places.find(|place| self.is_among_known(**place)).map(spot)
    }

    /// Where one stands that was there.
    pub(super) fn spot_of_announced(&self, after: Seq, number: Seq) -> Option<Spot> {
        let place = (after, number);
        let is_there = self.announced.places.contains(&place) && self.is_among_known(place);
        is_there.then(|| spot(&place))
    }

    fn is_among_known(&self, (after, _): (Seq, Seq)) -> bool {
        !self.is_missing(after)
    }
}

fn spot((after, number): &(Seq, Seq)) -> Spot {
    Spot::Announced(*after, *number)
}
