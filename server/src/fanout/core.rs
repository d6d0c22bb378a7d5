//! What a shard decides: what to do about each command, whom to write next, what comes after a
//! write. What it cannot do itself is done by what is [`Around`] it. It names no clock, channel
//! or task, so that the simulator runs the same code as the hub.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::future::AbortHandle;
use protocol::{RoomName, Seq, SessionId};

use super::{
    command::Command,
    cursor::Page,
    gate::Ended,
    pages::{Known, PageKey, PageRead, PageWanted, Pages, Part, Waiter},
    sizes::Sizes,
    socket::Socket,
    sweep::{Needs, Written},
    table::Table,
    wheel::{Care, PING_SECONDS, Wheel, care},
};
use crate::{
    dialect::Encoded,
    hub::input::Input,
    ledger::{ReadError, ReadRefused},
    sabotage::Fault,
};

/// How long a connection that is to end may take to take what is pending for it.
const CLOSING_SECONDS: u32 = 5;

/// What a shard needs done.
pub trait Around {
    /// What is written to.
    type Socket: Socket;

    /// The clock of the shard.
    fn seconds(&self) -> u32;

    /// Has a page read; it comes back to [`Core::take_page`].
    fn read(&mut self, page: PageWanted) -> Result<(), ReadRefused>;

    /// Waits until a socket can be written, and then calls [`Core::unblock`].
    fn await_writable(&mut self, socket: Arc<Self::Socket>, waiter: Waiter) -> AbortHandle;

    /// Tells the hub something if it has room for it; gives it back if not.
    #[expect(clippy::result_large_err, reason = "it is not an error, but given back")]
    fn offer(&mut self, input: Input) -> Result<(), Input>;

    /// Ends the shard when everything is written, or after this time.
    fn finish(&mut self, within: Duration);
}

/// What a connection keeps in memory.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// The rest of a frame, and answers.
    pub bytes: usize,
    /// Whether it keeps a page.
    pub has_page: bool,
    /// Whether its socket takes no bytes.
    pub is_blocked: bool,
}

/// A shard, but for waiting.
#[derive(Debug)]
pub struct Core<A: Around> {
    table: Table<A::Socket>,
    pages: Pages,
    wheel: Wheel<Waiter>,
    /// Whom the hub had no room to be told of; at most one entry for each lagging cursor.
    caught_up: VecDeque<(SessionId, RoomName)>,
    /// What it works with.
    pub around: A,
}

impl<A: Around> Core<A> {
    /// A shard of these sizes, without connections.
    pub fn new(sizes: Sizes, around: A) -> Self {
        Self {
            table: Table::new(sizes),
            pages: Pages::new(sizes.page_events),
            wheel: Wheel::new(around.seconds()),
            caught_up: VecDeque::new(),
            around,
        }
    }

    /// Whether anything may be waiting to be written.
    pub fn is_dirty(&self) -> bool {
        self.table.is_dirty()
    }

    /// Whether there is no connection.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// What a connection keeps in memory.
    pub fn held(&self, session: SessionId) -> Option<Held> {
        let connection = self.table.connections.get(self.table.place(session)?)?;
        let has_page = connection.follows.iter().any(|follow| follow.cursor.has_page());
        let (bytes, is_blocked) = (connection.backlog.bytes(), connection.is_blocked);
        Some(Held { bytes, has_page, is_blocked })
    }

    /// Does what a command says.
    pub fn take(&mut self, command: Command<A::Socket>) {
        match command {
            Command::Open(open) => {
                let session = open.gate.session();
                let place = self.table.open(*open);
                self.wheel.add((place, session), PING_SECONDS);
            }
            Command::Reply { session, frame, answers } => {
                self.with(session, |table, place| table.reply(place, &frame, answers));
            }
            Command::Done(session) => {
                self.with(session, |table, place| table.answered(place, true));
            }
            Command::Attach(attach) => {
                self.with(attach.session, |table, place| table.attach(place, *attach));
            }
            Command::Detach { session, room, left } => {
                self.with(session, |table, place| table.detach(place, &room, left));
            }
            Command::Append { room, seq, frame } => self.table.append(&room, seq, &frame),
            Command::Erase { room, left } => self.erase(&room, &left),
            Command::Notice { room, frame } => self.table.notice(&room, &frame),
            Command::Close { session, code, reason } => self.close(session, code, reason),
            Command::Gone(session) => self.gone(session),
            Command::Pause => self.table.connections.iter().for_each(|(_, it)| it.gate.pause()),
            Command::Finish(within) => self.finish(within),
        }
    }

    /// What was erased is in rings, in pages that connections keep, and in pages on their way.
    fn erase(&mut self, room: &RoomName, left: &[(Seq, Encoded)]) {
        self.pages.spoil(room);
        self.table.erase(room, left);
    }

    fn with(&mut self, session: SessionId, change: impl FnOnce(&mut Table<A::Socket>, u32)) {
        if let Some(place) = self.table.place(session) {
            change(&mut self.table, place);
        }
    }

    fn close(&mut self, session: SessionId, code: u16, reason: &str) {
        let Some(place) = self.table.place(session) else { return };
        self.table.close(place, (code, reason), self.around.seconds());
        self.wheel.add((place, session), CLOSING_SECONDS);
    }

    /// The reader has ended: what it still had to say, then the end.
    fn gone(&mut self, session: SessionId) {
        let Some(place) = self.table.place(session) else { return };
        let _ = self.table.write(place, &mut Needs::default());
        self.end_connection(place, Ended::Reset);
    }

    /// Whoever was told to go may still take what is theirs.
    pub(super) fn finish(&mut self, within: Duration) {
        self.around.finish(within);
        let others = self.table.connections.iter().filter(|(_, it)| it.closing.is_none());
        let others: Vec<_> = others.map(|(place, _)| place).collect();
        for place in others {
            self.reset(place);
        }
    }

    /// These have control frames to be written.
    pub fn take_hints(&mut self, sessions: Vec<SessionId>) {
        for session in sessions {
            self.with(session, Table::mark);
        }
    }

    /// A page has been read.
    pub fn take_page(&mut self, read: PageRead) {
        let (key, waiters, page) = self.pages.take(read);
        if let (Part::Newest, Ok(Some(page))) = (key.part, &page) {
            self.table.fill(&key.room, &key.lens, page);
        }
        for (place, session) in waiters {
            let Some(connection) = self.table.same(place, session) else { continue };
            connection.is_reading = false;
            match &page {
                Ok(Some(page)) => self.give_page(place, &key, page),
                Ok(None) => self.table.mark(place),
                // It comes back and asks again: better than a hole, or than waiting in vain.
                Err(why) => self.reset_for(place, why),
            }
        }
    }

    fn give_page(&mut self, place: u32, key: &PageKey, page: &Arc<Page>) {
        let Some(connection) = self.table.connections.get(place) else { return };
        if connection.is_blocked {
            return; // It keeps no page while it takes no bytes; it asks again after that.
        }
        if let Part::After(after) = key.part
            && let Some(follow) = self.table.follow_of(place, &key.room)
        {
            follow.cursor.give(after, Arc::clone(page));
        }
        self.table.mark(place);
    }

    fn reset_for(&mut self, place: u32, why: &ReadError) {
        tracing::error!("a connection is reset: {why}");
        self.reset(place);
    }

    /// Does what comes of itself: looks after the connections whose time has come, and tries
    /// again what was refused.
    pub fn tend(&mut self) {
        self.turn_wheel();
        self.ask_refused_again();
        self.tell_caught_up();
    }

    fn turn_wheel(&mut self) {
        let now = self.around.seconds();
        for (place, session) in self.wheel.turn(now) {
            let Some(connection) = self.table.same(place, session) else { continue };
            match connection.closing {
                Some(since) if since + CLOSING_SECONDS <= now => self.reset(place),
                Some(since) => {
                    self.wheel.add((place, session), since + CLOSING_SECONDS - now);
                }
                None => self.look_after(place, session),
            }
        }
    }

    fn look_after(&mut self, place: u32, session: SessionId) {
        let Some(connection) = self.table.same(place, session) else { return };
        match care(self.wheel.silence(connection.gate.heard())) {
            _ if Fault::NoHeartbeat.is_on() => {}
            Care::Reset => self.reset(place),
            Care::Ping(seconds) => {
                if !connection.is_blocked {
                    connection.backlog.push(connection.dialect.ping());
                    self.table.mark(place);
                }
                self.wheel.add((place, session), seconds);
            }
        }
    }

    /// Writes to those with answers, then to a part of the followers of one room.
    pub fn sweep(&mut self) {
        for _ in 0..self.table.dirty_connections.len() {
            let Some(place) = self.table.dirty_connections.pop_front() else { break };
            self.write(place);
        }
        let Some(room) = self.table.dirty_rooms.pop_front() else { return };
        for _ in 0..self.table.sizes.followers {
            let Some(place) = self.table.next_follower(room) else { return };
            match self.table.write_tail(place, room) {
                Some(written) => self.after(place, written, Needs::default()),
                None => self.write(place),
            }
        }
        self.table.pause_sweep(room);
    }

    fn write(&mut self, place: u32) {
        let mut needs = Needs::default();
        let written = self.table.write(place, &mut needs);
        self.after(place, written, needs);
    }

    /// What a write leads to.
    fn after(&mut self, place: u32, written: Written, needs: Needs) {
        self.caught_up.extend(needs.members);
        match written {
            Written::All => self.request_page(place, needs.page),
            Written::More => {
                self.table.mark(place);
                self.request_page(place, needs.page);
            }
            Written::Blocked => self.block(place),
            Written::Closed => self.closed(place),
            Written::Broken => self.reset(place),
        }
    }

    fn request_page(&mut self, place: u32, page: Option<(u32, Seq)>) {
        let Some((room, after)) = page else { return };
        let may_fill = self.table.may_fill(self.pages.fills());
        let (Some(connection), Some(room)) =
            (self.table.connections.get_mut(place), self.table.rooms.get(room))
        else {
            return;
        };
        if connection.is_reading || connection.is_blocked {
            return;
        }
        connection.is_reading = true;
        let is_to_be_filled = room.ring.wants_fill() && may_fill;
        let part = if is_to_be_filled { Part::Newest } else { Part::After(after) };
        let key = PageKey { room: room.name.clone(), part, lens: room.lens.clone() };
        let known = Known { first: room.ring.first(), head: room.ring.head() };
        let waiter = (place, connection.session);
        self.pages.request(key, known, waiter, |page| self.around.read(page));
    }

    fn ask_refused_again(&mut self) {
        for (place, session) in self.pages.take_refused() {
            if let Some(connection) = self.table.same(place, session) {
                connection.is_reading = false;
                self.table.mark(place);
            }
        }
    }

    fn block(&mut self, place: u32) {
        let Some(connection) = self.table.connections.get_mut(place) else { return };
        let (socket, waiter) = (Arc::clone(&connection.socket), (place, connection.session));
        connection.waiting = Some(self.around.await_writable(socket, waiter));
    }

    /// A socket that was full can be written.
    pub fn unblock(&mut self, (place, session): Waiter) {
        let Some(connection) = self.table.same(place, session) else { return };
        connection.is_blocked = false;
        connection.waiting = None;
        connection.gate.hear();
        self.table.mark(place);
    }

    /// Tells the hub who is back in a ring, as far as it has room.
    fn tell_caught_up(&mut self) {
        while let Some((session, room)) = self.caught_up.pop_front() {
            let input = Input::CaughtUp { session, room };
            if let Err(Input::CaughtUp { session, room }) = self.around.offer(input) {
                return self.caught_up.push_front((session, room));
            }
        }
    }

    fn reset(&mut self, place: u32) {
        if let Some(connection) = self.table.connections.get(place) {
            connection.socket.reset();
        }
        self.end_connection(place, Ended::Reset);
    }

    /// The close frame is out: nothing comes after it. The reader still listens for a while.
    fn closed(&mut self, place: u32) {
        if let Some(connection) = self.table.connections.get(place) {
            connection.socket.finish();
        }
        self.end_connection(place, Ended::Closed);
    }

    /// Lets go of the socket; the reader does so too, and that closes it.
    fn end_connection(&mut self, place: u32, ended: Ended) {
        let Some(connection) = self.table.remove(place) else { return };
        connection.gate.end(ended);
        if let Some(waiting) = connection.waiting {
            waiting.abort();
        }
    }
}

#[cfg(test)]
mod tests;
