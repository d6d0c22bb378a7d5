//! Who follows which room, seen in which way: a connection has a place among a room's followers,
//! and a cursor in its ring. PURE.

use protocol::{RoomName, ServerFrame, server::Left};

use super::{Follow, Table};
use crate::{
    dialect::Lens,
    fanout::{command::Attach, cursor::Cursor},
};

impl<S> Table<S> {
    /// Lets a connection follow a room, or moves its cursor there.
    pub(in crate::fanout) fn attach(&mut self, place: u32, attach: Attach) {
        let Attach { joined, gap, after, reader, answers, .. } = attach;
        let Some(connection) = self.connections.get(place) else { return };
        let lens = Lens::of(connection.dialect, &joined, reader);
        self.leave_other_view(place, &joined.room, &lens);
        let room = self.room(&joined.room, &lens, joined.head);
        let (Some(connection), Some(room_entry)) =
            (self.connections.get_mut(place), self.rooms.get_mut(room))
        else {
            return;
        };
        if answers {
            connection.gate.answered();
        }
        if connection.closing.is_some() {
            return self.drop_room_if_unused(room);
        }
        connection.push(lens.encode_joined(*joined, after));
        if let Some(gap) = gap {
            connection.push(lens.encode(&ServerFrame::Gap(gap)));
        }
        let cursor = Cursor::attach(&room_entry.ring, after);
        if let Some(follow) = connection.follows.iter_mut().find(|follow| follow.room == room) {
            follow.cursor = cursor;
        } else {
            let position = room_entry.followers.len() as u32;
            room_entry.followers.push(place);
            // Those behind it must not be passed over in a sweep that is under way.
            room_entry.unswept += usize::from(room_entry.unswept > 0);
            // Most connections follow two rooms for ever, this one and `announcements`.
            connection.follows.reserve_exact(1);
            connection.follows.push(Follow { room, position, cursor });
        }
        self.mark(place);
    }

    /// Who joins a room again may see it otherwise than before: its cursor is in another ring.
    fn leave_other_view(&mut self, place: u32, room: &RoomName, lens: &Lens) {
        let Some(index) = self.follow_index(place, room) else { return };
        let now = self.seen(room, lens);
        let before = self.connections.get(place).and_then(|it| it.follows.get(index));
        if before.map(|follow| follow.room) != now {
            self.unfollow(place, index);
        }
    }

    /// Stops a connection from following a room.
    pub(in crate::fanout) fn detach(&mut self, place: u32, room: &RoomName, left: Option<Left>) {
        if let Some(index) = self.follow_index(place, room) {
            self.unfollow(place, index);
        }
        if let Some(left) = left {
            self.reply(place, &ServerFrame::Left(left), true);
        }
    }

    pub(super) fn follow_at(&mut self, place: u32, room: u32) -> Option<&mut Follow> {
        let connection = self.connections.get_mut(place)?;
        connection.follows.iter_mut().find(|follow| follow.room == room)
    }

    pub(super) fn forget_notices(&mut self, place: u32, room: Option<&RoomName>) {
        let index = room.and_then(|room| self.follow_index(place, room));
        let connection = self.connections.get_mut(place);
        let follow = index.and_then(|index| connection?.follows.get_mut(index));
        if let Some(follow) = follow
            && let Some(room) = self.rooms.get(follow.room)
        {
            follow.cursor.forget_notices(&room.ring);
        }
    }

    pub(super) fn unfollow_all(&mut self, place: u32) {
        while self.connections.get(place).is_some_and(|it| !it.follows.is_empty()) {
            self.unfollow(place, 0);
        }
    }

    fn unfollow(&mut self, place: u32, index: usize) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        let follow = connection.follows.swap_remove(index);
        let Some(room) = self.rooms.get_mut(follow.room) else { return };
        room.followers.swap_remove(follow.position as usize);
        room.unswept = room.unswept.min(room.followers.len());
        if let Some(&moved) = room.followers.get(follow.position as usize) {
            self.moved(moved, follow.room, follow.position);
        }
        self.drop_room_if_unused(follow.room);
    }

    /// A follower has another position now. A sweep under way may have passed that by.
    fn moved(&mut self, place: u32, room: u32, position: u32) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if let Some(follow) = connection.follows.iter_mut().find(|follow| follow.room == room) {
            follow.position = position;
        }
        self.mark(place);
    }
}
