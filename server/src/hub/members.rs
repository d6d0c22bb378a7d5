//! Telling who is in a room: in snapshots to one connection, and as changes to everyone. PURE.

use protocol::{
    RoomName, ServerFrame, SessionId,
    server::{Member, Members, Presence},
};

use super::{
    effect::{Effect, Notice},
    lists::fitting,
    people::{Person, PersonId},
    presence::Window,
    room::{MEMBERS_TOLD_AGAIN, Room},
    state::HubState,
    turn::Turn,
};

/// Most members in one frame.
pub(crate) const MEMBERS_MAX: usize = 200;

impl HubState {
    /// Somebody is about to be other than `before` in a room, which is there.
    pub(super) fn touch(
        &mut self,
        turn: &Turn,
        name: &RoomName,
        id: PersonId,
        before: Option<Member>,
    ) {
        let now = turn.now.mono;
        match self.rooms.get(name) {
            Some(room) if room.is_counted_only => self.windows.touch_count(now, name),
            Some(_) => self.windows.touch(now, name, id, before),
            None => {}
        }
    }

    /// Somebody is about to be other than they are, wherever they are.
    pub(super) fn touch_everywhere(&mut self, turn: &Turn, id: PersonId) -> Vec<RoomName> {
        let Some(person) = self.people.get(id) else {
            return Vec::new();
        };
        let before = person.member();
        let rooms: Vec<_> = person.memberships.rooms().cloned().collect();
        for room in &rooms {
            self.touch(turn, room, id, Some(before.clone()));
        }
        rooms
    }

    /// Tells what has changed in each room whose time has come.
    pub(super) fn tell_presence(&mut self, turn: &mut Turn) {
        while let Some((name, window)) = self.windows.take_due(turn.now.mono) {
            match self.rooms.get(&name) {
                Some(room) if room.is_counted_only => self.tell_count(turn, &name),
                Some(_) => self.tell_window(turn, &name, window),
                None => {}
            }
        }
    }

    pub(super) fn tell_window(&mut self, turn: &mut Turn, name: &RoomName, mut window: Window) {
        let Some(room) = self.rooms.get(name).filter(|room| !room.members.is_empty()) else {
            return;
        };
        let with_moves = self.hear_lines > 0;
        if let Some((presence, moves)) = window.tell(name, room, &self.people, with_moves) {
            turn.push(Effect::Notice(Notice::Presence(presence, moves)));
        }
        self.windows.put_back(turn.now.mono, name, window);
    }

    /// Tells how many are in a crowded room, and who, once it is not crowded any more.
    fn tell_count(&mut self, turn: &mut Turn, name: &RoomName) {
        let Some(room) = self.rooms.get_mut(name) else {
            return;
        };
        let (left, renamed, joined) = (Vec::new(), Vec::new(), Vec::new());
        let count = room.count();
        let presence = Presence { room: name.clone(), left, renamed, joined, count };
        turn.push(Effect::Notice(Notice::Presence(presence, Vec::new())));
        if room.members.len() >= MEMBERS_TOLD_AGAIN {
            return;
        }
        room.is_counted_only = false;
        let followers = self.followers(name);
        for session in followers {
            self.tell_members(turn, session, name);
        }
    }

    /// A connection that missed notices is told who is in the room, and how far it was read.
    pub(super) fn caught_up(&mut self, turn: &mut Turn, session: SessionId, room: &RoomName) {
        if self.sessions.get(&session).is_some_and(|session| session.is_in(room)) {
            self.tell_members(turn, session, room);
            self.tell_marker(turn, session, room);
        }
    }

    fn tell_members(&mut self, turn: &mut Turn, session: SessionId, name: &RoomName) {
        let Some(room) = self.rooms.get(name) else {
            return;
        };
        let (members, more) = self.shown_members(room);
        self.windows.note_snapshot(name);
        let members = Members { id: None, room: Some(name.clone()), members, more };
        turn.tell(session, ServerFrame::Members(members));
    }

    /// The first members by name, where members are told at all.
    pub(super) fn shown_members(&self, room: &Room) -> (Vec<Member>, bool) {
        if room.is_counted_only {
            return (Vec::new(), true);
        }
        let members = room.members.values().filter_map(|id| self.people.get(*id));
        fitting(members.map(Person::member), MEMBERS_MAX)
    }

    /// The connections that follow a room, `announcements` left out.
    fn followers(&self, name: &RoomName) -> Vec<SessionId> {
        let members = self.rooms.get(name).into_iter().flat_map(|room| room.members.values());
        let people = members.filter_map(|id| self.people.get(*id));
        let sessions = people.flat_map(|person| &person.sessions).copied();
        let is_in = |session: &SessionId| {
            self.sessions.get(session).is_some_and(|session| session.is_in(name))
        };
        sessions.filter(is_in).collect()
    }
}
