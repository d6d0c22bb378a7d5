//! A room as this client sees it: who is in it, what was said, how much of that is unread. It
//! alone owns what it has. PURE.

mod announced;
mod noticing;
mod paging;
mod read;
mod typing;
mod unread;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use protocol::{
    Epoch, EventKind, Identity, NameKey, RoomEvent, RoomName, Timestamp, UserName,
    client::Join,
    server::{Gap, GapReason, Joined, Member, Members, Presence},
};

use crate::{
    place::Place,
    state::Me,
    timeline::{Appended, Timeline, Viewport},
};
use paging::Paging;
use read::Read;
use typing::Typing;
use unread::Sight;

/// Above this many people, coming and going is not worth a row.
pub const ARRIVALS_SHOWN_UP_TO: u32 = 50;

/// Most people of a room that are kept: in a larger one the hub tells of none.
pub(crate) const MEMBERS_MAX: usize = 1_000;

/// How far back [`Room::speakers`] looks.
const SPEAKERS_MAX: usize = 200;

/// A room as this client sees it.
#[derive(Clone, Debug)]
pub struct Room {
    /// Where it is held.
    pub place: Place,
    /// The other person, in a private room.
    pub peer: Option<UserName>,
    /// What it is about.
    pub topic: String,
    /// Whether the hub sends what is said in it; not while offline.
    pub joined: bool,
    /// How many people are in it, as far as the hub has told.
    pub count: u32,
    /// Messages that came while one looked elsewhere.
    pub unread: u32,
    /// How many of them were to oneself.
    pub mentions: u32,
    /// When it was on the screen for the last time, as [`crate::event::Now::mono`].
    pub(crate) shown_at: Duration,
    members: BTreeMap<NameKey, Member>,
    timeline: Timeline,
    epoch: Option<Epoch>,
    paging: Paging,
    sight: Sight,
    read: Read,
    typing: Typing,
}

/// What an event that came is to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// Nothing new.
    Known,
    /// A change that is no message.
    Quiet,
    /// A message of one's own.
    Own,
    /// A message.
    Message,
    /// A message to oneself: it names one, or the room is private, or it is an announcement.
    Mention,
}

impl Room {
    /// A room of which nothing is known yet.
    pub fn new(place: Place) -> Self {
        let peer = match &place {
            Place::Peer(name) => Some(name.clone()),
            Place::Room(_) => None,
        };
        Self {
            place,
            peer,
            topic: String::new(),
            joined: false,
            count: 0,
            unread: 0,
            mentions: 0,
            shown_at: Duration::ZERO,
            members: BTreeMap::new(),
            timeline: Timeline::default(),
            epoch: None,
            paging: Paging::Idle,
            sight: Sight::default(),
            read: Read::default(),
            typing: Typing::default(),
        }
    }

    /// What it is called: `lobby`, or `@Bob` in private. Raw.
    pub fn title(&self) -> String {
        match (&self.peer, &self.place) {
            (Some(peer), _) | (None, Place::Peer(peer)) => format!("@{peer}"),
            (None, Place::Room(room)) => room.to_string(),
        }
    }

    /// Who the other person is, by whatever name; known once they have written. The hub tells no
    /// identities but those of events.
    pub fn peer_identity(&self, me: &Identity) -> Option<&Identity> {
        let private = Some(&self.timeline).filter(|_| self.is_private());
        private.and_then(|timeline| timeline.identities().find(|by| *by != me))
    }

    /// Whether nobody but two people can read it.
    pub fn is_private(&self) -> bool {
        self.peer.is_some() || self.place.room().is_some_and(RoomName::is_private)
    }

    /// What was said in it.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The people in it, sorted by name. Above 1,000 the hub tells none.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Whether this person is known to be in it.
    pub fn has_member(&self, name: &UserName) -> bool {
        self.members.contains_key(&name.key())
    }

    /// Who spoke, the last one first; some more than once.
    pub fn speakers(&self) -> impl Iterator<Item = &UserName> {
        self.timeline.authors().take(SPEAKERS_MAX)
    }

    /// Whether the hub has said anything about it yet.
    pub fn is_known(&self) -> bool {
        self.epoch.is_some()
    }

    /// Whether what is here is of this life of the room.
    pub fn is_of(&self, epoch: &Epoch) -> bool {
        self.epoch.as_ref() == Some(epoch)
    }

    /// The request that follows it from where this client is. `None` for a private conversation
    /// that has not begun.
    pub fn join_request(&self) -> Option<Join> {
        let room = self.place.room()?.clone();
        let after = self.epoch.is_some().then(|| self.timeline.last());
        Some(Join { id: None, room, after, epoch: self.epoch.clone() })
    }

    /// The hub sends what is said from here on.
    pub fn on_joined(&mut self, joined: &Joined, me: Option<&Me>) {
        self.place = Place::Room(joined.room.clone());
        self.peer.clone_from(&joined.peer);
        self.topic = joined.topic.as_str().into();
        self.joined = true;
        self.paging = Paging::Idle;
        self.count = joined.count;
        self.members.clear();
        self.add_members(&joined.members);
        if !self.is_of(&joined.epoch) {
            self.start_anew(joined);
        }
        self.read_by_hub(joined.read, me.map(|me| &me.identity));
        self.epoch = Some(joined.epoch.clone());
    }

    /// Nothing more of it comes until it is joined again.
    pub fn on_disconnected(&mut self, at: Timestamp) {
        self.joined = false;
        self.paging = Paging::Idle;
        self.attend(at);
    }

    /// Something was said; `is_old`, while one was not connected. Only what comes next is taken
    /// over as it is; what was here already changes nothing, and a hole becomes a gap that fills
    /// itself.
    pub fn on_event(&mut self, event: RoomEvent, me: Option<&Me>, is_old: bool) -> Arrived {
        let last = self.timeline.last();
        let arrived = self.what_is(&event, me);
        self.typing.said(&event.from);
        let text = || event.text.as_ref().map_or_else(String::new, ToString::to_string);
        let topic = (event.kind == EventKind::Topic).then(text);
        if self.timeline.append(event) == Appended::Known {
            return Arrived::Known;
        }
        if let Some(topic) = topic {
            self.topic = topic;
        }
        match arrived {
            Arrived::Known | Arrived::Quiet => {}
            // Who writes has read.
            Arrived::Own => {
                self.retire_line();
                self.read_all();
            }
            Arrived::Message | Arrived::Mention => self.count_unread(last, arrived, is_old),
        }
        arrived
    }

    /// Some of it will not come. After a change of epoch nothing that is here has to do with the
    /// room as it is now.
    pub fn on_gap(&mut self, gap: &Gap) {
        match gap.reason {
            GapReason::Retention => self.timeline.lose(gap.from, gap.to),
            GapReason::Epoch => {
                self.timeline.start(gap.from, gap.to);
                self.forget_read();
            }
        }
    }

    /// Who is in it: an answer, or unasked in place of presence that was missed.
    pub fn on_members(&mut self, frame: &Members) {
        if frame.id.is_none() {
            self.members.clear();
        }
        self.add_members(&frame.members);
        if frame.id.is_none() && !frame.more {
            self.count = self.members.len() as u32;
        }
    }

    /// People came, went or changed; `at` is when this machine was told.
    pub fn on_presence(&mut self, presence: &Presence, me: Option<&Me>, at: Timestamp) {
        self.count = presence.count;
        let noticing = Arc::clone(self.timeline.noticing());
        let is_me = |name: &UserName| me.is_some_and(|me| me.name == *name);
        let has_rows = self.count <= ARRIVALS_SHOWN_UP_TO;
        let shown = |name: &UserName| has_rows && !noticing.ignoring.has_named(name);
        for name in &presence.left {
            self.members.remove(&name.key());
            if shown(name) && !is_me(name) {
                self.timeline.arrivals(at).left(name);
            }
        }
        for rename in &presence.renamed {
            self.rename(&rename.from, &rename.to);
            if shown(&rename.from) && shown(&rename.to) {
                self.timeline.arrivals(at).renamed(&rename.from, &rename.to);
            }
        }
        for member in &presence.joined {
            let is_new = self.add_member(member);
            if shown(&member.name) && is_new && !is_me(&member.name) {
                self.timeline.arrivals(at).joined(&member.name);
            }
        }
    }

    /// The view has another size.
    pub fn on_resize(&mut self, view: &Viewport) {
        self.timeline.settle(view);
    }

    /// It is on the screen and seen like this: what is to be drawn is laid out once.
    pub(crate) fn lay_out(&mut self, view: &Viewport) {
        self.timeline.lay_out(view);
    }

    /// Only so many events stay, around where one reads; the others can be read again.
    pub(crate) fn shrink_to(&mut self, events: usize) {
        self.timeline.shrink_to(events);
    }

    /// It is not on the screen any more.
    pub(crate) fn rest(&mut self) {
        self.timeline.rest();
    }

    fn start_anew(&mut self, joined: &Joined) {
        self.timeline.start(joined.oldest, joined.head);
        self.forget_read();
        self.start_unread(joined);
    }

    fn add_members(&mut self, members: &[Member]) {
        for member in members.iter().filter(|member| member.last_seen.is_none()) {
            self.add_member(member);
        }
    }

    /// Whether this person was not known to be here.
    fn add_member(&mut self, member: &Member) -> bool {
        let key = member.name.key();
        let is_new = !self.members.contains_key(&key);
        if !is_new || self.members.len() < MEMBERS_MAX {
            self.members.insert(key, member.clone());
        }
        is_new
    }

    fn rename(&mut self, from: &UserName, to: &UserName) {
        if let Some(member) = self.members.remove(&from.key()) {
            self.members.insert(to.key(), Member { name: to.clone(), ..member });
        }
        if self.peer.as_ref() == Some(from) {
            self.peer = Some(to.clone());
        }
    }

    fn what_is(&self, event: &RoomEvent, me: Option<&Me>) -> Arrived {
        let is_mine = me.is_some_and(|me| me.identity == event.by);
        if self.timeline.is_ignored(event) {
            return Arrived::Quiet;
        }
        match event.kind {
            EventKind::Message | EventKind::Announcement if is_mine => Arrived::Own,
            EventKind::Announcement => Arrived::Mention,
            EventKind::Message => {
                if self.is_to_me(event) {
                    Arrived::Mention
                } else {
                    Arrived::Message
                }
            }
            EventKind::Topic
            | EventKind::Edit
            | EventKind::Delete
            | EventKind::Reaction
            | EventKind::Notice => Arrived::Quiet,
        }
    }
}

#[cfg(test)]
mod tests;
