//! One connection, as the hub sees it. PURE.

use protocol::{Identity, RequestId, RoomName, SessionId};

use super::people::PersonId;

/// How often a refused `hello` may be sent again.
pub(crate) const HELLO_RETRIES_MAX: u8 = 5;

/// A connection.
#[derive(Debug)]
pub(crate) struct Session {
    /// How far it has come.
    pub(crate) stage: Stage,
    /// The rooms that it follows, `announcements` left out. A list, because most connections
    /// are in one or two, at most in `ROOMS_MAX` public ones.
    pub(crate) rooms: Vec<RoomName>,
    /// Whether it is told lines: who comes and goes, one by one.
    pub(crate) hears_lines: bool,
}

/// How far a connection has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// It has not been welcomed yet.
    Greeting(Greeting),
    /// It is this person's.
    Welcomed(PersonId),
    /// It is nobody's, and only follows. Who it is if it says a name after all.
    Listening(Identity),
    /// It is nobody's, stays so, and only follows. By which token it was let in, where that took
    /// one.
    Watching(Option<Identity>),
    /// It was told to go; what it still sends is dropped. Whose it was, if anybody's.
    Closing(Option<PersonId>),
}

/// A connection before its `welcome`.
#[derive(Debug)]
pub(crate) struct Greeting {
    /// Who it is if it says hello without a secret.
    pub(crate) guest: Identity,
    /// How many hellos were refused for good.
    pub(crate) refused: u8,
    /// Whether the ledger is being asked for its name.
    pub(crate) is_claiming: bool,
    /// Whether the time for a hello is over, so that the next refusal is the last.
    pub(crate) is_overdue: bool,
}

/// Whose request is being dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    /// The connection.
    pub(crate) session: SessionId,
    /// The person.
    pub(crate) person: PersonId,
    /// What the request is called.
    pub(crate) id: Option<RequestId>,
}

impl Session {
    /// A connection that has said nothing yet.
    pub(crate) fn new(guest: Identity) -> Self {
        let greeting = Greeting { guest, refused: 0, is_claiming: false, is_overdue: false };
        Self { stage: Stage::Greeting(greeting), rooms: Vec::new(), hears_lines: false }
    }

    /// Whose it is, once welcomed.
    pub(crate) fn person(&self) -> Option<PersonId> {
        match self.stage {
            Stage::Welcomed(person) => Some(person),
            Stage::Closing(person) => person,
            Stage::Greeting(_) | Stage::Listening(_) | Stage::Watching(_) => None,
        }
    }

    /// Whether it follows this room.
    pub(crate) fn is_in(&self, room: &RoomName) -> bool {
        self.rooms.contains(room)
    }
}
