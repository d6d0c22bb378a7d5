//! Who comes without a hello: people who speak another dialect, each a guest from the first moment,
//! and listeners, who are nobody. PURE.

use protocol::{Epoch, ErrorCode, Identity, RoomEvent, RoomName, Seq, SessionId, UserName, close};

use super::{
    membership::{Cursor, is_announcements},
    memberships::Membership,
    people::PersonId,
    room::Room,
    session::{Session, Stage},
    state::HubState,
    turn::{Denial, Turn},
};
use crate::ledger::TokenHash;

/// What somebody is called who has no name that could be one.
const GUEST: &str = "guest";

/// Somebody comes, by the dialect of their connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Which connection; it may have listened before, in the same room.
    pub session: SessionId,
    /// What they want to be called, as it was written: it may be no name.
    pub name: String,
    /// Where they are from now on.
    pub room: RoomName,
    /// How many of the last entries of its log they are told first.
    pub history: u16,
}

/// A connection follows a room, and is nobody: neither present nor counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Which connection.
    pub session: SessionId,
    /// Which room; it is not made by that.
    pub room: RoomName,
    /// From where on.
    pub since: Since,
    /// How.
    pub ear: Ear,
}

/// How a room is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ear {
    /// With what is beside the log, too: who comes and goes, and announcements. It may become
    /// somebody.
    Lines,
    /// With nothing but the log, by who can say nothing here.
    Events {
        /// What it was let in by, where there is a password.
        token: Option<TokenHash>,
    },
}

/// From where on a log is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// So many of its last entries are told first.
    Last(u16),
    /// From behind this seq, of this epoch if that is known; with a gap where that cannot be.
    After(Option<Epoch>, Seq),
}

impl HubState {
    /// Somebody comes without a hello.
    pub(super) fn visit(&mut self, turn: &mut Turn, visit: Visit) {
        let Visit { session, name, room, history } = visit;
        let Some((guest, was_listening)) = self.unnamed(session) else { return };
        if let Err(denial) = self.check_open(&room) {
            return self.turn_away(turn, session, denial);
        }
        let (name, why) = match self.name_for(turn, session, &guest, &name) {
            Ok(named) => named,
            Err(denial) => return self.turn_away(turn, session, denial),
        };
        if let Some(why) = why {
            turn.tell(session, Denial::new(ErrorCode::NameTaken, &why).frame(None));
        }
        let person = self.people.add_guest(guest, name);
        self.let_in(session, person);
        self.hear_lines(session);
        self.rooms.open(&room);
        if was_listening {
            // It has its cursors already: moved, they would pass over what is on its way.
            return self.enter(turn, session, person, &room);
        }
        self.follow_announcements(turn, session, Some(person));
        let cursor = Cursor::last(self.rooms.open(&room), history);
        self.follow(turn, (session, person), &room, cursor, None);
    }

    /// A connection only follows.
    pub(super) fn listen(&mut self, turn: &mut Turn, listen: Listen) {
        let Listen { session, room, since, ear } = listen;
        let Some((guest, false)) = self.unnamed(session) else { return };
        match ear {
            Ear::Events { token } => self.watch(turn, session, &room, token.as_ref(), &since),
            Ear::Lines => match self.check_open(&room) {
                Ok(()) => self.listen_to_lines(turn, session, guest, &room, &since),
                Err(denial) => self.turn_away(turn, session, denial),
            },
        }
    }

    fn listen_to_lines(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        guest: Identity,
        room: &RoomName,
        since: &Since,
    ) {
        self.set_stage(session, Stage::Listening(guest));
        self.hear_lines(session);
        self.follow_announcements(turn, session, None);
        if !is_announcements(room) {
            let cursor = self.cursor_since(room, since);
            self.attach(turn, session, None, room, cursor, None);
        }
    }

    /// A connection has come so far.
    pub(super) fn set_stage(&mut self, session: SessionId, stage: Stage) {
        if let Some(entry) = self.sessions.get_mut(&session) {
            entry.stage = stage;
        }
    }

    /// Where a follower begins in a room that may not be there.
    pub(super) fn cursor_since(&self, room: &RoomName, since: &Since) -> Cursor {
        let nothing = Room::default();
        let room = self.rooms.get(room).unwrap_or(&nothing);
        match since {
            Since::Last(history) => Cursor::last(room, *history),
            Since::After(epoch, after) => {
                let is_same = epoch.as_ref().is_none_or(|epoch| *epoch == self.epoch);
                Cursor::resumed(room, Some(*after), is_same)
            }
        }
    }

    /// The identity that a connection gets if it is a guest, and whether it listens already; none
    /// if it is somebody, or is to go.
    fn unnamed(&self, session: SessionId) -> Option<(Identity, bool)> {
        match &self.sessions.get(&session)?.stage {
            _ if self.drain.is_some() => None,
            Stage::Greeting(greeting) if !greeting.is_claiming => {
                Some((greeting.guest.clone(), false))
            }
            Stage::Listening(guest) => Some((guest.clone(), true)),
            Stage::Greeting(_) | Stage::Watching(_) | Stage::Welcomed(_) | Stage::Closing(_) => {
                None
            }
        }
    }

    fn check_open(&self, room: &RoomName) -> Result<(), Denial> {
        if self.settings.password.is_some() {
            let text = "this hub asks for a password, and here is no safe way to give it; \
                        join with the program hubbub, or say hello with it (hubbub.v1)";
            return Err(Denial::new(ErrorCode::PasswordRequired, text));
        }
        if room.is_private() {
            let text = "nobody else reads a private room; choose another one";
            return Err(Denial::of_room(ErrorCode::RoomInvalid, text, room));
        }
        Ok(())
    }

    fn turn_away(&mut self, turn: &mut Turn, session: SessionId, denial: Denial) {
        turn.tell(session, denial.frame(None));
        self.close(turn, session, close::FORBIDDEN, "not to be had in this way");
    }

    /// What somebody is called who wants to be called so, and why not as they want. Nothing of
    /// what is no name is repeated.
    fn name_for(
        &mut self,
        turn: &Turn,
        session: SessionId,
        guest: &Identity,
        wanted: &str,
    ) -> Result<(UserName, Option<String>), Denial> {
        let (name, fault) = match UserName::parse(wanted) {
            Ok(name) => (name, None),
            Err(refusal) => (nearest(wanted)?, Some(refusal.text)),
        };
        let fault = fault.map(|text| text.split(';').next().unwrap_or_default().to_owned());
        if self.people.is_free(&name.key(), guest, self.certain(turn.now)) {
            let why = fault.map(|fault| format!("{fault}; you are {name} here"));
            return Ok((name, why));
        }
        let mut denial = self.name_taken(turn, session, guest, &name);
        let free = denial.suggest.take().ok_or(denial)?;
        let fault = fault.unwrap_or_else(|| format!("{name} is taken"));
        let why = format!("{fault}; you are {free} here");
        Ok((free, Some(why)))
    }

    /// From here on this connection is told who comes and goes, one by one.
    fn hear_lines(&mut self, session: SessionId) {
        if let Some(entry) = self.sessions.get_mut(&session)
            && !entry.hears_lines
        {
            entry.hears_lines = true;
            self.hear_lines += 1;
        }
    }

    /// A connection is gone.
    pub(super) fn hears_lines_no_more(&mut self, gone: &Session) {
        self.hear_lines -= usize::from(gone.hears_lines);
    }

    /// Before somebody's words are told it is told that they have come, or what they are called
    /// now: lines have nothing else that would say so. Elsewhere it takes its time.
    pub(super) fn introduce(&mut self, turn: &mut Turn, person: PersonId, event: &RoomEvent) {
        if self.hear_lines == 0 || !self.windows.has_change_of(&event.room, person) {
            return;
        }
        let is_here = self.people.get(person).is_some_and(|person| {
            let membership = person.memberships.get(&event.room);
            person.name == event.from && matches!(membership, Some(Membership::Here(_)))
        });
        let is_told = self.rooms.get(&event.room).is_some_and(|room| !room.is_counted_only);
        if is_here
            && is_told
            && let Some(window) = self.windows.take(&event.room)
        {
            self.tell_window(turn, &event.room, window);
        }
    }
}

/// A name as near as possible to what was written; but what was added to it (`System1`) would be
/// believed as much as what it must not be.
fn nearest(wanted: &str) -> Result<UserName, Denial> {
    let is_of = |name: &UserName| name.as_str().chars().all(|c| wanted.contains(c));
    match UserName::nearest(wanted).filter(is_of) {
        Some(name) => Ok(name),
        None => Ok(UserName::parse(GUEST)?),
    }
}
