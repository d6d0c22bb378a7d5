//! The world: one clock, one queue of what is to happen, one source of chance.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

use fastrand::Rng;
use protocol::{RoomName, SessionId};
use rusqlite::Connection;
use server::parts::open_memory;

use super::{
    client::Client,
    host::{Host, Up},
    plan::{Checked, Counts, Plan, Sabotage},
    storage::MARK,
    truth::Truth,
    view::View,
    wire::Wire,
};

/// What the label clock says at the beginning.
pub(crate) const BEGIN: i64 = 1_700_000_000_000;
/// The epoch and the hub's id: the real ones are random.
const EPOCH: &str = "00000000000000ee";
const HUB: &str = "000000000000000000000000000000bb";

/// Something that is to happen. What belongs to one life of the hub does not happen after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// The next thing that somebody does or suffers.
    Act,
    /// A hub starts.
    Start,
    /// The clock of the shards goes on.
    Second(u32),
    /// The hub takes what waits for it.
    Hub(u32),
    /// The hub has wanted to be woken at this time.
    Tick(u32, u64),
    /// The ledger commits a batch.
    Ledger(u32),
    /// The ledger looks whether a room has too much.
    Trim(u32),
    /// What was committed is told to the hub.
    Told(u32),
    /// A page is read.
    Page(u32),
    /// A page that was read arrives.
    PageRead(u32),
    /// A shard does its round.
    Shard(u32, usize),
    /// The reader of a connection reads.
    Read(u32, SessionId),
    /// No hello came in time.
    Overdue(u32, SessionId),
    /// Something reaches the hub's end of a connection.
    Up(SessionId),
    /// Something reaches the client's end of a connection.
    Down(SessionId),
    /// The hub's end learns that the other is gone.
    HubSees(SessionId),
    /// The client's end learns that the other is gone.
    ClientSees(SessionId),
    /// A client connects.
    Connect(usize),
    /// A client looks after what it waits for.
    Wake(usize),
    /// The commit that was told too early is made.
    Committed(u32),
}

/// A connection.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "its two ends know different things")]
pub(crate) struct Link {
    pub(crate) client: usize,
    pub(crate) wire: std::sync::Arc<Wire>,
    /// What is on its way to the hub.
    pub(crate) up: std::collections::VecDeque<Up>,
    /// What has come of frames that are not whole yet.
    pub(crate) bytes: Vec<u8>,
    pub(crate) view: View,
    /// Whether the hub holds its end.
    pub(crate) is_served: bool,
    /// Whether the client holds its end.
    pub(crate) is_held: bool,
    /// Whether nothing comes through any more, and nobody is told.
    pub(crate) is_dark: bool,
    /// What the hub kept for it, beside what it was told unasked since: measured when its client
    /// was stopped and had all its answers.
    pub(crate) base: Option<usize>,
    /// Whether the hub has told it to go.
    pub(crate) is_closing: bool,
    /// Bytes that it was told unasked, beside room frames.
    pub(crate) unasked: usize,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) rng: Rng,
    pub(crate) now: u64,
    queue: BTreeMap<(u64, u64), Event>,
    queued: BTreeSet<Event>,
    next: u64,
    pub(crate) host: Option<Host>,
    pub(crate) life: u32,
    pub(crate) store: String,
    /// Keeps what is committed, whatever becomes of the hub; and reads it.
    pub(crate) kept: Connection,
    pub(crate) truth: Truth,
    pub(crate) links: BTreeMap<SessionId, Link>,
    pub(crate) clients: Vec<Client>,
    pub(crate) rooms: Vec<RoomName>,
    pub(crate) sessions: u64,
    /// Faults are over.
    pub(crate) is_calm: bool,
    pub(crate) acts_left: usize,
    pub(crate) counts: Counts,
    trace: Option<Vec<String>>,
}

/// Adds a line to the trace, if there is one.
macro_rules! note {
    ($world:expr, $($what:tt)*) => {
        if $world.is_traced() {
            let line = format!($($what)*);
            $world.note(&line);
        }
    };
}
pub(crate) use note;

impl World {
    /// The world of a seed.
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>, is_traced: bool) -> Self {
        static STORES: AtomicU64 = AtomicU64::new(0);
        let mut rng = Rng::with_seed(seed);
        let plan = Plan::of(&mut rng, sabotage);
        let store = format!("simulated-{seed}-{}", STORES.fetch_add(1, Ordering::Relaxed));
        let kept = make_store(&store);
        let rooms = ["lobby", "games", "zoo"][..plan.rooms].iter();
        let rooms = rooms.map(|room| RoomName::parse(room).unwrap()).collect();
        let mut world = Self {
            rng,
            now: 0,
            queue: BTreeMap::new(),
            queued: BTreeSet::new(),
            next: 0,
            host: None,
            life: 0,
            store,
            kept,
            truth: Truth::default(),
            links: BTreeMap::new(),
            clients: Vec::new(),
            rooms,
            sessions: 0,
            is_calm: false,
            acts_left: plan.steps,
            counts: Counts::default(),
            trace: is_traced.then(Vec::new),
            plan,
        };
        world.truth.mark = (sabotage == Some(Sabotage::NotStoredOnce)).then_some(MARK);
        world.people();
        world.at(0, Event::Start);
        world.at(0, Event::Act);
        world
    }

    /// Lives through everything: chaos, then calm.
    pub(crate) fn run(&mut self) -> Checked {
        while self.acts_left > 0 {
            self.step()?;
        }
        self.calm_down()
    }

    /// Lives on for so many milliseconds.
    pub(crate) fn live(&mut self, ms: u64) -> Checked {
        let end = self.now + ms;
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= end) {
            self.step()?;
        }
        self.now = end;
        Ok(())
    }

    /// The next thing happens.
    fn step(&mut self) -> Checked {
        let Some(((at, _), event)) = self.queue.pop_first() else { return Ok(()) };
        self.queued.remove(&event);
        self.now = at;
        note!(self, "{event:?}");
        self.happen(event)?;
        self.check_bounds()
    }

    fn happen(&mut self, event: Event) -> Checked {
        match event {
            Event::Act => self.act(),
            Event::Start => self.start(),
            Event::Connect(client) => self.connect(client),
            Event::Wake(client) => self.wake(client),
            Event::Up(link) => self.up(link),
            Event::Down(link) => self.down(link),
            Event::HubSees(link) => self.hub_sees(link),
            Event::ClientSees(link) => self.client_sees(link),
            Event::Second(life) => self.if_alive(life, Self::second),
            Event::Hub(life) => self.if_alive(life, Self::hub_turn),
            Event::Tick(life, _) => self.if_alive(life, Self::tick),
            Event::Ledger(life) => self.if_alive(life, Self::ledger_turn),
            Event::Trim(life) => self.if_alive(life, Self::trim),
            Event::Told(life) => self.if_alive(life, Self::tell_outcomes),
            Event::Page(life) => self.if_alive(life, Self::read_page),
            Event::PageRead(life) => self.if_alive(life, Self::tell_page),
            Event::Shard(life, shard) => self.if_alive(life, |world| world.shard_turn(shard)),
            Event::Read(life, session) => self.if_alive(life, |world| world.read(session)),
            Event::Overdue(life, session) => self.if_alive(life, |world| world.overdue(session)),
            Event::Committed(life) => self.if_alive(life, |world| world.truth.learn(&world.kept)),
        }
    }

    fn if_alive(&mut self, life: u32, act: impl FnOnce(&mut Self) -> Checked) -> Checked {
        if self.host.as_ref().is_some_and(|host| host.life == life) { act(self) } else { Ok(()) }
    }

    /// Has something happen at this time, unless it is to happen already.
    pub(crate) fn at(&mut self, at: u64, event: Event) {
        if self.queued.insert(event) {
            self.queue.insert((at.max(self.now), self.next), event);
            self.next += 1;
        }
    }

    /// Has something happen within so many milliseconds.
    pub(crate) fn within(&mut self, ms: u64, event: Event) {
        let at = self.now + self.rng.u64(0..=ms);
        self.at(at, event);
    }

    /// Has something happen in the hub, as soon as it likes.
    pub(crate) fn soon(&mut self, event: Event) {
        self.within(self.plan.haste, event);
    }

    /// Whether a fault of this kind happens now: `often` times as often as others.
    pub(crate) fn fails(&mut self, often: u32, kind: &'static str) -> bool {
        let is_failing = !self.is_calm && self.rng.u32(0..1000) < self.plan.faults * often;
        if is_failing {
            self.counts.add(kind);
            note!(self, "  {kind}");
        }
        is_failing
    }

    pub(crate) fn is_traced(&self) -> bool {
        self.trace.is_some()
    }

    pub(crate) fn note(&mut self, line: &str) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{} {line}", self.now));
        }
    }

    /// What has happened.
    pub(crate) fn trace(&self) -> &[String] {
        self.trace.as_deref().unwrap_or_default()
    }

    fn people(&mut self) {
        for number in 0..self.plan.clients {
            // The second device of the one before; a guest; or somebody of their own.
            let before = self.clients.last().and_then(|client| client.secret.as_ref());
            let is_device = before.is_some() && self.rng.u32(0..4) == 0;
            let mut client = Client::new(number, &format!("p{number}"), Some([number as u8; 32]));
            if is_device {
                client.secret = before.cloned();
            } else if self.rng.u32(0..5) == 0 {
                client.secret = None;
            }
            for room in &self.rooms {
                if self.rng.u32(0..3) > 0 {
                    client.want(room, None);
                }
            }
            self.clients.push(client);
            self.within(500, Event::Connect(number));
            self.within(2000, Event::Wake(number));
        }
    }
}

/// An empty database with a known epoch, and a connection that keeps it.
fn make_store(name: &str) -> Connection {
    let (writer, mut readers, _) = open_memory(name).unwrap().into_parts();
    let update = "UPDATE meta SET hub = ?1, epoch = ?2";
    writer.connection().execute(update, [HUB, EPOCH]).unwrap();
    readers.pop().unwrap()
}
