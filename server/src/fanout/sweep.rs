//! Writing: what is pending for a connection, in one call, without ever waiting.

use std::io::{self, ErrorKind};

use protocol::{RoomName, Seq, SessionId};

use super::{
    backlog::Write,
    cursor::Standing,
    slab::Slab,
    socket::Socket,
    table::{Connection, Follow, Room, Table},
};

/// Most unwritten answers of one connection; one that lets more come up is reset. Above what
/// the reader lets in (64 KiB, one large answer and 63 small ones).
const UNWRITTEN_BYTES_MAX: usize = 256 * 1024;

/// What is left to do for a connection after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing.
    All,
    /// There is more, and the socket may take it.
    More,
    /// The socket takes no more for now.
    Blocked,
    /// Everything is out, the close frame last.
    Closed,
    /// The socket is broken, or too much waits for it.
    Broken,
}

/// What connections need besides bytes, found on the way.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// A lagging cursor is back in the ring: it needs the members.
    pub(super) members: Vec<(SessionId, RoomName)>,
    /// The page of this room after this seq.
    pub(super) page: Option<(u32, Seq)>,
}

impl<S: Socket> Table<S> {
    /// Writes once to a connection.
    pub(super) fn write(&mut self, place: u32, needs: &mut Needs) -> Written {
        let Some(connection) = self.connections.get_mut(place) else { return Written::All };
        connection.is_dirty = false;
        if connection.is_blocked {
            return connection.check_unwritten();
        }
        connection.settle(&self.rooms, needs);
        match connection.write(&self.rooms) {
            Ok(Written::Blocked) => connection.block(),
            Ok(written) => written,
            Err(_) => Written::Broken,
        }
    }

    /// The sweep of a room goes on when others had their turn. What was put together for it is
    /// not kept: there is one such piece in memory at a time.
    pub(super) fn pause_sweep(&mut self, room: u32) {
        if let Some(room) = self.rooms.get_mut(room) {
            room.tail = None;
        }
        self.dirty_rooms.push_back(room);
    }

    /// Writes what is new in one room to a follower, if that is all that waits for it: nearly
    /// always. If not, nothing is done, and [`Table::write`] is to be called.
    pub(super) fn write_tail(&mut self, place: u32, room: u32) -> Option<Written> {
        let connection = self.connections.get_mut(place)?;
        if !connection.has_only_news(room, &self.rooms) {
            return None;
        }
        let follow = connection.follows.iter_mut().find(|it| it.room == room)?;
        let room = self.rooms.get_mut(room)?;
        if follow.cursor.place() == Some(room.ring.end()) {
            return Some(Written::All);
        }
        let tail = room.tail_for(&follow.cursor)?;
        let mut written = match connection.socket.try_write(tail.bytes()) {
            Ok(all) if all == tail.bytes().len() => {
                follow.cursor.pass(tail);
                return Some(Written::All);
            }
            Ok(0) => return Some(Written::Broken),
            Ok(written) => written,
            Err(why) if why.kind() == ErrorKind::WouldBlock => 0,
            Err(_) => return Some(Written::Broken),
        };
        connection.backlog.advance_room(&mut follow.cursor, &room.ring, &mut written);
        connection.gate.set_unwritten(connection.backlog.bytes());
        Some(connection.block())
    }

    /// The next follower to be written in a sweep of a room, or none when it is done.
    pub(super) fn next_follower(&mut self, room: u32) -> Option<u32> {
        let room = self.rooms.get_mut(room)?;
        let unswept = room.unswept.min(room.followers.len());
        if unswept == 0 {
            room.tail = None;
            return None;
        }
        room.unswept = unswept - 1;
        if room.next >= room.followers.len() {
            room.next = 0;
        }
        room.next += 1;
        room.followers.get(room.next - 1).copied()
    }
}

impl<S: Socket> Connection<S> {
    /// Whether nothing can be waiting for it but news of this room.
    fn has_only_news(&self, room: u32, rooms: &Slab<Room>) -> bool {
        let is_up_to_date = |follow: &Follow| {
            let end = rooms.get(follow.room).map(|room| room.ring.end());
            follow.room == room || follow.cursor.place() == end
        };
        !self.is_dirty
            && !self.is_blocked
            && self.backlog.bytes() == 0
            && self.follows.iter().all(is_up_to_date)
    }

    /// Moves its cursors to where they belong now.
    fn settle(&mut self, rooms: &Slab<Room>, needs: &mut Needs) {
        for follow in &mut self.follows {
            let Some(room) = rooms.get(follow.room) else { continue };
            match follow.cursor.settle(&room.ring) {
                Standing::Ready => {}
                Standing::CaughtUp => needs.members.push((self.session, room.name.clone())),
                Standing::NeedsPage(after) => needs.page = Some((follow.room, after)),
            }
        }
    }

    fn write(&mut self, rooms: &Slab<Room>) -> io::Result<Written> {
        let control = self.gate.take_control();
        if !control.is_empty() {
            self.backlog.push_first(control);
        }
        let mut write = Write::new();
        self.backlog.pending(&mut write);
        for follow in &self.follows {
            if let Some(room) = rooms.get(follow.room) {
                follow.cursor.pending(&room.ring, |frame| write.offer(frame));
            }
        }
        let (offered, is_full) = (write.bytes(), write.is_full());
        if offered == 0 {
            return Ok(self.pass_what_says_nothing(rooms));
        }
        let written = match self.socket.try_write_vectored(write.slices()) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => written,
            Err(why) if why.kind() == ErrorKind::WouldBlock => 0,
            Err(why) => return Err(why),
        };
        self.advance(rooms, written);
        Ok(match () {
            () if written < offered => Written::Blocked,
            // After a page comes the next one, or the ring.
            () if is_full || self.follows.iter().any(|it| it.cursor.is_lagging()) => Written::More,
            () => self.when_all_is_out(),
        })
    }

    /// There is nothing to be written; but places without bytes may be due.
    fn pass_what_says_nothing(&mut self, rooms: &Slab<Room>) -> Written {
        let had_page = self.follows.iter().any(|follow| follow.cursor.has_page());
        self.advance(rooms, 0);
        if had_page { Written::More } else { self.when_all_is_out() }
    }

    fn advance(&mut self, rooms: &Slab<Room>, mut written: usize) {
        self.backlog.advance(&mut written);
        for follow in &mut self.follows {
            if let Some(room) = rooms.get(follow.room) {
                self.backlog.advance_room(&mut follow.cursor, &room.ring, &mut written);
            }
        }
        debug_assert_eq!(written, 0, "what was offered is what was advanced");
        self.gate.set_unwritten(self.backlog.bytes());
    }

    fn when_all_is_out(&self) -> Written {
        if self.closing.is_some() { Written::Closed } else { Written::All }
    }

    fn block(&mut self) -> Written {
        self.is_blocked = true;
        for follow in &mut self.follows {
            follow.cursor.drop_page();
        }
        match self.check_unwritten() {
            Written::Broken => Written::Broken,
            _ => Written::Blocked,
        }
    }

    fn check_unwritten(&self) -> Written {
        let is_too_much = self.backlog.bytes() > UNWRITTEN_BYTES_MAX && self.closing.is_none();
        if is_too_much { Written::Broken } else { Written::All }
    }
}
