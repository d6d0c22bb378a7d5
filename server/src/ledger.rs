//! The ledger: one thread that owns the SQLite writer, gives every event its seq, makes it
//! durable, and only then says so.
//!
//! This file has the words that the hub and the ledger share. [`open`] begins:
//!
//! ```text
//! let opened = ledger::open(&storage)?;          // nothing has been told yet
//! let snapshot = opened.snapshot();
//! let (news, from_ledger) = mpsc::channel(ledger::NEWS_MAX);
//! let Started { ledger, reader, mut end } = opened.keeping(retention).start(news)?;
//! ledger.propose(proposals)?;                    // their outcomes come in `from_ledger`
//! reader.read(query, |result| …)?;
//! drop(ledger);                                  // stop: what was proposed is still committed
//! end.wait().await?;                             // an error at any other time: end the process
//! ```

mod act;
pub(crate) mod apply;
mod authority;
mod batch;
pub(crate) mod certain;
pub(crate) mod changes;
mod checkpoint;
mod copy;
pub(crate) mod directory;
mod format;
mod inspect;
mod markers;
mod notes;
mod open_error;
pub(crate) mod powers;
mod read;
mod retention;
pub(crate) mod retry;
mod rows;
mod schema;
mod start;
mod tables;
mod token_table;
pub(crate) mod tokens;
mod trim;
mod verify;
mod write;

use std::sync::Arc;

use protocol::{
    Epoch, HubId, Identity, Refusal, RoomEvent, RoomName, Seq, Timestamp, Topic, UserName,
    server::{Durability, Role},
};

pub(crate) use self::powers::no_such_token;
pub use self::{
    act::Act,
    copy::{CopyError, Counts, backup},
    notes::Notes,
    open_error::OpenError,
    read::{ReadRefused, Reader, page},
    retention::{BadRetention, Retention},
    start::{
        LedgerEnd, LedgerFailed, LedgerGone, LedgerHandle, Opened, Started, open, open_memory,
    },
    tokens::{Token, TokenHash},
    trim::Trimmed,
    verify::{Verified, verify},
    write::Writer,
};
use crate::hub::input::Ticket;

/// Most proposals in flight between hub and ledger.
pub const PROPOSALS_MAX: usize = 4096;
/// Most [`News`] that wait for the hub: an outcome for every proposal, so that the ledger never
/// waits for the hub, and some room for what was trimmed.
pub const NEWS_MAX: usize = PROPOSALS_MAX + 64;
/// Most page reads in flight.
pub const READS_MAX: usize = 1024;
/// Events of a room, from its head down, that anybody keeps in memory at most: of what a deletion
/// has erased, only these are told.
pub(crate) const REMEMBERED_MAX: u64 = 4096;
/// How long a name stays its owner's after they were last seen, in milliseconds: 30 days.
pub const NAME_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How many former names stay an identity's own, beside the current one.
pub const FORMER_NAMES_MAX: usize = 3;

/// Something to be decided in log order and made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Comes back with the outcome.
    pub ticket: Ticket,
    /// Who proposes.
    pub by: Identity,
    /// Under which name.
    pub from: UserName,
    /// The wall clock when the hub took it, for labels.
    pub at: Timestamp,
    /// How late it was then for certain: by this, names of others have lapsed.
    pub certain: Timestamp,
    /// What.
    pub act: Act,
}

/// What the ledger tells the hub, in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// These proposals were decided in one transaction, and what came of them is durable: told
    /// at once, so that it is written to everyone at once, too.
    Decided(Vec<Outcome>),
    /// The beginning of a room is gone.
    Trimmed(Trimmed),
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Of the proposal.
    pub ticket: Ticket,
    /// What.
    pub decision: Decision,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It has a place and is durable.
    Stored {
        /// As it is told.
        event: Arc<RoomEvent>,
        /// The two people of a private room, the first time this process sees the room stored
        /// to, and at every direct.
        private: Option<Private>,
        /// What a deletion has left of the message and its edits, in any order: only of
        /// those that may be in somebody's memory.
        erased: Vec<RoomEvent>,
    },
    /// A retry: it was stored before, at this place. Nothing was added.
    Known {
        /// Where.
        room: RoomName,
        /// At which place.
        seq: Seq,
        /// When.
        at: Timestamp,
    },
    /// The identity has this name now.
    Claimed {
        /// The name it has; with `only_first` maybe not the one proposed.
        name: UserName,
        /// The name it had before, if any.
        before: Option<UserName>,
        /// What it may do.
        role: Role,
    },
    /// This person may do this from here on.
    Appointed {
        /// Who.
        who: Identity,
        /// What.
        role: Role,
    },
    /// The token counts from here on.
    Issued(Token),
    /// The token does not count any more.
    Revoked(Token),
    /// Not done. With `retry_after_ms` it is temporary.
    Refused {
        /// Why.
        refusal: Refusal,
        /// When to try again.
        retry_after_ms: Option<u64>,
    },
}

impl Decision {
    fn refused(refusal: Refusal) -> Self {
        Self::Refused { refusal, retry_after_ms: None }
    }
}

/// The two people of a private room, with the names they have (or had last).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Private {
    /// In the order of their identities.
    pub people: [(Identity, UserName); 2],
}

/// What is known when a hub starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Which hub this is.
    pub hub: HubId,
    /// Which life of its history.
    pub epoch: Epoch,
    /// What an ack survives.
    pub durability: Durability,
    /// When the newest event was said. Where none is kept: when somebody was here last, or else
    /// what the wall clock says.
    pub newest: Timestamp,
    /// Every room that has or had events, the one with the newest last.
    pub rooms: Vec<RoomRecord>,
    /// Everyone who owns a name.
    pub people: Vec<PersonRecord>,
    /// How far everyone has read.
    pub read: Vec<ReadRecord>,
    /// Every token that counts, by name.
    pub tokens: Vec<Token>,
}

/// A room as kept. `head` and `oldest` are kept, never computed from rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRecord {
    /// Which.
    pub room: RoomName,
    /// Its last seq.
    pub head: Seq,
    /// Its first kept seq; head + 1 when emptied.
    pub oldest: Seq,
    /// What it is about.
    pub topic: Topic,
    /// Whose, if it is private.
    pub private: Option<Private>,
}

/// A person as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRecord {
    /// Who.
    pub identity: Identity,
    /// The current name.
    pub name: UserName,
    /// Names before, newest first, at most three, still their own.
    pub former: Vec<UserName>,
    /// What they may do.
    pub role: Role,
    /// When they were last here.
    pub last_seen: Timestamp,
}

/// How far somebody has read a room, as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRecord {
    /// Who.
    pub identity: Identity,
    /// Which room.
    pub room: RoomName,
    /// Up to which event.
    pub seq: Seq,
}

/// A page to read. Only events up to `head` are returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// Of which room.
    pub room: RoomName,
    /// Which part.
    pub range: PageRange,
    /// How many events at most.
    pub limit: usize,
    /// How many bytes of texts at most (one event always fits).
    pub bytes_max: usize,
    /// The last seq that the asker may see.
    pub head: Seq,
}

/// Which part of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageRange {
    /// The newest events below this seq.
    Before(Seq),
    /// The oldest events above this seq.
    After(Seq),
}

/// A page as read: ascending, and whether there is more in the direction asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRows {
    /// The events.
    pub events: Vec<RoomEvent>,
    /// Whether there are more.
    pub more: bool,
}

/// A page, or why it could not be read.
pub type PageResult = Result<PageRows, ReadError>;

/// Reading the log failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reading the log failed: {0}")]
pub struct ReadError(pub String);

#[cfg(test)]
mod tests;
