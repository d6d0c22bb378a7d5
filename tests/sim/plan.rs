//! What a seed makes of a world: its size, its faults, and what may be broken on purpose.

use std::{collections::BTreeMap, fmt};

use fastrand::Rng;
use server::parts::{RingSizes, Sizes};

/// What is checked; the numbers are those of DESIGN.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// P1: what was acked or seen is committed.
    Durable,
    /// P2: one gapless sequence, the same for everyone.
    OneOrder,
    /// P3: n, n+1, … or an explicit gap.
    Told,
    /// P4: stored once, and a retry gets the first ack.
    Once,
    /// P5: no overlap and no hole where a connection resumes.
    Resumed,
    /// P6: a reader that takes nothing costs a fixed number of bytes, and nobody else anything.
    Bounded,
    /// What was deleted is told to nobody who is told that it is, and a message reads as its
    /// author had it read.
    Changed,
    /// Only operators do what is theirs, by what they are at that place of the log.
    Powers,
    /// The hub does not panic.
    Alive,
    /// When all is calm, everyone has everything, every message is acked, and everyone sees who
    /// is there.
    AtRest,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    /// Which.
    pub(crate) promise: Promise,
    /// How.
    pub(crate) what: String,
}

/// Whether all is well.
pub(crate) type Checked<T = ()> = Result<T, Violation>;

/// A broken promise, unless `holds`.
pub(crate) fn check(holds: bool, promise: Promise, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Violation { promise, what: what() }) }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.promise, self.what)
    }
}

/// A fault that is no fault of the world but of the hub: the simulator must notice it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Outcomes are told before their commit.
    AckBeforeCommit,
    /// A retry is stored as something new.
    NotStoredOnce,
    /// A resumed cursor begins one event too early.
    OverlappingReplay,
    /// Nobody is pinged, and silence is no reason to reset.
    NoHeartbeat,
    /// A retry is answered with another seq than the first time.
    OtherAck,
    /// What was deleted stays in memory.
    NothingErased,
    /// Some pages of the ledger never arrive.
    LostPage,
}

/// What a world is like.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) clients: usize,
    pub(crate) rooms: usize,
    pub(crate) shards: usize,
    pub(crate) steps: usize,
    pub(crate) sizes: Sizes,
    /// What a socket takes before it is full.
    pub(crate) capacity: usize,
    /// Most milliseconds that something takes inside the hub.
    pub(crate) haste: u64,
    /// Most milliseconds on the network.
    pub(crate) latency: u64,
    /// Messages a second; 0 is no limit.
    pub(crate) rate: u32,
    /// How many events of a room are kept, if not all.
    pub(crate) kept: Option<u64>,
    /// After how many seconds without a request a connection is closed.
    pub(crate) idle: Option<u64>,
    /// How often the network or a client misbehaves, in a thousand.
    pub(crate) faults: u32,
    pub(crate) sabotage: Option<Sabotage>,
}

impl Plan {
    /// The world of this seed.
    pub(crate) fn of(rng: &mut Rng, sabotage: Option<Sabotage>) -> Self {
        let of_a_ring = RingSizes { slots: rng.usize(2..=24), bytes: rng.usize(1_000..=16_000) };
        Self {
            clients: rng.usize(3..=8),
            rooms: rng.usize(2..=3),
            shards: rng.usize(1..=2),
            steps: rng.usize(150..=300),
            sizes: Sizes {
                rings_bytes: rng.usize(1_500..=24_000),
                ring: of_a_ring,
                page_events: rng.usize(1..=16),
                followers: rng.usize(1..=3),
            },
            capacity: *pick(rng, &[48, 300, 2_000, 20_000]),
            haste: *pick(rng, &[0, 2, 10, 40]),
            latency: *pick(rng, &[1, 20, 120]),
            rate: *pick(rng, &[0, 0, 10]),
            faults: *pick(rng, &[0, 5, 15, 40]),
            kept: *pick(rng, &[None, None, Some(5), Some(30)]),
            idle: *pick(rng, &[None, None, None, Some(45)]),
            sabotage,
        }
    }
}

/// One of several.
pub(crate) fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(..from.len())]
}

/// How often each kind of thing happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(pub(crate) BTreeMap<&'static str, u64>);

impl Counts {
    /// One more.
    pub(crate) fn add(&mut self, kind: &'static str) {
        *self.0.entry(kind).or_default() += 1;
    }

    /// Adds those of another world.
    pub(crate) fn absorb(&mut self, other: &Self) {
        for (kind, count) in &other.0 {
            *self.0.entry(kind).or_default() += count;
        }
    }
}
