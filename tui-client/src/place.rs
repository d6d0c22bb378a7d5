//! Where a conversation is held.

use std::fmt;

use protocol::{RoomName, UserName};
use serde::{Deserialize, Serialize};

/// A room of the hub, or a private conversation that has not begun: its room is only known once
/// the hub has stored the first message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A room.
    Room(RoomName),
    /// A person to whom nothing was said yet.
    Peer(UserName),
}

impl Place {
    /// The room, if there is one yet.
    pub fn room(&self) -> Option<&RoomName> {
        match self {
            Self::Room(room) => Some(room),
            Self::Peer(_) => None,
        }
    }
}

impl From<RoomName> for Place {
    fn from(room: RoomName) -> Self {
        Self::Room(room)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(room) => room.fmt(f),
            Self::Peer(name) => write!(f, "@{name}"),
        }
    }
}
