//! One life of a hub: the real hub, ledger and shards, with queues between them that the world
//! empties when it likes.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use futures::future::AbortHandle;
use protocol::{SessionId, codec, server::ServerInfo};
use rusqlite::Connection;
use server::{
    hub::{
        input::{Input, Ticket},
        limits::{FrameKind, Limits, Rates},
        state::{HubState, Settings},
    },
    ledger::{News, PageQuery, PageResult, Proposal, ReadRefused},
    parts::{
        Around, Clock, Command, Core, Gate, Hints, Notes, PageRead, PageWanted, Waiter, Writer,
        must_be_answered, open_memory,
    },
};

use super::{plan::Plan, wire::Wire};

/// One life of a hub.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) life: u32,
    /// When it began.
    pub(crate) start: u64,
    pub(crate) hub: HubState,
    pub(crate) writer: Writer,
    pub(crate) reader: Connection,
    pub(crate) shards: Vec<Shard>,
    pub(crate) readings: BTreeMap<SessionId, Reading>,
    pub(crate) inputs: VecDeque<Input>,
    pub(crate) proposals: VecDeque<Proposal>,
    pub(crate) notes: Notes,
    /// Committed, but not told yet.
    pub(crate) committed: VecDeque<News>,
    pub(crate) news: VecDeque<News>,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) read: Vec<Read>,
    pub(crate) pages: VecDeque<(Ticket, PageResult)>,
    /// When it is drained at the latest, once it drains.
    pub(crate) drain: Option<u64>,
    pub(crate) is_disk_full: bool,
    /// When the hub is woken.
    pub(crate) tick: Option<u64>,
}

/// A page to be read.
#[derive(Debug)]
pub(crate) enum Wanted {
    Asked(Ticket, PageQuery),
    Lagging(usize, PageWanted),
}

/// A page that was read.
#[derive(Debug)]
pub(crate) enum Read {
    Asked(Ticket, PageResult),
    Lagging(usize, PageRead),
}

/// A shard and what waits for it.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) core: Core<Outside>,
    pub(crate) hints: Arc<Hints>,
    pub(crate) commands: VecDeque<Command<Wire>>,
    pub(crate) pages: Vec<PageRead>,
    pub(crate) unblocked: Vec<Waiter>,
    /// When it ends, once it was told to.
    pub(crate) end: Option<u64>,
}

/// What a shard wants done, for the world to do.
#[derive(Debug)]
pub(crate) struct Outside {
    hints: Arc<Hints>,
    pub(crate) wanted: Vec<PageWanted>,
    pub(crate) told: Vec<Input>,
    pub(crate) finish: Option<Duration>,
    /// No page can be asked for now, and the hub has no room.
    pub(crate) is_busy: bool,
}

/// The reading half of a connection.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) gate: Arc<Gate>,
    rates: Rates,
    limits: Limits,
    since: u64,
    waits_for_answers: bool,
    pub(crate) paused_until: u64,
    pub(crate) inbox: VecDeque<Up>,
    /// After what is in the inbox nothing comes.
    pub(crate) is_lost: bool,
}

/// What a client sends.
#[derive(Clone, Debug)]
pub(crate) enum Up {
    Text(String),
    Pong,
    Close,
}

impl Host {
    /// A hub that starts from what is kept in the memory of this name.
    pub(crate) fn start(plan: &Plan, store: &str, life: u32, now: u64) -> Self {
        let opened = open_memory(store).unwrap();
        let (writer, mut readers, snapshot) = opened.into_parts();
        Self {
            life,
            start: now,
            hub: HubState::new(snapshot, settings(plan)),
            writer,
            reader: readers.pop().unwrap(),
            shards: (0..plan.shards).map(|_| Shard::new(plan)).collect(),
            readings: BTreeMap::new(),
            inputs: VecDeque::new(),
            proposals: VecDeque::new(),
            notes: Notes::default(),
            committed: VecDeque::new(),
            news: VecDeque::new(),
            wanted: Vec::new(),
            read: Vec::new(),
            pages: VecDeque::new(),
            drain: None,
            is_disk_full: false,
            tick: None,
        }
    }

    /// The shard of a connection.
    pub(crate) fn shard(&mut self, session: SessionId) -> &mut Shard {
        let index = self.shard_index(session);
        &mut self.shards[index]
    }

    pub(crate) fn shard_index(&self, session: SessionId) -> usize {
        session.0 as usize % self.shards.len()
    }

    /// The next thing for the hub, in the order in which its task takes them.
    pub(crate) fn next_input(&mut self) -> Option<Input> {
        if let Some(news) = self.news.pop_front() {
            // One outcome each here, so that anything may come between two.
            return Input::all_of(news).pop();
        }
        if let Some((ticket, result)) = self.pages.pop_front() {
            return Some(Input::PageRead { ticket, result });
        }
        if self.hub.may_take_input() { self.inputs.pop_front() } else { None }
    }

    /// Lets the database take no further page, or as many as it likes.
    pub(crate) fn fill_disk(&mut self, is_full: bool) {
        let connection = self.writer.connection();
        let pages: i64 =
            connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let most = if is_full { pages } else { 1 << 30 };
        connection.pragma_update(None, "max_page_count", most).unwrap();
        self.is_disk_full = is_full;
    }
}

fn settings(plan: &Plan) -> Settings {
    Settings {
        password: None,
        linger: Duration::from_secs(10),
        idle_timeout: plan.idle.map(Duration::from_secs),
        rate: plan.rate,
        burst: plan.rate * 3,
        server: ServerInfo { name: "simulated".to_owned(), version: "0".to_owned() },
    }
}

impl Shard {
    fn new(plan: &Plan) -> Self {
        let hints = Arc::new(Hints::new(Clock::Standing(AtomicU32::new(0))));
        let outside = Outside {
            hints: Arc::clone(&hints),
            wanted: Vec::new(),
            told: Vec::new(),
            finish: None,
            is_busy: false,
        };
        let core = Core::new(plan.sizes, outside);
        let (commands, pages, unblocked) = (VecDeque::new(), Vec::new(), Vec::new());
        Self { core, hints, commands, pages, unblocked, end: None }
    }

    /// Takes what waits, as much of it as `commands` says, then writes.
    pub(crate) fn turn(&mut self, commands: usize) {
        for command in self.commands.drain(..commands) {
            self.core.take(command);
        }
        for page in self.pages.drain(..) {
            self.core.take_page(page);
        }
        for waiter in self.unblocked.drain(..) {
            self.core.unblock(waiter);
        }
        self.core.take_hints(self.hints.take());
        self.core.tend();
        self.core.sweep();
    }

    pub(crate) fn is_over(&self, now: u64) -> bool {
        self.end.is_some_and(|end| self.core.is_empty() || end <= now)
    }
}

impl Around for Outside {
    type Socket = Wire;

    fn seconds(&self) -> u32 {
        self.hints.clock().seconds()
    }

    fn read(&mut self, page: PageWanted) -> Result<(), ReadRefused> {
        if self.is_busy {
            return Err(ReadRefused::Busy);
        }
        self.wanted.push(page);
        Ok(())
    }

    fn await_writable(&mut self, socket: Arc<Wire>, waiter: Waiter) -> AbortHandle {
        socket.wait(waiter);
        AbortHandle::new_pair().0
    }

    fn offer(&mut self, input: Input) -> Result<(), Input> {
        if self.is_busy {
            return Err(input);
        }
        self.told.push(input);
        Ok(())
    }

    fn finish(&mut self, within: Duration) {
        self.finish = Some(within);
    }
}

impl Reading {
    pub(crate) fn new(gate: Arc<Gate>, plan: &Plan, now: u64) -> Self {
        Self {
            gate,
            rates: Rates::new(plan.rate, plan.rate * 3),
            limits: Limits::default(),
            since: now,
            waits_for_answers: false,
            paused_until: 0,
            inbox: VecDeque::new(),
            is_lost: false,
        }
    }

    /// Whether there is something to do for it.
    pub(crate) fn is_ready(&mut self, now: u64) -> bool {
        self.gate.ended().is_some()
            || self.may_read(now) && (!self.inbox.is_empty() || self.is_lost)
    }

    /// Whether the next frame may be read now.
    fn may_read(&mut self, now: u64) -> bool {
        if self.waits_for_answers && self.gate.is_answered() {
            self.waits_for_answers = false;
        }
        self.paused_until <= now && !self.waits_for_answers && self.gate.is_open()
    }

    /// One frame is read: what the hub is told.
    pub(crate) fn take_text(&mut self, now: u64, text: &str) -> Input {
        let session = self.gate.session();
        self.gate.asked();
        match codec::decode_client(text) {
            Ok(frame) => {
                let kind = if frame.is_message() { FrameKind::Message } else { FrameKind::Other };
                self.count(now, kind);
                self.waits_for_answers = must_be_answered(&frame);
                Input::Frame { session, frame }
            }
            Err(error) => {
                self.count(now, FrameKind::Other);
                Input::BadFrame { session, error }
            }
        }
    }

    /// Counts a frame, and pauses if there were too many.
    pub(crate) fn count(&mut self, now: u64, kind: FrameKind) {
        let pause = self.limits.take(&self.rates, Duration::from_millis(now - self.since), kind);
        if pause > Duration::ZERO {
            self.paused_until = now + pause.as_millis() as u64 + 1;
        }
    }
}
