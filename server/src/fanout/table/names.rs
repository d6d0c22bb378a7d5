//! Where rooms are, by their names: a room has a place for each way in which it is seen here, the
//! first of which is as it is. PURE.

use protocol::{RoomName, Seq};

use super::{Follow, Room, Table};
use crate::{dialect::Lens, fanout::ring::Ring};

impl<S> Table<S> {
    /// The places of a room, in all ways in which it is seen.
    pub(super) fn places(&self, room: &RoomName) -> Vec<u32> {
        self.names.get(room).cloned().unwrap_or_default()
    }

    /// The place of a room, seen in one way, if it has one.
    pub(super) fn seen(&self, room: &RoomName, lens: &Lens) -> Option<u32> {
        let is_seen = |place: &u32| self.rooms.get(*place).is_some_and(|room| room.lens == *lens);
        self.names.get(room)?.iter().copied().find(is_seen)
    }

    /// The place of a room, seen in one way; made if it has none, with this head.
    pub(super) fn room(&mut self, name: &RoomName, lens: &Lens, head: Seq) -> u32 {
        self.uses += 1;
        if let Some(place) = self.seen(name, lens) {
            if let Some(room) = self.rooms.get_mut(place) {
                room.used = self.uses;
            }
            return place;
        }
        let place = self.rooms.insert(Room {
            name: name.clone(),
            lens: lens.clone(),
            ring: Ring::new(head, self.sizes.ring),
            followers: Vec::new(),
            unswept: 0,
            next: 0,
            tail: None,
            used: self.uses,
        });
        self.names.entry(name.clone()).or_default().push(place);
        place
    }

    /// A place is no room's any more.
    pub(super) fn forget_name(&mut self, name: &RoomName, place: u32) {
        if let Some(places) = self.names.get_mut(name) {
            places.retain(|other| *other != place);
            if places.is_empty() {
                self.names.remove(name);
            }
        }
    }

    /// Which of the rooms that a connection follows is this one, however it sees it.
    pub(super) fn follow_index(&self, place: u32, room: &RoomName) -> Option<usize> {
        let places = self.names.get(room)?;
        let follows = &self.connections.get(place)?.follows;
        follows.iter().position(|follow| places.contains(&follow.room))
    }

    /// The followed room of this name, in the connection at this place.
    pub(in crate::fanout) fn follow_of(
        &mut self,
        place: u32,
        room: &RoomName,
    ) -> Option<&mut Follow> {
        let index = self.follow_index(place, room)?;
        self.connections.get_mut(place)?.follows.get_mut(index)
    }
}
