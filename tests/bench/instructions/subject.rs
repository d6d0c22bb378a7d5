//! What is counted, and at which sizes.

use std::{fmt, str::FromStr};

use anyhow::{Context as _, bail};

use crate::{hub, ledger, made, shard};

/// What does one of the operations that are counted.
pub(crate) type Once = Box<dyn FnMut()>;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// An event becomes a frame.
    Encode,
    /// The hub takes a `say`, and what the ledger has decided about it.
    HubSay,
    /// A shard puts a frame into a room's ring.
    RingAppend,
    /// A frame goes into a ring and from there to everyone in the room.
    CursorSweep,
    /// The ledger decides and stores, in memory.
    LedgerApply,
}

/// How large the hub is: each room has that many members; the events are those of all rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size {
    pub(crate) rooms: usize,
    pub(crate) members: usize,
    pub(crate) history: usize,
}

impl Size {
    /// How many events each room has: one at least.
    pub(crate) fn of_each_room(self) -> usize {
        (self.history / self.rooms).max(1)
    }
}

/// One thing is more than in the first of them.
const SIZES: [Size; 5] = [
    Size { rooms: 1, members: 1, history: 100 },
    Size { rooms: 1_000, members: 1, history: 100 },
    Size { rooms: 1, members: 1_000, history: 100 },
    Size { rooms: 1, members: 10_000, history: 100 },
    Size { rooms: 1, members: 1, history: 100_000 },
];

/// How often something is done, in the two runs that are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) few: usize,
    pub(crate) many: usize,
    /// How many operations one time is.
    pub(crate) each: usize,
}

impl Subject {
    pub(crate) const ALL: [Self; 5] =
        [Self::Encode, Self::HubSay, Self::RingAppend, Self::CursorSweep, Self::LedgerApply];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Encode => "encode",
            Self::HubSay => "hub-say",
            Self::RingAppend => "ring-append",
            Self::CursorSweep => "cursor-sweep",
            Self::LedgerApply => "ledger-apply",
        }
    }

    /// The sizes that could make a difference.
    pub(crate) fn sizes(self) -> &'static [Size] {
        match self {
            Self::Encode => &SIZES[..1],
            Self::HubSay | Self::RingAppend | Self::CursorSweep | Self::LedgerApply => &SIZES,
        }
    }

    /// Enough that what happens only now and then is in both, or in neither.
    pub(crate) fn counts(self, size: Size) -> Counts {
        match self {
            Self::Encode | Self::HubSay => Counts { few: 100, many: 1_100, each: 1 },
            Self::RingAppend => Counts { few: 1_000, many: 3_000, each: 1 },
            Self::CursorSweep => {
                let more = (20_000 / size.members).clamp(10, 2_000);
                Counts { few: 10, many: 10 + more, each: size.members }
            }
            Self::LedgerApply => Counts { few: 4, many: 36, each: ledger::BATCH },
        }
    }

    /// Everything up to the operation; the same, however often that is done.
    pub(crate) fn prepare(self, size: Size) -> anyhow::Result<Once> {
        let most = self.counts(size).many;
        match self {
            Self::Encode => made::encode(),
            Self::HubSay => hub::say(size, most),
            Self::RingAppend => shard::append(size, most),
            Self::CursorSweep => shard::sweep(size, most),
            Self::LedgerApply => ledger::apply(size, most),
        }
    }
}

/// The names of all subjects, for who has to choose one.
pub(crate) fn names() -> String {
    format!("choose one of {}", Subject::ALL.map(Subject::name).join(", "))
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Subject {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let found = Self::ALL.into_iter().find(|subject| subject.name() == text);
        found.with_context(|| format!("there is no subject {text}; {}", names()))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}x{}x{}", self.rooms, self.members, self.history))
    }
}

impl FromStr for Size {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let numbers: Result<Vec<usize>, _> = text.split('x').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[rooms, members, history]) if rooms.min(members) > 0 => {
                Ok(Self { rooms, members, history })
            }
            _ => bail!("{text} is no size; write ROOMSxMEMBERSxHISTORY, 1x1000x100 say"),
        }
    }
}
