//! What can be proposed to the ledger.

use protocol::{
    Addressee, Identity, MessageText, RequestId, RoomName, Seq, Topic, UserName, server::Role,
};

use super::TokenHash;

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
    /// Something that everyone in a room is to notice; in `announcements`, simply everyone. Of
    /// operators, and of tokens for all rooms.
    Announce {
        /// Where.
        room: RoomName,
        /// Half of the key.
        id: RequestId,
        /// What.
        text: MessageText,
    },
    /// Own a name: the first of this identity, or another one. (A guest's name is not owned and
    /// is never proposed.) Idempotent.
    Claim {
        /// The name.
        name: UserName,
        /// Whether it counts only if the identity has none yet (`hello`).
        only_first: bool,
    },
    /// Let somebody do more, or no more than others: `no_such_user` if they never had a name.
    /// From whoever is at the hub's machine. Idempotent.
    Appoint {
        /// Whom.
        who: Identity,
        /// What they may do from here on.
        role: Role,
    },
    /// A token for a program that may post. It speaks as a person of its own, who owns the name.
    /// From whoever is at the hub's machine. Idempotent.
    Issue {
        /// Of the secret, which nobody keeps but the program.
        hash: TokenHash,
        /// What it is called: `name_taken` if that is somebody's, but for a token that was
        /// revoked, whose name a new one may have at once.
        name: UserName,
        /// Where it may post; none: in every public room, and announce.
        rooms: Vec<RoomName>,
    },
    /// The token of this name is good for nothing from here on: `no_such_user` if there is none.
    /// What it said stays, and its name is kept as anybody's who goes.
    Revoke {
        /// Of the token.
        name: UserName,
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
            | Self::Delete { id, .. }
            | Self::Announce { id, .. } => Some(id),
            Self::Claim { .. }
            | Self::Appoint { .. }
            | Self::Issue { .. }
            | Self::Revoke { .. } => None,
        }
    }

    /// The message that it changes, if it changes one.
    pub(crate) fn target(&self) -> Option<(&RoomName, Seq)> {
        match self {
            Self::Edit { room, seq, .. } | Self::Delete { room, seq, .. } => Some((room, *seq)),
            _ => None,
        }
    }
}
