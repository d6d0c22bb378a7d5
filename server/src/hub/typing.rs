//! Who is writing where: told at once, but at most once a second in each room, and not at all
//! where there are many. PURE.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use protocol::{RoomName, server::TypingNotice};

use super::{
    effect::{Effect, Notice},
    membership::not_in_room,
    people::PersonId,
    session::Asker,
    state::HubState,
    turn::Turn,
};

/// At most one `typing` a room in this time.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// Above this many members nobody is told: somebody always writes there.
pub(crate) const LISTENERS_MAX: usize = 100;

/// The rooms that were told of somebody a moment ago, and who has been writing there since.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    untold: BTreeMap<RoomName, BTreeSet<PersonId>>,
    /// When they may be told again; in order, because all wait equally long.
    due: VecDeque<(Duration, RoomName)>,
}

impl Typing {
    /// Somebody is writing. Says whether that is to be told now; if not, it waits.
    fn begin(&mut self, now: Duration, room: &RoomName, person: PersonId) -> bool {
        if let Some(untold) = self.untold.get_mut(room) {
            untold.insert(person);
            return false;
        }
        self.rest(now, room);
        true
    }

    /// Somebody has said what they wrote: who hears that need not be told any more.
    pub(crate) fn end(&mut self, room: &RoomName, person: PersonId) {
        if let Some(untold) = self.untold.get_mut(room) {
            untold.remove(&person);
        }
    }

    /// When the next room may be told again.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.due.front().map(|(due, _)| *due)
    }

    /// A room that may be told again now, and of whom.
    fn take_due(&mut self, now: Duration) -> Option<(RoomName, BTreeSet<PersonId>)> {
        self.due.front().filter(|(due, _)| *due <= now)?;
        let (_, room) = self.due.pop_front()?;
        let untold = self.untold.remove(&room)?;
        Some((room, untold))
    }

    /// The room was told just now.
    fn rest(&mut self, now: Duration, room: &RoomName) {
        self.untold.insert(room.clone(), BTreeSet::new());
        self.due.push_back((now + TOLD_EVERY, room.clone()));
    }
}

impl HubState {
    /// Somebody is writing in a room.
    pub(super) fn type_in(&mut self, turn: &mut Turn, asker: Asker, room: &RoomName) {
        let session = self.sessions.get(&asker.session);
        if !session.is_some_and(|session| session.is_in(room)) {
            return turn.deny(asker, not_in_room(room));
        }
        turn.push(Effect::Done { session: asker.session });
        if self.is_told_typing(room) && self.typing.begin(turn.now.mono, room, asker.person) {
            self.push_typing(turn, room, BTreeSet::from([asker.person]));
        }
    }

    /// Tells who has been writing since, in each room that may be told again.
    pub(super) fn tell_typing(&mut self, turn: &mut Turn) {
        while let Some((room, untold)) = self.typing.take_due(turn.now.mono) {
            if self.is_told_typing(&room) && self.push_typing(turn, &room, untold) {
                self.typing.rest(turn.now.mono, &room);
            }
        }
    }

    /// Whether there is anybody to tell in a room, and not too many.
    fn is_told_typing(&self, room: &RoomName) -> bool {
        let members = self.rooms.get(room).map_or(0, |room| room.members.len());
        (2..=LISTENERS_MAX).contains(&members)
    }

    /// Tells a room who is writing, as far as they are still there. Says whether anybody is.
    fn push_typing(&self, turn: &mut Turn, room: &RoomName, people: BTreeSet<PersonId>) -> bool {
        let people = people.into_iter().filter_map(|id| self.people.get(id));
        let here = people.filter(|person| person.memberships.get(room).is_some());
        let names: Vec<_> = here.map(|person| person.name.clone()).collect();
        let is_any = !names.is_empty();
        if is_any {
            let notice = TypingNotice { room: room.clone(), names };
            turn.push(Effect::Notice(Notice::Typing(notice)));
        }
        is_any
    }
}
