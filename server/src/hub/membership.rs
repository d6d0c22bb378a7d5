//! Who follows and who is in which room: joining, leaving, being lost, coming back. PURE.

use protocol::{
    ErrorCode, ROOMS_MAX, RequestId, RoomName, Seq, SessionId, UserName,
    client::Join,
    server::{Gap, GapReason, Joined, Left},
};

use super::{
    effect::Effect,
    memberships::Membership,
    people::{Person, PersonId},
    room::Room,
    session::{Asker, Session},
    state::HubState,
    turn::{Denial, Turn},
};
use crate::ledger::Private;

/// Where a connection begins to follow a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The last seq it is taken to have.
    after: Seq,
    /// From where to where nothing will come, and why.
    gap: Option<(Seq, Seq, GapReason)>,
}

impl Cursor {
    /// From now on.
    pub(crate) fn live(room: &Room) -> Self {
        Self { after: room.head, gap: None }
    }

    /// From where the connection was, as far as that is possible.
    fn resumed(room: &Room, after: Option<Seq>, is_same_epoch: bool) -> Self {
        let has_all = room.oldest.previous();
        match after {
            _ if !is_same_epoch => Self::other_epoch(room),
            None => Self::live(room),
            Some(after) if after > room.head => Self::other_epoch(room),
            Some(after) if after < has_all => {
                let gap = (after.next(), has_all, GapReason::Retention);
                Self { after: has_all, gap: Some(gap) }
            }
            Some(after) => Self { after, gap: None },
        }
    }

    fn other_epoch(room: &Room) -> Self {
        let gap = (Seq::ZERO.next(), room.head, GapReason::Epoch);
        Self { after: room.head, gap: Some(gap) }
    }
}

impl HubState {
    /// A connection wants to follow a room.
    pub(super) fn join(&mut self, turn: &mut Turn, asker: Asker, frame: &Join) {
        if let Err(denial) = self.check_may_join(&asker, &frame.room) {
            return turn.deny(asker, denial);
        }
        let is_same_epoch = frame.epoch.as_ref().is_none_or(|epoch| *epoch == self.epoch);
        let cursor = Cursor::resumed(self.rooms.open(&frame.room), frame.after, is_same_epoch);
        let follower = (asker.session, asker.person);
        self.follow(turn, follower, &frame.room, cursor, Some(&asker));
    }

    fn check_may_join(&self, asker: &Asker, room: &RoomName) -> Result<(), Denial> {
        let session = self.sessions.get(&asker.session);
        if session.is_some_and(|session| session.is_in(room)) {
            return Ok(());
        }
        if room.is_private() {
            return if self.owns_private(asker.person, room) {
                Ok(())
            } else {
                Err(no_such_room(room))
            };
        }
        let public =
            |session: &Session| session.rooms.iter().filter(|room| !room.is_private()).count();
        if is_announcements(room) || session.map_or(0, public) < ROOMS_MAX {
            Ok(())
        } else {
            Err(too_many_rooms(room))
        }
    }

    /// Lets a connection follow a room, which is there: as its answer, if it asked.
    pub(super) fn follow(
        &mut self,
        turn: &mut Turn,
        (session, person): (SessionId, PersonId),
        room: &RoomName,
        cursor: Cursor,
        request: Option<&Asker>,
    ) {
        let is_in = self.sessions.get(&session).is_none_or(|session| session.is_in(room));
        if is_in || is_announcements(room) {
            self.windows.note_snapshot(room);
        } else {
            self.enter(turn, session, person, room);
        }
        let id = request.and_then(|asker| asker.id.clone());
        let Some(joined) = self.joined_frame(person, room, id) else {
            return;
        };
        let gap = cursor.gap.map(|(from, to, reason)| Gap { room: room.clone(), from, to, reason });
        let reader = self.people.get(person).filter(|_| room.is_private());
        turn.push(Effect::Attach {
            session,
            joined: Box::new(joined),
            gap,
            after: cursor.after,
            reader: reader.map(|person| person.identity.clone()),
            answers: request.is_some(),
        });
    }

    fn enter(&mut self, turn: &Turn, session: SessionId, id: PersonId, room: &RoomName) {
        if let Some(entry) = self.sessions.get_mut(&session) {
            entry.rooms.reserve_exact(1);
            entry.rooms.push(room.clone());
        }
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        let key = person.key.clone();
        let before = person.memberships.get(room);
        let sessions = match before {
            Some(Membership::Here(sessions)) => sessions + 1,
            Some(Membership::Lingering(_)) | None => 1,
        };
        person.memberships.insert(room, Membership::Here(sessions));
        if before.is_some() {
            self.windows.note_snapshot(room);
        } else {
            self.rooms.add_member(room, key, id);
            self.touch(turn, room, id, None);
            self.windows.note_first_snapshot(room, id);
        }
    }

    fn joined_frame(
        &self,
        person: PersonId,
        name: &RoomName,
        id: Option<RequestId>,
    ) -> Option<Joined> {
        let room = self.rooms.get(name)?;
        let (members, more) = self.shown_members(room);
        let person = self.people.get(person);
        Some(Joined {
            id,
            room: name.clone(),
            peer: person.and_then(|person| self.peer(room, person)),
            topic: room.topic.clone(),
            head: room.head,
            oldest: room.oldest,
            read: person.and_then(|person| self.markers.get(&person.identity, name)),
            epoch: self.epoch.clone(),
            count: room.count(),
            members,
            more,
        })
    }

    /// A connection does not want to follow a room any more.
    pub(super) fn leave(&mut self, turn: &mut Turn, asker: Asker, room: RoomName) {
        if is_announcements(&room) {
            let text = "announcements are for everyone; one can't leave them";
            return turn.deny(asker, Denial::of_room(ErrorCode::Forbidden, text, &room));
        }
        let Some(entry) = self.sessions.get_mut(&asker.session) else {
            return;
        };
        let Some(place) = entry.rooms.iter().position(|other| *other == room) else {
            return turn.deny(asker, not_in_room(&room));
        };
        entry.rooms.swap_remove(place);
        self.exit(turn, asker.person, &room, false);
        let left = Some(Left { id: asker.id, room: room.clone() });
        turn.push(Effect::Detach { session: asker.session, room, left });
    }

    /// A connection is gone.
    pub(super) fn closed(&mut self, turn: &mut Turn, session: SessionId, clean: bool) {
        self.idle.end(session);
        let Some(entry) = self.sessions.remove(&session) else {
            return;
        };
        let Some(id) = entry.person() else { return };
        self.mark_seen(turn, id);
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        person.sessions.retain(|other| *other != session);
        let guest = person.is_guest.then(|| person.identity.clone());
        for room in &entry.rooms {
            self.exit(turn, id, room, !clean && guest.is_none());
        }
        if let Some(guest) = guest {
            self.people.remove_guest(id);
            self.markers.forget(&guest);
        }
        self.forget_away(id);
    }

    /// One connection less through which somebody is in a room. If it was the last, they have
    /// left, unless they may come back.
    fn exit(&mut self, turn: &Turn, id: PersonId, room: &RoomName, may_come_back: bool) {
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        let Some(membership) = person.memberships.get_mut(room) else {
            return;
        };
        match membership {
            Membership::Here(sessions) if *sessions > 1 => *sessions -= 1,
            _ if may_come_back => {
                let until = turn.now.mono + self.settings.linger;
                *membership = Membership::Lingering(until);
                self.lingering.push_back((until, id, room.clone()));
            }
            _ => self.depart(turn, id, room),
        }
    }

    fn depart(&mut self, turn: &Turn, id: PersonId, room: &RoomName) {
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        let (before, key) = (person.member(), person.key.clone());
        person.memberships.remove(room);
        self.touch(turn, room, id, Some(before));
        self.rooms.remove_member(room, &key);
    }

    /// Those who did not come back have left.
    pub(super) fn end_lingering(&mut self, turn: &mut Turn) {
        while let Some((until, ..)) =
            self.lingering.front().filter(|(until, ..)| *until <= turn.now.mono)
        {
            let until = *until;
            let Some((_, id, room)) = self.lingering.pop_front() else {
                return;
            };
            let membership = self.people.get(id).and_then(|person| person.memberships.get(&room));
            if membership == Some(Membership::Lingering(until)) {
                self.depart(turn, id, &room);
                self.forget_away(id);
            }
        }
    }

    /// Who is nowhere any more is not away either when they come back.
    fn forget_away(&mut self, id: PersonId) {
        if let Some(person) = self.people.get_mut(id)
            && !person.is_online()
            && person.memberships.is_empty()
        {
            person.away = None;
        }
    }

    /// The other person of a private room, by the name they have now.
    pub(super) fn peer(&self, room: &Room, person: &Person) -> Option<UserName> {
        let Private { people: [one, other] } = room.private.as_ref()?;
        let (identity, name) = if one.0 == person.identity { other } else { one };
        let known = self.people.by_identity(identity).and_then(|id| self.people.get(id));
        Some(known.map_or(name, |peer| &peer.name).clone())
    }

    /// Whether a private room is this person's.
    pub(super) fn owns_private(&self, id: PersonId, room: &RoomName) -> bool {
        match (self.people.get(id), self.rooms.get(room)) {
            (Some(person), Some(room)) => room.belongs_to(&person.identity),
            _ => false,
        }
    }
}

/// Whether it is the room that everyone follows and nobody is in.
pub(crate) fn is_announcements(room: &RoomName) -> bool {
    *room == RoomName::announcements()
}

/// One has to be in a room for that.
pub(crate) fn not_in_room(room: &RoomName) -> Denial {
    Denial::of_room(ErrorCode::NotInRoom, "you are not in that room; join it first", room)
}

/// There is no such private room, or it is not the asker's: which, is nobody's business.
pub(crate) fn no_such_room(room: &RoomName) -> Denial {
    let text = "there is no such private room of yours; write to the person instead";
    Denial::of_room(ErrorCode::RoomInvalid, text, room)
}

fn too_many_rooms(room: &RoomName) -> Denial {
    Denial::of_room(ErrorCode::TooManyRooms, "you are in 128 rooms; leave one first", room)
}
