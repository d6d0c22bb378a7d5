//! The connections and rooms of one shard: who follows what, and who has something to be
//! written. No socket is touched here.

mod budget;
mod erase;
mod following;
mod names;

use std::{collections::HashMap, collections::VecDeque, sync::Arc};

use bytes::Bytes;
use futures::future::AbortHandle;
use protocol::{RoomName, Seq, ServerFrame, SessionId, server::Gap};

use super::{
    backlog::Backlog,
    command::Open,
    cursor::Cursor,
    gate::{Ended, Gate},
    ring::Ring,
    sizes::Sizes,
    slab::Slab,
    tail::Tail,
};
use crate::dialect::{Dialect, Encoded, Lens};

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
    /// How its followers see it.
    pub(super) lens: Lens,
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
    /// In each way in which they are seen.
    names: HashMap<RoomName, Vec<u32>>,
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

    /// Queues what is for this connection alone; nothing, if it says nothing in its dialect.
    fn push(&mut self, frame: Bytes) {
        if !frame.is_empty() {
            self.backlog.push(frame);
            self.gate.set_unwritten(self.backlog.bytes());
        }
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
            connection.push(connection.dialect.encode(frame));
        }
        match frame {
            ServerFrame::Welcome(_) => connection.gate.welcome(),
            ServerFrame::Members(members) if members.id.is_none() => {
                self.forget_notices(place, members.room.as_ref());
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

    /// Adds an event to a room's rings.
    pub(super) fn append(&mut self, room: &RoomName, seq: Seq, frame: &Encoded) {
        let place = self.room(room, &Lens::Typed, seq.previous());
        self.change_ring(place, |ring| ring.append(seq, frame.typed()));
        self.mark_room(place);
        if self.names.get(room).is_some_and(|places| places.len() > 1) {
            self.tell_others(room, frame, |ring, frame| ring.append(seq, frame));
        }
    }

    /// Adds a notice to a room's rings.
    pub(super) fn notice(&mut self, room: &RoomName, frame: &Encoded) {
        // Nobody here follows a room without an entry, and who comes gets the members anyway.
        if let Some(place) = self.seen(room, &Lens::Typed) {
            self.change_ring(place, |ring| ring.notice(frame.typed()));
            self.mark_room(place);
        }
        self.tell_others(room, frame, |ring, frame| {
            if !frame.is_empty() {
                ring.notice(frame);
            }
        });
    }

    /// Adds a frame to the rings of those who see a room otherwise than it is.
    fn tell_others(&mut self, room: &RoomName, frame: &Encoded, add: impl Fn(&mut Ring, Bytes)) {
        for place in self.places(room) {
            let lens = self.rooms.get(place).map(|room| &room.lens);
            if let Some(lens) = lens.filter(|lens| **lens != Lens::Typed) {
                let frame = frame.seen_through(lens);
                self.change_ring(place, |ring| add(ring, frame));
                self.mark_room(place);
            }
        }
    }

    /// Lets a connection end with this close code and reason, after what is pending for it now.
    pub(super) fn close(&mut self, place: u32, (code, reason): (u16, &str), now: u32) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.closing.is_some() {
            return;
        }
        connection.closing = Some(now);
        connection.gate.pause();
        self.absorb(place);
        if let Some(connection) = self.connections.get_mut(place) {
            connection.backlog.push(connection.dialect.close(code, reason));
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
