//! The rooms that a person is a member of. PURE.
//!
//! A sorted list: most people are in one room or two for as long as they are here, and a tree
//! takes memory for eleven with the first.

use std::time::Duration;

use protocol::RoomName;

/// How somebody is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// Through this many connections.
    Here(usize),
    /// Their last connection was lost; until then they may come back unnoticed.
    Lingering(Duration),
}

/// The rooms that a person is a member of, by name; at most `ROOMS_MAX` and the private ones.
#[derive(Debug, Default)]
pub(crate) struct Memberships(Vec<(RoomName, Membership)>);

impl Memberships {
    /// How they are in this room.
    pub(crate) fn get(&self, room: &RoomName) -> Option<Membership> {
        self.place(room).ok().map(|place| self.0[place].1)
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, room: &RoomName) -> Option<&mut Membership> {
        self.place(room).ok().map(|place| &mut self.0[place].1)
    }

    /// They are in this room.
    pub(crate) fn insert(&mut self, room: &RoomName, membership: Membership) {
        match self.place(room) {
            Ok(place) => self.0[place].1 = membership,
            Err(place) => {
                self.0.reserve_exact(1);
                self.0.insert(place, (room.clone(), membership));
            }
        }
    }

    /// They are no longer.
    pub(crate) fn remove(&mut self, room: &RoomName) {
        if let Ok(place) = self.place(room) {
            self.0.remove(place);
        }
    }

    /// The rooms, by name.
    pub(crate) fn rooms(&self) -> impl Iterator<Item = &RoomName> {
        self.0.iter().map(|(room, _)| room)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, room: &RoomName) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(room))
    }
}
