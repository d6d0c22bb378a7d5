//! How far people have read: remembered for each of them, told to their other connections, and
//! kept now and then. PURE.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use protocol::{Identity, RoomName, Seq, ServerFrame, SessionId, client::Read, server::ReadMarker};

use super::{
    effect::Effect,
    membership::{is_announcements, not_in_room},
    people::PersonId,
    session::{Asker, Session},
    state::HubState,
    turn::Turn,
};
use crate::ledger::ReadRecord;

/// Changes are kept at most this often.
const KEPT_EVERY: Duration = Duration::from_secs(5);

/// How far everyone has read.
#[derive(Debug, Default)]
pub(crate) struct ReadMarkers {
    /// By identity, so that they wait for those, too, who have no name at the moment.
    of: BTreeMap<Identity, BTreeMap<RoomName, Seq>>,
    /// What is to be kept.
    changed: BTreeSet<(Identity, RoomName)>,
    /// When it is kept.
    due: Option<Duration>,
}

impl ReadMarkers {
    /// All as kept.
    pub(crate) fn load(records: Vec<ReadRecord>) -> Self {
        let mut markers = Self::default();
        for ReadRecord { identity, room, seq } in records {
            markers.advance(&identity, &room, seq);
        }
        markers
    }

    /// How far somebody has read a room, if they have said so.
    pub(crate) fn get(&self, identity: &Identity, room: &RoomName) -> Option<Seq> {
        self.of.get(identity)?.get(room).copied()
    }

    /// When there is something to be kept.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.due
    }

    /// Forgets somebody who will not come back.
    pub(crate) fn forget(&mut self, identity: &Identity) {
        self.of.remove(identity);
    }

    /// Moves a marker forward, never back. Says whether it moved.
    fn advance(&mut self, identity: &Identity, room: &RoomName, seq: Seq) -> bool {
        if seq <= self.get(identity, room).unwrap_or(Seq::ZERO) {
            return false;
        }
        let rooms = match self.of.get_mut(identity) {
            Some(rooms) => rooms,
            None => self.of.entry(identity.clone()).or_default(),
        };
        rooms.insert(room.clone(), seq);
        true
    }

    /// A marker is to be kept as it is when the time for it comes.
    fn mark(&mut self, now: Duration, identity: &Identity, room: &RoomName) {
        self.changed.insert((identity.clone(), room.clone()));
        self.due.get_or_insert(now + KEPT_EVERY);
    }

    /// What has changed since it was kept last.
    fn take_changed(&mut self) -> Vec<ReadRecord> {
        self.due = None;
        let changed = std::mem::take(&mut self.changed).into_iter();
        let record = |(identity, room)| {
            let seq = self.get(&identity, &room)?;
            Some(ReadRecord { identity, room, seq })
        };
        changed.filter_map(record).collect()
    }
}

impl HubState {
    /// Somebody has read a room up to an event. What a number above the head means is all there
    /// is.
    pub(super) fn read(&mut self, turn: &mut Turn, asker: Asker, frame: &Read) {
        let Some(room) = self.readable(&asker, &frame.room) else {
            return turn.deny(asker, not_in_room(&frame.room));
        };
        let seq = frame.seq.min(room.head);
        turn.push(Effect::Done { session: asker.session });
        if self.advance_marker(turn, asker.person, &frame.room, seq) {
            self.tell_others(turn, &asker, &frame.room, seq);
        }
    }

    /// Moves somebody's marker, and has it kept unless they are a guest. Says whether it moved.
    fn advance_marker(&mut self, turn: &Turn, id: PersonId, room: &RoomName, seq: Seq) -> bool {
        let Some(person) = self.people.get(id) else {
            return false;
        };
        let is_new = self.markers.advance(&person.identity, room, seq);
        if is_new && !person.is_guest {
            self.markers.mark(turn.now.mono, &person.identity, room);
        }
        is_new
    }

    /// Tells somebody's other connections in a room how far they have read it on this one.
    fn tell_others(&self, turn: &mut Turn, asker: &Asker, room: &RoomName, seq: Seq) {
        let sessions = self.people.get(asker.person).into_iter().flat_map(|it| &it.sessions);
        let others = sessions.filter(|session| **session != asker.session);
        for session in others.filter(|session| self.follows(**session, room)) {
            turn.tell(*session, marker(room, seq));
        }
    }

    fn follows(&self, session: SessionId, room: &RoomName) -> bool {
        let session = self.sessions.get(&session);
        is_announcements(room) || session.is_some_and(|session| session.is_in(room))
    }

    /// Tells a connection that may have missed it how far its person has read a room.
    pub(super) fn tell_marker(&self, turn: &mut Turn, session: SessionId, room: &RoomName) {
        let person = self.sessions.get(&session).and_then(Session::person);
        let person = person.and_then(|id| self.people.get(id));
        if let Some(seq) = person.and_then(|person| self.markers.get(&person.identity, room)) {
            turn.tell(session, marker(room, seq));
        }
    }

    /// Has kept what is due.
    pub(super) fn flush_markers(&mut self, turn: &mut Turn) {
        if self.markers.next_deadline().is_some_and(|due| due <= turn.now.mono) {
            self.keep_markers(turn);
        }
    }

    /// Has kept everything, due or not.
    pub(super) fn keep_markers(&mut self, turn: &mut Turn) {
        let changed = self.markers.take_changed();
        if !changed.is_empty() {
            turn.push(Effect::KeepRead(changed));
        }
    }
}

fn marker(room: &RoomName, seq: Seq) -> ServerFrame {
    ServerFrame::Read(ReadMarker { id: None, room: room.clone(), seq })
}
