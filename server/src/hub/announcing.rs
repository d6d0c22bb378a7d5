//! What a whole room, or everyone, is to notice. PURE.

use protocol::{RoomName, client::Announce};

use super::{session::Asker, state::HubState, turn::Turn};
use crate::ledger::Act;

impl HubState {
    /// Somebody announces something, to a room that they are in or to everyone. Whether they may
    /// is decided in the order of the log.
    pub(super) fn announce(&mut self, turn: &mut Turn, asker: Asker, frame: Announce) {
        let Announce { id, text, room } = frame;
        let room = room.unwrap_or_else(RoomName::announcements);
        if let Err(denial) = self.check_may_write(&asker, &room) {
            return turn.deny(asker, denial);
        }
        self.typing.end(&room, asker.person);
        let act = Act::Announce { room: room.clone(), id: id.clone(), text };
        self.ask_for_event(turn, asker, act, id, Some(room));
    }
}
