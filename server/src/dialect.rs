//! How the hub's frames look on a connection. All dialects share rooms, history and limits; they
//! differ only here.

mod encoded;
mod events;
pub(crate) mod frame;
mod lens;
mod lines;
mod typed;

use bytes::Bytes;
use protocol::ServerFrame;

pub use self::encoded::Encoded;
pub(crate) use self::{lens::Lens, typed::decode};

/// What a connection speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The frames of the crate `protocol`.
    #[default]
    Typed,
    /// Lines of text, as `NAME: TEXT`.
    Text,
    /// Objects of a user and a message.
    UserMessage,
    /// Server-Sent Events: only outwards, and no WebSocket.
    Events,
}

impl Dialect {
    /// A frame for one connection, as it goes out; empty if it says nothing in this dialect.
    pub(crate) fn encode(self, frame: &ServerFrame) -> Bytes {
        match self {
            Self::Typed => typed::encode(frame),
            Self::Text => lines::encode(frame, lines::Form::Text),
            Self::UserMessage => lines::encode(frame, lines::Form::UserMessage),
            Self::Events => events::encode(frame),
        }
    }

    /// What asks for a sign of life, or gives one.
    pub(crate) fn ping(self) -> Bytes {
        Bytes::from_static(if self == Self::Events { &events::COMMENT } else { &frame::PING })
    }

    /// The last frame of a connection; empty where the end itself says it.
    pub(crate) fn close(self, code: u16, reason: &str) -> Bytes {
        if self == Self::Events { Bytes::new() } else { frame::close(code, reason) }
    }
}
