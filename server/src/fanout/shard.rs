//! A shard: one task that alone writes to its share of the connections.
//!
//! It takes the commands that are ready, then writes once to each connection that has something
//! pending; so whatever came up during one sweep goes out in one write of the next. It never
//! waits for a socket, for the hub or for the ledger.

use std::{collections::VecDeque, net::Shutdown, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{
    FutureExt as _, StreamExt as _,
    future::{Aborted, abortable},
    stream::FuturesUnordered,
};
use protocol::{RoomName, Seq, SessionId};
use socket2::SockRef;
use tokio::{
    net::TcpStream,
    select,
    sync::mpsc,
    task,
    time::{Instant, sleep, sleep_until},
};

use super::{
    command::Command,
    cursor::Page,
    gate::{Ended, Hints},
    pages::{PageKey, PageRead, Pages, Waiter},
    sweep::{FOLLOWERS_AT_ONCE, Needs, Written},
    table::Table,
    wheel::{Care, PING_SECONDS, Wheel, care},
};
use crate::{
    dialect::frame::PING,
    hub::{HubHandle, input::Input},
    ledger::{ReadError, Reader},
    sabotage::Fault,
};

/// Most batches of commands taken before what they led to is written.
const BATCHES_AT_ONCE: usize = 16;
/// Most sockets that are taken back at once when they can be written again.
const UNBLOCKED_AT_ONCE: usize = 256;
/// How long a connection that is to end may take to take what is pending for it.
const CLOSING_SECONDS: u32 = 5;

/// Waits until a blocked socket can be written.
type Writable = Pin<Box<dyn Future<Output = Result<Waiter, Aborted>> + Send>>;

/// What a shard works with.
pub(super) struct Shard {
    table: Table,
    commands: mpsc::Receiver<Vec<Command>>,
    hints: Arc<Hints>,
    hub: HubHandle,
    pages: Pages,
    pages_read: mpsc::Receiver<PageRead>,
    blocked: FuturesUnordered<Writable>,
    wheel: Wheel<Waiter>,
    /// Whom the hub had no room to be told of; at most one entry for each lagging cursor.
    caught_up: VecDeque<(SessionId, RoomName)>,
    /// When the shard ends, after it was told to.
    end: Option<Instant>,
}

impl Shard {
    /// A shard without connections, whose rings hold so many bytes.
    pub(super) fn new(
        commands: mpsc::Receiver<Vec<Command>>,
        hints: Arc<Hints>,
        hub: HubHandle,
        reader: Reader,
        rings_bytes_max: usize,
    ) -> Self {
        let (pages, pages_read) = Pages::new(reader);
        Self {
            table: Table::new(rings_bytes_max),
            commands,
            wheel: Wheel::new(hints.seconds()),
            hints,
            hub,
            pages,
            pages_read,
            blocked: FuturesUnordered::new(),
            caught_up: VecDeque::new(),
            end: None,
        }
    }

    /// Serves until told to finish and every connection is written, or its time is over.
    pub(super) async fn run(mut self) {
        while !self.is_over() {
            self.wait().await;
            self.take_more();
            self.sweep();
        }
    }

    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| self.table.is_empty() || end <= Instant::now())
    }

    /// Waits for something to do. With something to be written, only lets others have a turn.
    async fn wait(&mut self) {
        let is_dirty = self.table.is_dirty();
        let end = self.end;
        select! {
            batch = self.commands.recv() => self.take_batch(batch),
            Some(Ok(waiter)) = self.blocked.next() => self.unblock(waiter),
            Some(read) = self.pages_read.recv() => self.take_page(read),
            () = self.hints.added() => self.take_hints(),
            () = sleep(self.hints.until_next_second()) => self.turn_wheel(),
            () = sleep_until(end.unwrap_or_else(Instant::now)), if end.is_some() => {}
            () = task::yield_now(), if is_dirty => {}
        }
    }

    /// Takes what else is ready.
    fn take_more(&mut self) {
        for _ in 0..BATCHES_AT_ONCE {
            let Ok(batch) = self.commands.try_recv() else { break };
            self.take_batch(Some(batch));
        }
        while let Ok(read) = self.pages_read.try_recv() {
            self.take_page(read);
        }
        for _ in 0..UNBLOCKED_AT_ONCE {
            let Some(Some(Ok(waiter))) = self.blocked.next().now_or_never() else { break };
            self.unblock(waiter);
        }
        // A busy shard may never be seen waiting for the next second.
        self.turn_wheel();
        self.ask_refused_again();
        self.tell_caught_up();
    }

    fn take_batch(&mut self, batch: Option<Vec<Command>>) {
        // Without senders there is neither hub nor reader any more.
        let Some(batch) = batch else { return self.finish(Duration::ZERO) };
        for command in batch {
            self.take(command);
        }
    }

    fn take(&mut self, command: Command) {
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
            Command::Append { room, seq, frame } => self.table.append(&room, seq, frame.typed()),
            Command::Present { room, frame } => self.table.present(&room, frame.typed()),
            Command::Close { session, frame } => self.close(session, frame),
            Command::Gone(session) => self.gone(session),
            Command::Pause => self.table.connections.iter().for_each(|(_, it)| it.gate.pause()),
            Command::Finish(within) => self.finish(within),
        }
    }

    fn with(&mut self, session: SessionId, change: impl FnOnce(&mut Table, u32)) {
        if let Some(place) = self.table.place(session) {
            change(&mut self.table, place);
        }
    }

    fn close(&mut self, session: SessionId, frame: Bytes) {
        let Some(place) = self.table.place(session) else { return };
        self.table.close(place, frame, self.hints.seconds());
        self.wheel.add((place, session), CLOSING_SECONDS);
    }

    /// The reader has ended: what it still had to say, then the end.
    fn gone(&mut self, session: SessionId) {
        let Some(place) = self.table.place(session) else { return };
        let _ = self.table.write(place, &mut Needs::default());
        self.end_connection(place, Ended::Reset);
    }

    /// Whoever was told to go may still take what is theirs.
    fn finish(&mut self, within: Duration) {
        self.end = Some(Instant::now() + within);
        let others = self.table.connections.iter().filter(|(_, it)| it.closing.is_none());
        let others: Vec<_> = others.map(|(place, _)| place).collect();
        for place in others {
            self.reset(place);
        }
    }

    fn take_hints(&mut self) {
        for session in self.hints.take() {
            self.with(session, Table::mark);
        }
    }

    fn take_page(&mut self, read: PageRead) {
        let (key, waiters, page) = self.pages.take(read);
        for (place, session) in waiters {
            let Some(connection) = self.table.same(place, session) else { continue };
            connection.is_reading = false;
            match &page {
                Ok(page) => self.give_page(place, &key, page),
                // It comes back and asks again: better than a hole, or than waiting in vain.
                Err(why) => self.reset_for(place, why),
            }
        }
    }

    fn give_page(&mut self, place: u32, key: &PageKey, page: &Arc<Page>) {
        if let Some(follow) = self.table.follow_of(place, &key.room) {
            follow.cursor.give(key.after, Arc::clone(page));
        }
        self.table.mark(place);
    }

    fn reset_for(&mut self, place: u32, why: &ReadError) {
        tracing::error!("a connection is reset: {why}");
        self.reset(place);
    }

    /// Looks after the connections whose time has come.
    fn turn_wheel(&mut self) {
        let now = self.hints.seconds();
        for (place, session) in self.wheel.turn(now) {
            let Some(connection) = self.table.same(place, session) else { continue };
            match connection.closing {
                Some(since) if since + CLOSING_SECONDS <= now => self.reset(place),
                Some(since) => {
                    self.wheel.add((place, session), since + CLOSING_SECONDS - now);
                }
                None => self.look_after(place, session, now),
            }
        }
    }

    fn look_after(&mut self, place: u32, session: SessionId, now: u32) {
        let Some(connection) = self.table.same(place, session) else { return };
        match care(now.saturating_sub(connection.gate.heard())) {
            _ if Fault::NoHeartbeat.is_on() => {}
            Care::Reset => self.reset(place),
            Care::Ping(seconds) => {
                if !connection.is_blocked {
                    connection.backlog.push(Bytes::from_static(&PING));
                    self.table.mark(place);
                }
                self.wheel.add((place, session), seconds);
            }
        }
    }

    /// Writes to those with answers, then to a part of the followers of one room.
    fn sweep(&mut self) {
        for _ in 0..self.table.dirty_connections.len() {
            let Some(place) = self.table.dirty_connections.pop_front() else { break };
            self.write(place);
        }
        let Some(room) = self.table.dirty_rooms.pop_front() else { return };
        for _ in 0..FOLLOWERS_AT_ONCE {
            let Some(place) = self.table.next_follower(room) else { return };
            self.write(place);
        }
        self.table.dirty_rooms.push_back(room);
    }

    fn write(&mut self, place: u32) {
        let mut needs = Needs::default();
        let written = self.table.write(place, &mut needs);
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
        let (Some(connection), Some(room)) =
            (self.table.connections.get_mut(place), self.table.rooms.get(room))
        else {
            return;
        };
        if connection.is_reading || connection.is_blocked {
            return;
        }
        connection.is_reading = true;
        let key = PageKey { room: room.name.clone(), after, dialect: connection.dialect };
        self.pages.request(key, room.ring.head(), (place, connection.session));
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
        let (writable, stop) = abortable(writable(socket, waiter));
        connection.waiting = Some(stop);
        self.blocked.push(Box::pin(writable));
    }

    fn unblock(&mut self, (place, session): Waiter) {
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
            if let Err(Input::CaughtUp { session, room }) = self.hub.offer(input) {
                return self.caught_up.push_front((session, room));
            }
        }
    }

    fn reset(&mut self, place: u32) {
        if let Some(connection) = self.table.connections.get(place) {
            // Unless it is set, what waits in the kernel would be kept for the silent peer.
            let _ = connection.socket.set_zero_linger();
        }
        self.end_connection(place, Ended::Reset);
    }

    /// The close frame is out: nothing comes after it. The reader still listens for a while.
    fn closed(&mut self, place: u32) {
        if let Some(connection) = self.table.connections.get(place) {
            let _ = SockRef::from(&*connection.socket).shutdown(Shutdown::Write);
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

async fn writable(socket: Arc<TcpStream>, waiter: Waiter) -> Waiter {
    // An error shows itself at the next write.
    let _ = socket.writable().await;
    waiter
}
