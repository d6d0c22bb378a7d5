//! What the hub's state machine is told.

use std::time::Duration;

use protocol::{
    ClientFrame, DecodeError, Identity, RoomName, SessionId, Timestamp, server::ByeReason,
};

use super::asking::{AskId, Question};
use crate::ledger::{News, Outcome, PageResult, Trimmed};

/// The time, handed in: only the shell reads clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the hub started; never goes back. All waiting is measured by this.
    pub mono: Duration,
    /// What the wall clock says; only for labels.
    pub wall: Timestamp,
}

/// The hub's own name of a thing that it asked for and that comes back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// A socket has become a WebSocket. `guest` is random, in case it turns out to be one.
    Connected {
        /// Its number.
        session: SessionId,
        /// The identity it gets if it says hello without a secret.
        guest: Identity,
    },
    /// It sent a frame.
    Frame {
        /// Which connection.
        session: SessionId,
        /// What it sent.
        frame: ClientFrame,
    },
    /// It sent something that is no frame. Answered here, so that answers stay in order.
    BadFrame {
        /// Which connection.
        session: SessionId,
        /// What was wrong.
        error: DecodeError,
    },
    /// No `hello` came within the time for it.
    HelloOverdue {
        /// Which connection.
        session: SessionId,
    },
    /// The socket is gone. After a clean close `left` is told at once.
    Closed {
        /// Which connection.
        session: SessionId,
        /// Whether a close frame came first.
        clean: bool,
    },
    /// The ledger has decided about a proposal, and what it stored is durable.
    Decided(Outcome),
    /// The ledger no longer keeps the beginning of a room.
    Trimmed(Trimmed),
    /// The ledger has read a page.
    PageRead {
        /// Which one.
        ticket: Ticket,
        /// The page.
        result: PageResult,
    },
    /// A lagging cursor is back in the ring: it needs the members that it missed.
    CaughtUp {
        /// Which connection.
        session: SessionId,
        /// In which room.
        room: RoomName,
    },
    /// Somebody asks something who has no connection. Answered by `Effect::Answer`.
    Asked {
        /// What the answer is called.
        ask: AskId,
        /// What.
        question: Question,
    },
    /// Stop: say `bye` to everyone.
    Drain {
        /// Why.
        reason: ByeReason,
    },
    /// The time that the state machine asked to be woken at has come.
    Tick,
}

impl Input {
    /// What news of the ledger is to the hub.
    pub fn all_of(news: News) -> Vec<Self> {
        match news {
            News::Decided(outcomes) => outcomes.into_iter().map(Self::Decided).collect(),
            News::Trimmed(trimmed) => vec![Self::Trimmed(trimmed)],
        }
    }
}
