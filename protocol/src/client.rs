//! What clients send.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    Addressee, Emoji, Epoch, MessageText, Note, RequestId, RoomName, Secret, Seq, Topic, UserName,
};

/// Most events, members, rooms or hits that one request can ask for.
pub const PAGE_LIMIT_MAX: u16 = 200;

/// One request of a client. Every frame may carry an `id`; its answer echoes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each frame is documented at its own type")]
pub enum ClientFrame {
    Hello(Hello),
    Join(Join),
    Leave(Leave),
    Say(Say),
    Direct(Direct),
    Edit(Edit),
    Delete(Delete),
    React(React),
    Name(Name),
    History(History),
    Search(Search),
    Rooms(ListRooms),
    Who(Who),
    Read(Read),
    Typing(Typing),
    Away(Away),
    Topic(SetTopic),
    Announce(Announce),
    Moderate(Moderate),
    Ping(Ping),
}

impl ClientFrame {
    /// The id that the answer echoes.
    pub fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Hello(frame) => frame.id.as_ref(),
            Self::Join(frame) => frame.id.as_ref(),
            Self::Leave(frame) => frame.id.as_ref(),
            Self::Say(frame) => Some(&frame.id),
            Self::Direct(frame) => Some(&frame.id),
            Self::Edit(frame) => Some(&frame.id),
            Self::Delete(frame) => Some(&frame.id),
            Self::React(frame) => Some(&frame.id),
            Self::Name(frame) => frame.id.as_ref(),
            Self::History(frame) => frame.id.as_ref(),
            Self::Search(frame) => frame.id.as_ref(),
            Self::Rooms(frame) => frame.id.as_ref(),
            Self::Who(frame) => frame.id.as_ref(),
            Self::Read(frame) => frame.id.as_ref(),
            Self::Typing(frame) => frame.id.as_ref(),
            Self::Away(frame) => frame.id.as_ref(),
            Self::Topic(frame) => Some(&frame.id),
            Self::Announce(frame) => Some(&frame.id),
            Self::Moderate(frame) => Some(&frame.id),
            Self::Ping(frame) => frame.id.as_ref(),
        }
    }

    /// Whether it adds to a log: it is then counted as a message by the limits.
    pub fn is_message(&self) -> bool {
        matches!(self, Self::Say(_) | Self::Direct(_) | Self::Announce(_))
    }
}

/// How many of something a request asks for: 1 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PageLimit(u16);

impl PageLimit {
    /// As many as can be asked for.
    pub const MAX: Self = Self(PAGE_LIMIT_MAX);

    /// The limit of this number, or `None` outside 1 to 200.
    pub fn new(number: u64) -> Option<Self> {
        u16::try_from(number).ok().filter(|n| (1..=PAGE_LIMIT_MAX).contains(n)).map(Self)
    }

    /// The number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl<'de> Deserialize<'de> for PageLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| D::Error::custom("limit is a number from 1 to 200"))
    }
}

/// Defines a frame's struct, with an optional `id` unless it has its own.
macro_rules! request {
    ($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        request!(@struct $(#[$doc])* $type {
            /// Echoed by the answer.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            id: Option<RequestId>,
            $($(#[$field_doc])* $field: $of,)*
        });
    };
    ($(#[$doc:meta])* stored $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        request!(@struct $(#[$doc])* $type {
            /// With the identity, the key under which it is stored once.
            id: RequestId,
            $($(#[$field_doc])* $field: $of,)*
        });
    };
    (@struct $(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $type {
            $($(#[$field_doc])* pub $field: $of,)*
        }
    };
}

request! {
    /// The first frame of a connection: who one is. Answer: `welcome`.
    Hello {
        /// The name one would like; counts only while the identity has none.
        name: UserName,
        /// Who one is, on all one's devices; absent for a guest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<Secret>,
        /// Only where the hub asks for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
        /// The program and its version, for the operator's log.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    }
}

request! {
    /// Follows a room. Answer: `joined`; then, if `after` is given, every event after it; then
    /// live. Joining a joined room moves the cursor.
    Join {
        /// Which room; made by its first join.
        room: RoomName,
        /// The last seq one has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Seq>,
        /// The epoch of `after`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<Epoch>,
    }
}

request! {
    /// Stops following a room. Answer: `left`, and nothing of that room after it.
    Leave {
        /// Which room.
        room: RoomName,
    }
}

request! {
    /// Says something in a joined room. Answer: `ack`, once it is stored.
    stored Say {
        /// Where.
        room: RoomName,
        /// What.
        text: MessageText,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Seq>,
    }
}

request! {
    /// Says something to one person, online or not. Answer: `joined` for the private room where
    /// one is not in it yet, and `ack`.
    stored Direct {
        /// To whom.
        to: Addressee,
        /// What.
        text: MessageText,
    }
}

request! {
    /// Changes the text of a message. Answer: `ack`.
    stored Edit {
        /// Where.
        room: RoomName,
        /// Which message.
        seq: Seq,
        /// How it reads now.
        text: MessageText,
    }
}

request! {
    /// Takes a message back. Answer: `ack`.
    stored Delete {
        /// Where.
        room: RoomName,
        /// Which message.
        seq: Seq,
    }
}

request! {
    /// Reacts to a message, or takes a reaction back. Answer: `ack`.
    stored React {
        /// Where.
        room: RoomName,
        /// To which message.
        seq: Seq,
        /// With what.
        emoji: Emoji,
        /// Whether to react (`true`) or to take it back.
        on: bool,
    }
}

request! {
    /// Takes another name. Answer: `renamed`.
    Name {
        /// The new name.
        name: UserName,
    }
}

request! {
    /// Reads a page of a room's log. Answer: `page`. Without `before` and `after`: the newest.
    History {
        /// Of which room.
        room: RoomName,
        /// Events below this seq, the nearest ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Seq>,
        /// Events above this seq, the nearest ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Seq>,
        /// How many.
        limit: PageLimit,
    }
}

request! {
    /// Searches messages. Answer: `results`.
    Search {
        /// The words.
        query: String,
        /// Only in this room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// Only by this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Addressee>,
        /// Only below this seq.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Seq>,
        /// Only above this seq.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Seq>,
        /// How many.
        limit: PageLimit,
    }
}

request! {
    /// Lists rooms. Answer: `rooms`.
    ListRooms {
        /// Only those that begin so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
        /// How many.
        limit: PageLimit,
    }
}

request! {
    /// Lists the people in a room, or tells of one person. Answer: `members`.
    Who {
        /// Of this room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// Or of this person, online or not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<UserName>,
        /// Only names after this one, for the next page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<UserName>,
        /// How many; 200 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<PageLimit>,
    }
}

request! {
    /// Says how far one has read. Told to one's other connections.
    Read {
        /// In which room.
        room: RoomName,
        /// Up to which event.
        seq: Seq,
    }
}

request! {
    /// Says that one is writing. No answer.
    Typing {
        /// Where.
        room: RoomName,
    }
}

request! {
    /// Says that one is away (with a text) or back (without). No answer.
    Away {
        /// Why, in a few words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Note>,
    }
}

request! {
    /// Sets a room's topic. Answer: `ack`.
    stored SetTopic {
        /// Where.
        room: RoomName,
        /// The topic; empty clears it.
        text: Topic,
    }
}

request! {
    /// Tells one room or everyone something; operators only. Answer: `ack`.
    stored Announce {
        /// What.
        text: MessageText,
        /// Where; absent: everyone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
    }
}

/// What an operator does about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Action {
    Kick,
    Ban,
    Unban,
    Mute,
    Unmute,
    Op,
    Deop,
}

request! {
    /// Moderates; operators only. Answer: `ack`.
    stored Moderate {
        /// What to do.
        action: Action,
        /// To whom.
        name: UserName,
        /// Only in this room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// For how long, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_ms: Option<u64>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<Note>,
    }
}

request! {
    /// Asks for a sign of life. Answer: `pong`.
    Ping {
        /// Echoed by the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
    }
}
