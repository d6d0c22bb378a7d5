//! How the hub's frames look on a WebSocket. All dialects share rooms, history and limits; they
//! differ only here.

pub(crate) mod frame;
mod typed;

use bytes::Bytes;
use protocol::{ClientFrame, DecodeError, RoomEvent, ServerFrame};

/// What a connection speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The frames of the crate `protocol`.
    #[default]
    Typed,
}

impl Dialect {
    /// Reads what a client sent.
    pub(crate) fn decode(self, text: &str) -> Result<ClientFrame, DecodeError> {
        match self {
            Self::Typed => typed::decode(text),
        }
    }

    /// A frame for one connection, as it goes out.
    pub(crate) fn encode(self, frame: &ServerFrame) -> Bytes {
        match self {
            Self::Typed => typed::encode(frame),
        }
    }

    /// An event for one connection, as it goes out.
    pub(crate) fn encode_event(self, event: &RoomEvent) -> Bytes {
        match self {
            Self::Typed => typed::encode_event(event),
        }
    }
}

/// A frame for everyone in a room, encoded once for each dialect.
#[derive(Clone, Debug)]
pub struct Encoded {
    typed: Bytes,
}

impl Encoded {
    /// Encodes an event.
    pub fn event(event: &RoomEvent) -> Self {
        Self { typed: typed::encode_event(event) }
    }

    /// Encodes what is told beside events.
    pub fn notice(frame: &ServerFrame) -> Self {
        Self { typed: typed::encode(frame) }
    }

    /// As the typed dialect has it.
    pub(crate) fn typed(self) -> Bytes {
        self.typed
    }
}
