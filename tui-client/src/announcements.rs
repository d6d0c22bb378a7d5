//! What is announced to everyone: the room that is nobody's own, and what of it this client has
//! seen. Each room that one is in shows it among what was said there. PURE.

use std::{collections::BTreeMap, sync::Arc};

use protocol::{Epoch, EventKind, RoomEvent, RoomName, Seq, server::Joined};

use crate::{place::Place, timeline::change};

/// Most announcements that are kept, to be shown in rooms that are opened later.
pub(crate) const KEPT_MAX: usize = 100;

/// Where it is said.
pub(crate) fn place() -> Place {
    Place::Room(RoomName::announcements())
}

/// What is announced to everyone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Announcements {
    epoch: Option<Epoch>,
    /// The newest that has come, without a hole before it.
    last: Seq,
    /// So far one has seen them, here or on another device.
    seen: Seq,
    /// So far the hub knows that one has.
    told: Seq,
    /// What came, as it is by now; the oldest first.
    kept: BTreeMap<Seq, Arc<RoomEvent>>,
    /// How many came that were not on a screen that is looked at.
    pub(crate) unseen: u32,
}

/// What became of an event.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// It was here already, or says nothing.
    Nothing,
    /// This is announced, and the oldest of those before makes place.
    New(Arc<RoomEvent>, Option<Seq>),
    /// An announcement is this by now.
    Changed(Arc<RoomEvent>),
}

impl Announcements {
    /// The hub tells how far they go. Whether it counts them anew, so that nothing of before has
    /// to do with them. Where one `was_here` and has read none, all of them are new; whoever comes
    /// for the first time has missed none.
    pub(crate) fn on_joined(&mut self, joined: &Joined, was_here: bool) -> bool {
        let is_anew = self.epoch.as_ref() != Some(&joined.epoch);
        let never = if was_here { Seq::ZERO } else { joined.head };
        if is_anew {
            let far = joined.head.get().saturating_sub(KEPT_MAX as u64);
            let last = Seq::new(far).unwrap_or_default().max(joined.oldest.previous());
            let (epoch, seen) = (Some(joined.epoch.clone()), joined.read.unwrap_or(never));
            *self = Self { epoch, last, seen, ..Self::default() };
        }
        self.told = joined.read.unwrap_or_default();
        self.seen = self.seen.max(self.told);
        is_anew
    }

    /// The newest that has come.
    pub(crate) fn last(&self) -> Seq {
        self.last
    }

    /// Those that are kept, the oldest first.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Arc<RoomEvent>> {
        self.kept.values()
    }

    /// Whether this was not heard before, here or on another device.
    pub(crate) fn is_news(&self, event: &RoomEvent) -> bool {
        event.seq > self.last && event.seq > self.seen
    }

    /// What comes next.
    pub(crate) fn on_event(&mut self, event: &RoomEvent) -> Heard {
        if event.seq <= self.last || event.seq == Seq::MAX {
            return Heard::Nothing;
        }
        self.last = event.seq;
        match event.kind {
            EventKind::Announcement | EventKind::Message => self.add(event),
            EventKind::Edit | EventKind::Delete => self.change(event),
            EventKind::Topic | EventKind::Reaction | EventKind::Notice => Heard::Nothing,
        }
    }

    /// The hub keeps these no longer, so they will not come.
    pub(crate) fn lose(&mut self, to: Seq) {
        self.last = self.last.max(to);
    }

    /// Everything that has come was on a screen that is looked at.
    pub(crate) fn see_all(&mut self) {
        self.seen = self.seen.max(self.last);
        self.unseen = 0;
    }

    /// One has seen so far, on another device.
    pub(crate) fn on_read(&mut self, seq: Seq) {
        self.told = self.told.max(seq);
        self.seen = self.seen.max(seq);
    }

    /// How far one has read, if the hub does not know.
    pub(crate) fn read_to_tell(&self) -> Option<Seq> {
        let is_news = self.epoch.is_some() && self.seen > self.told;
        is_news.then_some(self.seen)
    }

    /// The hub is being told.
    pub(crate) fn read_told(&mut self, seq: Seq) {
        self.told = self.told.max(seq);
    }

    fn add(&mut self, event: &RoomEvent) -> Heard {
        // What was taken back before one heard it is nothing to be told.
        if event.deleted.is_some() {
            return Heard::Nothing;
        }
        let (room, kind) = (RoomName::announcements(), EventKind::Announcement);
        let event = Arc::new(RoomEvent { room, kind, ..event.clone() });
        self.kept.insert(event.seq, Arc::clone(&event));
        let is_over = self.kept.len() > KEPT_MAX;
        let oldest = if is_over { self.kept.pop_first() } else { None };
        Heard::New(event, oldest.map(|(seq, _)| seq))
    }

    fn change(&mut self, event: &RoomEvent) -> Heard {
        let known = event.target.and_then(|target| self.kept.get_mut(&target));
        let Some(known) = known else { return Heard::Nothing };
        change(Arc::make_mut(known), event);
        Heard::Changed(Arc::clone(known))
    }
}
