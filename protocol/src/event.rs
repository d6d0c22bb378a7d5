//! What a room's log consists of.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{Emoji, ErrorCode, Identity, MessageText, Refusal, RequestId, RoomName, UserName};

/// The place of an event in its room's gapless sequence, from 1. As a cursor, 0 is "before the
/// first".
///
/// At most 2^53 − 1, so that every JSON reader keeps it exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Seq(u64);

impl Seq {
    /// Before the first event.
    pub const ZERO: Self = Self(0);
    /// The largest seq there can be.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The seq of this number, or `None` above 2^53 − 1.
    pub fn new(number: u64) -> Option<Self> {
        (number <= Self::MAX.0).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The seq after this one. It stays at [`Seq::MAX`], which no hub lives to see.
    pub fn next(self) -> Self {
        Self((self.0 + 1).min(Self::MAX.0))
    }

    /// The seq before this one; that of 0 is 0.
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

fn seq_too_large() -> Refusal {
    Refusal::new(ErrorCode::BadFrame, "a seq is at most 9007199254740991; send a smaller one")
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Seq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| D::Error::custom(seq_too_large()))
    }
}

/// A wall-clock time: integer milliseconds since 1970 UTC. A label, never an order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// What kind of entry of a room's log an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Somebody said something.
    Message,
    /// An operator, or a program with a token for all rooms, has a room or everyone notice this.
    /// In `announcements` all that is said is of this kind.
    Announcement,
    /// The room's topic is now `text`; without a text it has none.
    Topic,
    /// The message `target` now reads `text`; without a text, it was deleted later.
    Edit,
    /// The message `target` is gone.
    Delete,
    /// Somebody reacted to the message `target`.
    Reaction,
    /// The hub itself says something.
    Notice,
}

/// One entry of a room's log. `seq`, `by`, `kind` and `id` never change.
///
/// ```
/// # protocol::example::server(r##"
/// {"type":"event","room":"lobby","seq":42,"at":1767225600000,"from":"Ana",
///  "by":"~00112233445566778899aabbccddeeff","kind":"message","id":"1","text":"hello"}
/// # "##);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomEvent {
    /// Whose log.
    pub room: RoomName,
    /// Where in it.
    pub seq: Seq,
    /// When the ledger took it, by the hub's clock.
    pub at: Timestamp,
    /// The author's name at that time.
    pub from: UserName,
    /// The author.
    pub by: Identity,
    /// What it is.
    pub kind: EventKind,
    /// The author's id for it.
    pub id: RequestId,
    /// The words, where the kind has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<MessageText>,
    /// The message that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The message that this edit, delete or reaction is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Seq>,
    /// In pages, results and catch-up: the last edit as of `as_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
    /// In pages, results and catch-up: who deleted it; the text is gone, also from pages whose
    /// `as_of` is before the deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deleted>,
    /// In pages, results and catch-up: the reactions as of `as_of`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reactions>,
}

/// The last edit of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// The seq of the edit.
    pub seq: Seq,
    /// When it was made.
    pub at: Timestamp,
}

/// The deletion of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The seq of the deletion.
    pub seq: Seq,
    /// Who deleted it.
    pub by: Identity,
}

/// How many reacted to a message with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reactions {
    /// With what.
    pub emoji: Emoji,
    /// How many did.
    pub count: u32,
    /// Whether the reader did.
    pub mine: bool,
}
