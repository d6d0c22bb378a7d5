//! A shard: a frame goes into a ring, and from there to everyone in the room.

use std::{
    io::{self, IoSlice},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::ensure;
use futures::future::AbortHandle;
use protocol::{Epoch, SessionId, Topic, server::Joined};
use server::{
    hub::input::Input,
    ledger::ReadRefused,
    parts::{
        Around, Attach, Clock, Command, Core, Dialect, Encoded, Gate, Hints, Open, PageWanted,
        RingSizes, Sizes, Socket, Waiter,
    },
};

use crate::{
    made,
    subject::{Once, Size},
};

/// As large as the one shard of a hub on one core.
const RINGS_BYTES: usize = 64 * 1024 * 1024;
const PAGE_EVENTS: usize = 200;
const FOLLOWERS: usize = 256;

/// A frame goes into the ring of the next room.
pub(crate) fn append(size: Size, most: usize) -> anyhow::Result<Once> {
    let mut shard = Filled::new(size)?;
    let mut commands = shard.commands(size.of_each_room() * size.rooms, most)?.into_iter();
    Ok(Box::new(move || {
        if let Some(command) = commands.next() {
            shard.core.take(command);
        }
    }))
}

/// A frame goes into the ring of the next room, and to all of its members.
pub(crate) fn sweep(size: Size, most: usize) -> anyhow::Result<Once> {
    let mut shard = Filled::new(size)?;
    let appended = size.of_each_room() * size.rooms;
    let probe = shard.commands(appended, size.rooms)?;
    let before = shard.written.load(Relaxed);
    for command in probe {
        shard.tell(command);
    }
    let frames = shard.written.load(Relaxed) - before;
    ensure!(frames == (size.rooms * size.members) as u64, "{frames} writes");
    let mut commands = shard.commands(appended + size.rooms, most)?.into_iter();
    Ok(Box::new(move || {
        if let Some(command) = commands.next() {
            shard.tell(command);
        }
    }))
}

/// A shard with everyone in their room.
struct Filled {
    core: Core<Nothing>,
    size: Size,
    written: Arc<AtomicU64>,
}

impl Filled {
    fn new(size: Size) -> anyhow::Result<Self> {
        let hints = Arc::new(Hints::new(Clock::Standing(AtomicU32::new(0))));
        let sizes = Sizes {
            rings_bytes: RINGS_BYTES,
            ring: RingSizes::default(),
            page_events: PAGE_EVENTS,
            followers: FOLLOWERS,
        };
        let core = Core::new(sizes, Nothing(Arc::clone(&hints)));
        let mut shard = Self { core, size, written: Arc::default() };
        for person in 0..size.rooms * size.members {
            shard.enter(person, &hints)?;
        }
        shard.keep_history()?;
        Ok(shard)
    }

    fn enter(&mut self, person: usize, hints: &Arc<Hints>) -> anyhow::Result<()> {
        let session = SessionId(person as u64);
        let gate = Arc::new(Gate::new(session, Arc::clone(hints)));
        let socket = Arc::new(Sink(Arc::clone(&self.written)));
        self.tell(Command::Open(Box::new(Open { socket, gate, dialect: Dialect::Typed })));
        let joined = Joined {
            id: None,
            room: made::room(person % self.size.rooms)?,
            peer: None,
            topic: Topic::default(),
            head: made::seq(0)?,
            oldest: made::seq(1)?,
            read: None,
            epoch: Epoch::from_bytes([1; 8]),
            count: 0,
            members: Vec::new(),
            more: false,
        };
        let (after, joined) = (joined.head, Box::new(joined));
        let attach = Attach { session, joined, gap: None, after, reader: None, answers: true };
        self.tell(Command::Attach(Box::new(attach)));
        Ok(())
    }

    /// One frame for all of it: it is only there to be in the way.
    fn keep_history(&mut self) -> anyhow::Result<()> {
        let frame = Encoded::event(&Arc::new(made::event(&made::room(0)?, 1, 0)?));
        for room in 0..self.size.rooms {
            let room = made::room(room)?;
            for seq in 1..=self.size.of_each_room() {
                let (room, seq, frame) = (room.clone(), made::seq(seq)?, frame.clone());
                self.tell(Command::Append { room, seq, frame });
            }
        }
        Ok(())
    }

    /// The appends of so many events, to one room after another, after so many before.
    fn commands(&self, before: usize, count: usize) -> anyhow::Result<Vec<Command<Sink>>> {
        let rooms = self.size.rooms;
        let append = |number: usize| {
            let room = made::room(number % rooms)?;
            let event = Arc::new(made::event(&room, number / rooms + 1, 0)?);
            Ok(Command::Append { room, seq: event.seq, frame: Encoded::event(&event) })
        };
        (before..before + count).map(append).collect()
    }

    /// Does it, and writes all that comes of it.
    fn tell(&mut self, command: Command<Sink>) {
        self.core.take(command);
        while self.core.is_dirty() {
            self.core.sweep();
        }
    }
}

/// A socket that takes everything; it counts how often.
#[derive(Debug)]
struct Sink(Arc<AtomicU64>);

impl Socket for Sink {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.fetch_add(1, Relaxed);
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    fn reset(&self) {}

    fn finish(&self) {}
}

/// Nothing is around the shard: no cursor lags, no socket is full.
#[derive(Debug)]
struct Nothing(Arc<Hints>);

impl Around for Nothing {
    type Socket = Sink;

    fn seconds(&self) -> u32 {
        self.0.clock().seconds()
    }

    fn read(&mut self, _: PageWanted) -> Result<(), ReadRefused> {
        Err(ReadRefused::Busy)
    }

    fn await_writable(&mut self, _: Arc<Sink>, _: Waiter) -> AbortHandle {
        AbortHandle::new_pair().0
    }

    fn offer(&mut self, _: Input) -> Result<(), Input> {
        Ok(())
    }

    fn finish(&mut self, _: Duration) {}
}
