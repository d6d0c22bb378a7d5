//! Questions of who is no connection: a request over HTTP, the operator at the machine. PURE.

use protocol::RoomName;

use super::{effect::Effect, state::HubState, turn::Turn};

/// The asker's own name of a question; its answer comes back under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// What the hub can be asked from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether there is a public room of this name, to be read or written to.
    RoomExists(RoomName),
}

/// What it answers, once and to each question that is not forgotten before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Whether there is such a room. Private ones are nobody's business.
    RoomExists(bool),
    /// The hub is about to stop: nothing was done.
    Stopping,
}

impl HubState {
    /// Somebody asks something who has no connection.
    pub(super) fn asked(&mut self, turn: &mut Turn, ask: AskId, question: Question) {
        if self.drain.is_some() {
            return turn.push(Effect::Answer { ask, answer: Answer::Stopping });
        }
        match question {
            Question::RoomExists(room) => {
                let answer = Answer::RoomExists(self.has_public_room(&room));
                turn.push(Effect::Answer { ask, answer });
            }
        }
    }

    /// Whether there is a room of this name that is not two people's own.
    pub(super) fn has_public_room(&self, room: &RoomName) -> bool {
        !room.is_private() && self.rooms.get(room).is_some()
    }
}
