//! What clients send. Each frame is documented, and its JSON shown, at its own type.
//!
//! | `type` | what for | answer |
//! |---|---|---|
//! | [`hello`](Hello) | the first frame: who one is | `welcome` |
//! | [`join`](Join) | follow a room, from a number on | `joined`, then events |
//! | [`leave`](Leave) | stop following it | `left` |
//! | [`say`](Say) | say something in a room | `ack` |
//! | [`direct`](Direct) | say something to one person | `joined` at the first time, `ack` |
//! | [`edit`](Edit) [`delete`](Delete) [`react`](React) | change it, take it back, react | `ack` |
//! | [`name`](Name) | take another name | `renamed` |
//! | [`history`](History) | read older or newer events | `page` |
//! | [`search`](Search) | find messages | `results` |
//! | [`rooms`](ListRooms) | list rooms | `rooms` |
//! | [`who`](Who) | list the people of a room, or ask of one | `members` |
//! | [`read`](Read) [`typing`](Typing) [`away`](Away) | how far one has read, what one does | – |
//! | [`topic`](SetTopic) | set a room's topic | `ack` |
//! | [`announce`](Announce) [`moderate`](Moderate) | operators only | `ack` |
//! | [`ping`](Ping) | ask for a sign of life | `pong` |

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    Epoch, ErrorCode, MessageText, Note, Refusal, RequestId, RoomName, Secret, Seq, Topic, UserName,
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

    /// Whether it says something to people: the limits count these apart.
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

fn limit_out_of_range() -> Refusal {
    Refusal::new(ErrorCode::BadFrame, "limit is a number from 1 to 200; send one of these")
}

impl<'de> Deserialize<'de> for PageLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| D::Error::custom(limit_out_of_range()))
    }
}

/// Defines a frame's struct, with an optional `id` unless it has its own.
macro_rules! request {
    ($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        request!(@struct $(#[$doc])* $type {
            /// Echoed by the answer.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            id: Option<$crate::RequestId>,
            $($(#[$field_doc])* $field: $of,)*
        });
    };
    ($(#[$doc:meta])* stored $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        request!(@struct $(#[$doc])* $type {
            /// With the identity, the key under which it is stored once.
            id: $crate::RequestId,
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

// After the macro, which they use.
mod look;
mod talk;

pub use look::{History, ListRooms, Search, Who};
pub use talk::{Delete, Direct, Edit, React, Read, Say, Typing};

/// The first frame of a connection: who one is. Answer: `welcome`.
///
/// ```
/// # protocol::example::client(r##"
/// {"type":"hello","name":"Ana",
///  "secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","agent":"hubbub/0.1.0"}
/// # "##);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Echoed by the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// The name one would like; counts only while the identity has none.
    pub name: UserName,
    /// Who one is, on all one's devices; absent for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// Only where the hub asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The program and its version, for the operator's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// Shows neither the secret nor the password.
impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hello")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("secret", &self.secret)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("agent", &self.agent)
            .finish()
    }
}

request! {
    /// Follows a room. Answer: `joined`; then, if `after` is given, every event after it; then
    /// live. Joining a joined room moves the cursor.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"join","room":"lobby","after":41,"epoch":"9d2b4a1c00ffe3a7"}
    /// # "##);
    /// ```
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
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"leave","id":"7","room":"games"}
    /// # "##);
    /// ```
    Leave {
        /// Which room.
        room: RoomName,
    }
}

request! {
    /// Takes another name. Answer: `renamed`.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"name","id":"n1","name":"Ally"}
    /// # "##);
    /// ```
    Name {
        /// The new name.
        name: UserName,
    }
}

request! {
    /// Says that one is away (with a text) or back (without). No answer.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"away","text":"at lunch"}
    /// # "##);
    /// ```
    Away {
        /// Why, in a few words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Note>,
    }
}

request! {
    /// Sets a room's topic. Answer: `ack`.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"topic","id":"t1","room":"lobby","text":"Release on Friday"}
    /// # "##);
    /// ```
    stored SetTopic {
        /// Where.
        room: RoomName,
        /// The topic; empty clears it.
        text: Topic,
    }
}

request! {
    /// Tells one room or everyone something; operators only. Answer: `ack`.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"announce","id":"a1","text":"Restart at noon"}
    /// # "##);
    /// ```
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
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"moderate","id":"m1","action":"mute","name":"Eve",
    ///  "room":"lobby","for_ms":600000,"why":"spam"}
    /// # "##);
    /// ```
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
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"ping","nonce":"17"}
    /// # "##);
    /// ```
    Ping {
        /// Echoed by the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
    }
}
