//! What shards are told.

use std::{sync::Arc, time::Duration};

use protocol::{
    Identity, RoomName, Seq, ServerFrame, SessionId,
    server::{Gap, Joined, Left},
};
use tokio::net::TcpStream;

use super::gate::Gate;
use crate::dialect::{Dialect, Encoded};

/// One thing for a shard to do.
#[derive(Debug)]
pub enum Command<S = TcpStream> {
    /// A connection begins.
    Open(Box<Open<S>>),
    /// Write a frame to a connection, between room frames.
    Reply {
        /// To whom.
        session: SessionId,
        /// What.
        frame: Box<ServerFrame>,
        /// Whether it answers a request.
        answers: bool,
    },
    /// A request that has no answer has been dealt with.
    Done(SessionId),
    /// Let a connection follow a room.
    Attach(Box<Attach>),
    /// Stop a connection from following a room.
    Detach {
        /// Who.
        session: SessionId,
        /// Which room.
        room: RoomName,
        /// The answer, if it asked.
        left: Option<Left>,
    },
    /// Tell an event to everyone who follows its room.
    Append {
        /// Where.
        room: RoomName,
        /// At which place.
        seq: Seq,
        /// What.
        frame: Encoded,
    },
    /// Tell nobody any more what was erased in a room.
    Erase {
        /// Where.
        room: RoomName,
        /// What is left of it, by its places.
        left: Vec<(Seq, Encoded)>,
    },
    /// Tell everyone who follows a room something that has no number.
    Notice {
        /// Where.
        room: RoomName,
        /// What.
        frame: Encoded,
    },
    /// Write what is pending, then a close frame, then no more.
    Close {
        /// Whom.
        session: SessionId,
        /// The WebSocket close code.
        code: u16,
        /// Why.
        reason: &'static str,
    },
    /// The reader is gone, and so is the connection; control frames are still written.
    Gone(SessionId),
    /// No connection is to be read any more.
    Pause,
    /// Write what is pending, for so long at most, then end.
    Finish(Duration),
}

/// A connection begins.
#[derive(Debug)]
pub struct Open<S = TcpStream> {
    /// What is written.
    pub socket: Arc<S>,
    /// What is shared with the reader.
    pub gate: Arc<Gate>,
    /// How frames look there.
    pub dialect: Dialect,
}

/// A connection follows a room from here on.
#[derive(Debug)]
pub struct Attach {
    /// Who.
    pub session: SessionId,
    /// The frame to begin with.
    pub joined: Box<Joined>,
    /// What will not come.
    pub gap: Option<Gap>,
    /// The last seq that the connection has.
    pub after: Seq,
    /// Who reads, in a private room.
    pub reader: Option<Identity>,
    /// Whether it answers a request.
    pub answers: bool,
}
