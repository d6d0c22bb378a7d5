//! What all rings of a shard may hold together: who is filled, and who is emptied. PURE.

use protocol::RoomName;

use super::{Room, Table};
use crate::{
    dialect::Lens,
    fanout::{
        cursor::Page,
        ring::{FILL_BYTES, Ring},
    },
};

/// What a ring costs at most when it is filled: texts, and as much again for what is around them.
const FILL_COST: usize = 2 * FILL_BYTES;
/// Where eviction stops, so that it is rare: this part of the budget stays free.
const EVICTION_PART: usize = 8;

impl<S> Table<S> {
    /// Whether there is room to bring older events back for one more ring, beside those that
    /// are on their way, without driving others out.
    pub(in crate::fanout) fn may_fill(&self, on_their_way: usize) -> bool {
        let each = FILL_COST.min(self.sizes.ring.bytes);
        let enough = self.sizes.rings_bytes - self.sizes.rings_bytes / EVICTION_PART;
        self.rings_bytes + (on_their_way + 1) * each <= enough
    }

    /// Puts older events before what a room's ring has.
    pub(in crate::fanout) fn fill(&mut self, room: &RoomName, lens: &Lens, page: &Page) {
        let Some(place) = self.seen(room, lens) else { return };
        self.change_ring(place, |ring| ring.fill(page.frames()));
    }

    /// Changes a ring, and empties others if it has become too large for all.
    pub(super) fn change_ring(&mut self, place: u32, change: impl FnOnce(&mut Ring)) {
        let Some(room) = self.rooms.get_mut(place) else { return };
        let before = room.ring.bytes();
        change(&mut room.ring);
        room.tail = None;
        self.rings_bytes = self.rings_bytes - before + room.ring.bytes();
        if self.rings_bytes > self.sizes.rings_bytes {
            self.evict(place);
        }
    }

    /// Empties the rings that were least recently used, first those that nobody reads live,
    /// until there is room again. The one just used stays.
    fn evict(&mut self, in_use: u32) {
        let mut places: Vec<_> = self
            .rooms
            .iter()
            .filter(|(place, room)| *place != in_use && room.ring.bytes() > 0)
            .map(|(place, room)| (!room.followers.is_empty(), room.used, place))
            .collect();
        places.sort_unstable();
        let enough = self.sizes.rings_bytes - self.sizes.rings_bytes / EVICTION_PART;
        for (_, _, place) in places {
            if self.rings_bytes <= enough {
                return;
            }
            let Some(room) = self.rooms.get_mut(place) else { continue };
            self.rings_bytes -= room.ring.bytes();
            room.ring.clear();
            room.tail = None;
            self.drop_room_if_unused(place);
        }
    }

    /// Forgets a room that has neither a ring nor followers; as it is seen by few, without
    /// followers: nothing is encoded for nobody.
    pub(super) fn drop_room_if_unused(&mut self, place: u32) {
        let is_unused = |room: &Room| {
            room.followers.is_empty() && (room.ring.bytes() == 0 || room.lens != Lens::Typed)
        };
        if self.rooms.get(place).is_some_and(is_unused)
            && let Some(room) = self.rooms.remove(place)
        {
            self.rings_bytes -= room.ring.bytes();
            self.forget_name(&room.name, place);
        }
    }
}
