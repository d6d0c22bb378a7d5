//! What was deleted is taken out of memory. PURE.

use protocol::{RoomName, Seq};

use super::Table;
use crate::dialect::Encoded;

impl<S> Table<S> {
    /// Puts what is left of erased events into their places in a room's rings, and has its
    /// followers forget the pages they keep.
    pub(in crate::fanout) fn erase(&mut self, room: &RoomName, left: &[(Seq, Encoded)]) {
        for place in self.places(room) {
            self.erase_at(place, left);
        }
    }

    fn erase_at(&mut self, place: u32, left: &[(Seq, Encoded)]) {
        let Some(lens) = self.rooms.get(place).map(|room| room.lens.clone()) else { return };
        self.change_ring(place, |ring| {
            for (seq, frame) in left {
                ring.replace(*seq, frame.seen_through(&lens));
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
