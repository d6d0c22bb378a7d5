//! What can be proposed to the ledger.

use protocol::{Addressee, Identity, MessageText, RequestId, RoomName, Seq, Topic, UserName};

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A message in a room (a public one, or a private one of the proposer's).
    Say {
        /// Where.
        room: RoomName,
        /// Half of the key.
        id: RequestId,
        /// What.
        text: MessageText,
        /// The message that it answers: `no_such_message` if it is not in this room's log.
        reply_to: Option<Seq>,
    },
    /// A message to one person. The ledger resolves owned names; where the hub knows that the
    /// addressee is a guest who is online now, it says who that is.
    Direct {
        /// To whom, as asked for. Part of what a retry is compared by.
        to: Addressee,
        /// The online guest of that name or identity, if that is who it is, with the name.
        guest: Option<(Identity, UserName)>,
        /// Half of the key.
        id: RequestId,
        /// What.
        text: MessageText,
    },
    /// A room's topic.
    SetTopic {
        /// Where.
        room: RoomName,
        /// Half of the key.
        id: RequestId,
        /// The topic; empty clears it.
        text: Topic,
    },
    /// Another text for a message: its author's, or an operator's.
    Edit {
        /// Where.
        room: RoomName,
        /// Half of the key.
        id: RequestId,
        /// Which message: `no_such_message` if it is none, or gone.
        seq: Seq,
        /// How it reads now.
        text: MessageText,
    },
    /// A message taken back, by its author or an operator: its text is gone from the record.
    Delete {
        /// Where.
        room: RoomName,
        /// Half of the key.
        id: RequestId,
        /// Which message: `no_such_message` if it is none, or gone.
        seq: Seq,
    },
    /// Own a name: the first of this identity, or another one. (A guest's name is not owned and
    /// is never proposed.) Idempotent.
    Claim {
        /// The name.
        name: UserName,
        /// Whether it counts only if the identity has none yet (`hello`).
        only_first: bool,
    },
}

impl Act {
    /// The proposer's half of the key under which it is stored once, if it is stored.
    pub fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Say { id, .. }
            | Self::Direct { id, .. }
            | Self::SetTopic { id, .. }
            | Self::Edit { id, .. }
            | Self::Delete { id, .. } => Some(id),
            Self::Claim { .. } => None,
        }
    }

    /// The message that it changes, if it changes one.
    pub(crate) fn target(&self) -> Option<(&RoomName, Seq)> {
        match self {
            Self::Edit { room, seq, .. } | Self::Delete { room, seq, .. } => Some((room, *seq)),
            Self::Say { .. } | Self::Direct { .. } | Self::SetTopic { .. } | Self::Claim { .. } => {
                None
            }
        }
    }
}
