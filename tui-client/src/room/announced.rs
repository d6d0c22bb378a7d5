//! What is announced to everyone, in this room. PURE.

use std::sync::Arc;

use protocol::{RoomEvent, RoomName, Seq};

use super::Room;
use crate::timeline::Came;

impl Room {
    /// Something was announced to everyone. In the room of the announcements it is there anyway.
    pub(crate) fn announce(&mut self, event: &Arc<RoomEvent>, came: Came) {
        if self.place.room() == Some(&RoomName::announcements()) {
            return;
        }
        let came = if self.is_known() { came } else { Came::Before };
        self.timeline.announce(Arc::clone(event), came);
    }

    /// It has other words now, or none.
    pub(crate) fn announced_otherwise(&mut self, event: &Arc<RoomEvent>) {
        self.timeline.announced_otherwise(Arc::clone(event));
    }

    /// The oldest announcement makes place.
    pub(crate) fn forget_one_announced(&mut self, number: Seq) {
        self.timeline.forget_announced(number);
    }

    /// The hub counts announcements anew.
    pub(crate) fn forget_announced(&mut self) {
        self.timeline.forget_all_announced();
    }
}
