//! How far a room has been printed. PURE.

use protocol::{
    Epoch, RequestId, RoomEvent, RoomName, Seq,
    client::Join,
    server::{Gap, GapReason},
};

/// How far a room has been printed.
#[derive(Debug)]
pub(super) struct Cursor {
    pub(super) room: RoomName,
    pub(super) last: Seq,
    /// Whether what comes now is what comes after that.
    pub(super) is_attached: bool,
}

impl Cursor {
    /// In a room that is to be followed later.
    pub(super) fn behind(room: RoomName, last: Seq) -> Self {
        Self { room, last, is_attached: false }
    }

    /// In a room that is followed.
    pub(super) fn attached(room: RoomName, last: Seq) -> Self {
        Self { room, last, is_attached: true }
    }

    /// Asks for what comes after it.
    pub(super) fn join(&self, id: Option<RequestId>, epoch: Option<Epoch>) -> Join {
        Join { id, room: self.room.clone(), after: Some(self.last), epoch }
    }

    /// Goes on to an event. Whether that is to be printed.
    pub(super) fn takes(&mut self, event: &RoomEvent) -> bool {
        let is_next = self.is_attached && self.room == event.room && event.seq > self.last;
        if is_next {
            self.last = event.seq;
        }
        is_next
    }

    /// Goes on behind what will not come.
    pub(super) fn skip(&mut self, gap: &Gap) {
        self.last = match gap.reason {
            GapReason::Retention => self.last.max(gap.to),
            GapReason::Epoch => gap.to,
        };
    }
}
