//! Messages that are changed or taken back. PURE.

use protocol::{
    EventKind, RequestId, RoomEvent, RoomName, Seq,
    client::{Delete, Edit},
};

use super::{effect::Effect, session::Asker, state::HubState, turn::Turn};
use crate::ledger::Act;

impl HubState {
    /// Somebody wants a message to read otherwise.
    pub(super) fn edit(&mut self, turn: &mut Turn, asker: Asker, frame: Edit) {
        let Edit { id, room, seq, text } = frame;
        let act = Act::Edit { room: room.clone(), id: id.clone(), seq, text };
        self.change(turn, asker, act, (id, room));
    }

    /// Somebody takes a message back.
    pub(super) fn delete(&mut self, turn: &mut Turn, asker: Asker, frame: Delete) {
        let Delete { id, room, seq } = frame;
        let act = Act::Delete { room: room.clone(), id: id.clone(), seq };
        self.change(turn, asker, act, (id, room));
    }

    fn change(
        &mut self,
        turn: &mut Turn,
        asker: Asker,
        act: Act,
        (id, room): (RequestId, RoomName),
    ) {
        match self.check_may_write(&asker, &room) {
            Ok(()) => self.ask_for_event(turn, asker, act, id, Some(room)),
            Err(denial) => turn.deny(asker, denial),
        }
    }

    /// What an event has erased is told to nobody from here on.
    pub(super) fn erase(&mut self, turn: &mut Turn, event: &RoomEvent, left: Vec<RoomEvent>) {
        if event.kind == EventKind::Delete {
            self.rooms.open(&event.room).erased = event.seq;
            turn.push(Effect::Erase { room: event.room.clone(), left });
        }
    }

    /// Whether a page as of this seq may have what is deleted by now.
    pub(super) fn was_erased_after(&self, room: &RoomName, as_of: Seq) -> bool {
        self.rooms.get(room).is_some_and(|room| room.erased > as_of)
    }
}
