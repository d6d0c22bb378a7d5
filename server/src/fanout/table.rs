//! The connections and rooms of one shard: who follows what, and who has something to be
//! written. No socket is touched here.

mod budget;
mod erase;

use std::{collections::HashMap, collections::VecDeque, sync::Arc};

use bytes::Bytes;
use futures::future::AbortHandle;
use protocol::{
    RoomName, Seq, ServerFrame, SessionId,
    server::{Gap, Left},
};

use super::{
    backlog::Backlog,
    command::{Attach, Open},
    cursor::Cursor,
    gate::{Ended, Gate},
    ring::Ring,
    sizes::Sizes,
    slab::Slab,
    tail::Tail,
};
use crate::dialect::Dialect;

/// With more than this unwritten, a socket that takes no bytes is told no read markers.
const UNASKED_BYTES_ENOUGH: usize = 1024;

/// The write side of one connection.
#[derive(Debug)]
pub(super) struct Connection<S> {
    pub(super) session: SessionId,
    pub(super) socket: Arc<S>,
    pub(super) gate: Arc<Gate>,
    pub(super) dialect: Dialect,
    pub(super) backlog: Backlog,
    pub(super) follows: Vec<Follow>,
    /// Whether it is in the list of those to be written.
    pub(super) is_dirty: bool,
    /// Whether its socket takes no bytes.
    pub(super) is_blocked: bool,
    /// Stops the wait for its socket, which holds it open.
    pub(super) waiting: Option<AbortHandle>,
    /// Whether a page is being read for it.
    pub(super) is_reading: bool,
    /// Since which second it is to be closed as soon as everything is written.
    pub(super) closing: Option<u32>,
}

/// That a connection follows a room.
#[derive(Debug)]
pub(super) struct Follow {
    pub(super) room: u32,
    /// Its place among the room's followers.
    position: u32,
    pub(super) cursor: Cursor,
}

/// A room as a shard has it.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) name: RoomName,
    pub(super) ring: Ring,
    pub(super) followers: Vec<u32>,
    /// How many followers are yet to be looked at, from `next` on and around.
    pub(super) unswept: usize,
    pub(super) next: usize,
    /// What is new for those who had everything, while it is being written.
    pub(super) tail: Option<Tail>,
    /// When it was last used, as a number that grows.
    used: u64,
}

/// The connections and rooms of one shard.
#[derive(Debug)]
pub(super) struct Table<S> {
    pub(super) connections: Slab<Connection<S>>,
    sessions: HashMap<SessionId, u32>,
    pub(super) rooms: Slab<Room>,
    names: HashMap<RoomName, u32>,
    pub(super) dirty_connections: VecDeque<u32>,
    pub(super) dirty_rooms: VecDeque<u32>,
    rings_bytes: usize,
    pub(super) sizes: Sizes,
    uses: u64,
}

impl<S> Connection<S> {
    /// Whether a frame is left out: how far one has read elsewhere is best effort, and must not
    /// pile up before a socket that takes nothing.
    fn may_do_without(&self, frame: &ServerFrame) -> bool {
        let has_enough = self.is_blocked && self.backlog.bytes() > UNASKED_BYTES_ENOUGH;
        has_enough && matches!(frame, ServerFrame::Read(_))
    }
}

impl Room {
    /// What is new for a follower, if that is the same as for nearly everybody: frames in one
    /// piece, which are put together once.
    pub(super) fn tail_for(&mut self, cursor: &Cursor) -> Option<&Tail> {
        let from = cursor.place()?;
        if self.tail.as_ref().is_none_or(|tail| tail.from() != from) {
            self.tail = Tail::new(&self.ring, from);
        }
        self.tail.as_ref().filter(|tail| cursor.is_at(tail))
    }
}

impl<S> Table<S> {
    /// An empty table of these sizes.
    pub(super) fn new(sizes: Sizes) -> Self {
        Self {
            connections: Slab::new(),
            sessions: HashMap::new(),
            rooms: Slab::new(),
            names: HashMap::new(),
            dirty_connections: VecDeque::new(),
            dirty_rooms: VecDeque::new(),
            rings_bytes: 0,
            sizes,
            uses: 0,
        }
    }

    /// Whether anything may be waiting to be written.
    pub(super) fn is_dirty(&self) -> bool {
        !self.dirty_connections.is_empty() || !self.dirty_rooms.is_empty()
    }

    /// Whether there is no connection.
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Where a connection is.
    pub(super) fn place(&self, session: SessionId) -> Option<u32> {
        self.sessions.get(&session).copied()
    }

    /// The connection at a place, if it is still the same one.
    pub(super) fn same(&mut self, place: u32, session: SessionId) -> Option<&mut Connection<S>> {
        self.connections.get_mut(place).filter(|connection| connection.session == session)
    }

    /// Adds a connection.
    pub(super) fn open(&mut self, open: Open<S>) -> u32 {
        let session = open.gate.session();
        let place = self.connections.insert(Connection {
            session,
            socket: open.socket,
            gate: open.gate,
            dialect: open.dialect,
            backlog: Backlog::default(),
            follows: Vec::new(),
            is_dirty: false,
            is_blocked: false,
            waiting: None,
            is_reading: false,
            closing: None,
        });
        self.sessions.insert(session, place);
        place
    }

    /// Takes a connection out.
    pub(super) fn remove(&mut self, place: u32) -> Option<Connection<S>> {
        self.unfollow_all(place);
        let connection = self.connections.remove(place)?;
        self.sessions.remove(&connection.session);
        Some(connection)
    }

    /// Puts a connection into the list of those to be written.
    pub(super) fn mark(&mut self, place: u32) {
        if let Some(connection) = self.connections.get_mut(place)
            && !connection.is_dirty
        {
            connection.is_dirty = true;
            self.dirty_connections.push_back(place);
        }
    }

    /// Queues a frame for one connection.
    pub(super) fn reply(&mut self, place: u32, frame: &ServerFrame, answers: bool) {
        if matches!(frame, ServerFrame::Bye(_)) {
            self.absorb(place); // Nothing of a room comes after it.
        }
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.closing.is_none() && !connection.may_do_without(frame) {
            connection.backlog.push(connection.dialect.encode(frame));
            connection.gate.set_unwritten(connection.backlog.bytes());
        }
        match frame {
            ServerFrame::Welcome(_) => connection.gate.welcome(),
            ServerFrame::Members(members) if members.id.is_none() => {
                let room = members.room.as_ref().and_then(|room| self.names.get(room).copied());
                self.forget_notices(place, room);
            }
            _ => {}
        }
        self.answered(place, answers);
        self.mark(place);
    }

    /// A request of this connection has been dealt with.
    pub(super) fn answered(&self, place: u32, answers: bool) {
        if let Some(connection) = self.connections.get(place).filter(|_| answers) {
            connection.gate.answered();
        }
    }

    /// Lets a connection follow a room, or moves its cursor there.
    pub(super) fn attach(&mut self, place: u32, attach: Attach) {
        let room = self.room(&attach.joined.room, attach.joined.head);
        let (joined, gap) = (*attach.joined, attach.gap);
        self.reply(place, &ServerFrame::Joined(joined), attach.answers);
        if let Some(gap) = gap {
            self.reply(place, &ServerFrame::Gap(gap), false);
        }
        let (Some(connection), Some(room_entry)) =
            (self.connections.get_mut(place), self.rooms.get_mut(room))
        else {
            return;
        };
        if connection.closing.is_some() {
            return;
        }
        let cursor = Cursor::attach(&room_entry.ring, attach.after);
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
    }

    /// Stops a connection from following a room.
    pub(super) fn detach(&mut self, place: u32, room: &RoomName, left: Option<Left>) {
        let room = self.names.get(room).copied();
        let follows = self.connections.get(place).map(|connection| &connection.follows);
        let index = follows.and_then(|all| all.iter().position(|it| Some(it.room) == room));
        if let Some(index) = index {
            self.unfollow(place, index);
        }
        if let Some(left) = left {
            self.reply(place, &ServerFrame::Left(left), true);
        }
    }

    /// Adds an event to a room's ring.
    pub(super) fn append(&mut self, room: &RoomName, seq: Seq, frame: Bytes) {
        let place = self.room(room, seq.previous());
        self.change_ring(place, |ring| ring.append(seq, frame));
        self.mark_room(place);
    }

    /// Adds a notice to a room's ring.
    pub(super) fn notice(&mut self, room: &RoomName, frame: Bytes) {
        // Nobody here follows a room without an entry, and who comes gets the members anyway.
        let Some(place) = self.names.get(room).copied() else { return };
        self.change_ring(place, |ring| ring.notice(frame));
        self.mark_room(place);
    }

    /// Lets a connection end with this close frame, after what is pending for it now.
    pub(super) fn close(&mut self, place: u32, frame: Bytes, now: u32) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.closing.is_some() {
            return;
        }
        connection.closing = Some(now);
        connection.gate.pause();
        self.absorb(place);
        if let Some(connection) = self.connections.get_mut(place) {
            connection.backlog.push(frame);
        }
        self.mark(place);
    }

    /// Ends what a connection follows: what is pending in its rooms now goes behind its answers.
    /// A cursor that the ring has left behind adds nothing: better an end than a hole.
    fn absorb(&mut self, place: u32) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        for follow in &mut connection.follows {
            if let Some(room) = self.rooms.get(follow.room) {
                follow.cursor.settle(&room.ring);
                connection.backlog.absorb(&follow.cursor, &room.ring);
            }
        }
        self.unfollow_all(place);
    }

    /// The followed room of this name, in the connection at this place.
    pub(super) fn follow_of(&mut self, place: u32, room: &RoomName) -> Option<&mut Follow> {
        let room = self.names.get(room).copied()?;
        self.follow_at(place, room)
    }

    fn follow_at(&mut self, place: u32, room: u32) -> Option<&mut Follow> {
        let connection = self.connections.get_mut(place)?;
        connection.follows.iter_mut().find(|follow| follow.room == room)
    }

    /// The place of a room, which is made if it has none, with this head.
    fn room(&mut self, name: &RoomName, head: Seq) -> u32 {
        self.uses += 1;
        if let Some(&place) = self.names.get(name) {
            if let Some(room) = self.rooms.get_mut(place) {
                room.used = self.uses;
            }
            return place;
        }
        let place = self.rooms.insert(Room {
            name: name.clone(),
            ring: Ring::new(head, self.sizes.ring),
            followers: Vec::new(),
            unswept: 0,
            next: 0,
            tail: None,
            used: self.uses,
        });
        self.names.insert(name.clone(), place);
        place
    }

    fn mark_room(&mut self, place: u32) {
        let Some(room) = self.rooms.get_mut(place) else { return };
        if room.followers.is_empty() {
            return;
        }
        if room.unswept == 0 {
            self.dirty_rooms.push_back(place);
        }
        room.unswept = room.followers.len();
    }

    fn forget_notices(&mut self, place: u32, room: Option<u32>) {
        let Some(ring) = room.and_then(|room| self.rooms.get(room)).map(|room| &room.ring) else {
            return;
        };
        if let Some(connection) = self.connections.get_mut(place)
            && let Some(follow) = connection.follows.iter_mut().find(|it| Some(it.room) == room)
        {
            follow.cursor.forget_notices(ring);
        }
    }

    fn unfollow_all(&mut self, place: u32) {
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

impl<S> Drop for Table<S> {
    /// However a shard ends, its readers end with it.
    fn drop(&mut self) {
        self.connections.iter().for_each(|(_, connection)| connection.gate.end(Ended::Reset));
    }
}

/// The notice that events of a room will not come.
pub(super) fn retention_gap(room: &RoomName, from: Seq, to: Seq) -> ServerFrame {
    let reason = protocol::server::GapReason::Retention;
    ServerFrame::Gap(Gap { room: room.clone(), from, to, reason })
}

#[cfg(test)]
mod tests;
