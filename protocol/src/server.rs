//! What the hub sends. Each frame is documented, and its JSON shown, at its own type.
//!
//! | `type` | what it tells |
//! |---|---|
//! | [`welcome`](Welcome) | who one is here, and what may be sent |
//! | [`joined`](Joined) [`left`](Left) | one follows a room, or does so no more |
//! | [`event`](RoomEvent) | one entry of a room's log |
//! | [`gap`](Gap) | which entries will not come |
//! | [`ack`](Ack) | what one said is stored |
//! | [`page`](Page) [`results`](Results) | older events; messages found |
//! | [`rooms`](Rooms) [`members`](Members) | the rooms; the people |
//! | [`presence`](Presence) | who came, went or changed |
//! | [`renamed`](Renamed) | one's own new name |
//! | [`read`](ReadMarker) [`typing`](TypingNotice) | how far one has read elsewhere; who writes |
//! | [`pong`](Pong) | the answer to `ping` |
//! | [`error`](ErrorFrame) | a request was not carried out, and why |
//! | [`bye`](Bye) | the hub closes the connection, and why |

use serde::{Deserialize, Serialize};

use crate::{Epoch, ErrorCode, RequestId, RoomEvent, RoomName, Seq, Timestamp, Topic, UserName};

/// One frame of the hub: an answer (with the request's `id`) or news (without).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each frame is documented at its own type")]
pub enum ServerFrame {
    Welcome(Welcome),
    Joined(Joined),
    Event(RoomEvent),
    Ack(Ack),
    Page(Page),
    Results(Results),
    Rooms(Rooms),
    Members(Members),
    Presence(Presence),
    Gap(Gap),
    Left(Left),
    Renamed(Renamed),
    Read(ReadMarker),
    Typing(TypingNotice),
    Pong(Pong),
    Error(ErrorFrame),
    Bye(Bye),
}

/// What one may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and writes.
    #[default]
    Member,
    /// Announces and moderates too.
    Operator,
}

/// Defines a frame's struct; `answer` adds the request's id.
macro_rules! frame {
    ($(#[$doc:meta])* answer $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        frame! {
            $(#[$doc])* $type {
                /// That of the request.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                id: Option<$crate::RequestId>,
                $($(#[$field_doc])* $field: $of,)*
            }
        }
    };
    ($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $type {
            $($(#[$field_doc])* pub $field: $of,)*
        }
    };
}

// After the macro, which they use.
mod lists;
mod welcome;

pub use lists::{GapRange, Member, Members, Page, Results, RoomSummary, Rooms};
pub use welcome::{Durability, Limits, ServerInfo, Welcome};

frame! {
    /// One follows the room from here on.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"joined","id":"1","room":"lobby","topic":"","head":41,"oldest":1,"read":40,
    ///  "epoch":"9d2b4a1c00ffe3a7","count":2,
    ///  "members":[{"name":"Ana","role":"operator"},
    ///             {"name":"Ben","role":"member","away":"at lunch"}],
    ///  "more":false}
    /// # "##);
    /// ```
    answer Joined {
        /// Which.
        room: RoomName,
        /// The other person, in a private room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<UserName>,
        /// What it is about.
        topic: Topic,
        /// The last seq already handed out; live events begin after it.
        head: Seq,
        /// The first seq still kept; head + 1 in an emptied room.
        oldest: Seq,
        /// How far one has read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read: Option<Seq>,
        /// Of these seqs.
        epoch: Epoch,
        /// How many people are in it.
        count: u32,
        /// Who they are: at most 200, the rest by `who`; none above 1,000.
        members: Vec<Member>,
        /// Whether there are more members than these.
        more: bool,
    }
}

frame! {
    /// It is stored, at this place.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"ack","id":"1","room":"lobby","seq":42,"at":1767225600000}
    /// # "##);
    /// ```
    Ack {
        /// That of the request.
        id: RequestId,
        /// Where.
        room: RoomName,
        /// At which place.
        seq: Seq,
        /// When.
        at: Timestamp,
    }
}

frame! {
    /// Who came, went or changed in a window of time: the net difference, to be applied in the
    /// order `left`, `renamed`, `joined`. A member in `joined` who is there already has changed
    /// (away, role). Above 1,000 members only `count`.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"presence","room":"lobby","left":["Cy"],"renamed":[{"from":"Ally","to":"Alice"}],
    ///  "joined":[{"name":"Ben","role":"member"}],"count":3}
    /// # "##);
    /// ```
    Presence {
        /// Where.
        room: RoomName,
        /// Who is no longer here.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<UserName>,
        /// Who has another name.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        renamed: Vec<Rename>,
        /// Who is here now, or has changed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        joined: Vec<Member>,
        /// How many are here now.
        count: u32,
    }
}

frame! {
    /// A change of name.
    Rename {
        /// Before.
        from: UserName,
        /// After.
        to: UserName,
    }
}

/// Why a range of seqs will never come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// It is older than what is kept.
    Retention,
    /// It belongs to another history.
    Epoch,
}

frame! {
    /// Told, never silent: these events of a followed room will not come.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"gap","room":"lobby","from":1,"to":41,"reason":"epoch"}
    /// # "##);
    /// ```
    Gap {
        /// Where.
        room: RoomName,
        /// The first that will not come.
        from: Seq,
        /// The last that will not come.
        to: Seq,
        /// Why.
        reason: GapReason,
    }
}

frame! {
    /// One does not follow the room any more.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"left","id":"7","room":"games"}
    /// # "##);
    /// ```
    answer Left {
        /// Which.
        room: RoomName,
    }
}

frame! {
    /// One has another name now.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"renamed","id":"n1","from":"Ana","to":"Ally"}
    /// # "##);
    /// ```
    answer Renamed {
        /// Before.
        from: UserName,
        /// After.
        to: UserName,
    }
}

frame! {
    /// How far one has read, on another of one's connections. That may be beyond what has come
    /// here so far.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"read","room":"lobby","seq":42}
    /// # "##);
    /// ```
    answer ReadMarker {
        /// Where.
        room: RoomName,
        /// Up to which event.
        seq: Seq,
    }
}

frame! {
    /// Who is writing, oneself perhaps included: at most one frame a room and second. What is not
    /// said again within a few seconds, or was followed by their message, is over.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"typing","room":"lobby","names":["Ben"]}
    /// # "##);
    /// ```
    TypingNotice {
        /// Where.
        room: RoomName,
        /// Who.
        names: Vec<UserName>,
    }
}

frame! {
    /// A sign of life.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"pong","nonce":"17"}
    /// # "##);
    /// ```
    answer Pong {
        /// That of the `ping`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
    }
}

frame! {
    /// A request was not carried out. With `retry_after_ms` it is temporary: keep the message
    /// and wait. Without, it is final.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"error","id":"n1","code":"name_taken","text":"Ana is taken; choose another name",
    ///  "suggest":"Ana2"}
    /// # "##);
    /// ```
    answer ErrorFrame {
        /// What is wrong, for programs.
        code: ErrorCode,
        /// What is wrong and what to do, in one sentence.
        text: String,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// A free name, where one was taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suggest: Option<UserName>,
        /// When to try again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    }
}

/// Why the hub says goodbye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// It starts again soon: come back.
    Restart,
    /// It stops: not back soon.
    Shutdown,
    /// Somebody was shown the door.
    Kicked,
    /// And is not to come back.
    Banned,
    /// Nothing was said for too long.
    Idle,
}

frame! {
    /// The last frame before the close.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"bye","reason":"restart","retry_after_ms":2500}
    /// # "##);
    /// ```
    Bye {
        /// Why.
        reason: ByeReason,
        /// When to come back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    }
}
