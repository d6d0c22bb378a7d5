//! What was deleted is taken out of memory. PURE.

use bytes::Bytes;
use protocol::{RoomName, Seq};

use super::Table;

impl<S> Table<S> {
    /// Puts what is left of erased events into their places in a room's ring, and has its
    /// followers forget the pages they keep.
    pub(in crate::fanout) fn erase(&mut self, room: &RoomName, left: &[(Seq, Bytes)]) {
        let Some(place) = self.names.get(room).copied() else { return };
        self.change_ring(place, |ring| {
            for (seq, frame) in left {
                ring.replace(*seq, frame.clone());
            }
        });
        let followers = self.rooms.get(place).map(|room| room.followers.clone());
        for follower in followers.unwrap_or_default() {
            if let Some(follow) = self.follow_at(follower, place)
                && follow.cursor.has_page()
            {
                follow.cursor.drop_page();
                self.mark(follower);
            }
        }
    }
}
