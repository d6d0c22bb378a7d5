//! What the hub's state machine wants done. The shell does it, in this order, and decides
//! nothing.

use std::sync::Arc;

use protocol::{
    Identity, RoomEvent, RoomName, Seq, ServerFrame, SessionId, Timestamp,
    server::{Gap, Joined, Left, Presence, TypingNotice},
};

use super::{
    asking::{Answer, AskId},
    input::Ticket,
};
use crate::ledger::{PageQuery, Proposal, ReadRecord};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write a frame to one connection, between room frames.
    Reply {
        /// To whom.
        session: SessionId,
        /// What.
        frame: Box<ServerFrame>,
        /// Whether it answers a request, so that the connection may have one more open.
        answers: bool,
    },
    /// A request that has no answer has been dealt with.
    Done {
        /// Whose.
        session: SessionId,
    },
    /// Let a connection follow a room: `joined`, then `gap` if any, then events from `after`.
    /// In one step, in the same queue as the room's appends. Moves the cursor if it has one.
    Attach {
        /// Who.
        session: SessionId,
        /// The frame to begin with.
        joined: Box<Joined>,
        /// What will not come.
        gap: Option<Gap>,
        /// The last seq that the connection is taken to have: the next event is after it.
        after: Seq,
        /// Who reads, in a private room.
        reader: Option<Identity>,
        /// Whether it answers a request.
        answers: bool,
    },
    /// Stop a connection from following a room; after `left` nothing of it comes.
    Detach {
        /// Who.
        session: SessionId,
        /// Which room.
        room: RoomName,
        /// The answer, if it asked.
        left: Option<Left>,
    },
    /// Tell a stored event to everyone who follows its room.
    Append(Arc<RoomEvent>),
    /// Let nobody be told what was erased: the texts of these events are gone, and this is what
    /// is left of them. Comes before the deletion is told.
    Erase {
        /// Where.
        room: RoomName,
        /// Those that may be in memory.
        left: Vec<RoomEvent>,
    },
    /// Tell something without a number to everyone who follows a room, best effort.
    Notice(Notice),
    /// Have something decided and made durable. Comes back as `Input::Decided`.
    Propose(Proposal),
    /// Read a page of the log. Comes back as `Input::PageRead`.
    ReadPage {
        /// Which.
        ticket: Ticket,
        /// Of what.
        query: PageQuery,
    },
    /// Keep when these people were last here, best effort.
    Seen(Vec<(Identity, Timestamp)>),
    /// Keep how far these people have read, best effort.
    KeepRead(Vec<ReadRecord>),
    /// Answer who has no connection.
    Answer {
        /// Which question.
        ask: AskId,
        /// What.
        answer: Answer,
    },
    /// Write what is pending, then close.
    Close {
        /// Whom.
        session: SessionId,
        /// The WebSocket close code.
        code: u16,
        /// For the log and the close frame; at most 123 bytes.
        reason: &'static str,
    },
}

/// What everyone in a room is told beside its events. It is not kept: who lags does without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Who came, went or changed.
    Presence(Presence),
    /// Who is writing.
    Typing(TypingNotice),
}

impl Notice {
    /// Where it is told.
    pub fn room(&self) -> &RoomName {
        match self {
            Self::Presence(presence) => &presence.room,
            Self::Typing(typing) => &typing.room,
        }
    }
}

impl From<Notice> for ServerFrame {
    fn from(notice: Notice) -> Self {
        match notice {
            Notice::Presence(presence) => Self::Presence(presence),
            Notice::Typing(typing) => Self::Typing(typing),
        }
    }
}
