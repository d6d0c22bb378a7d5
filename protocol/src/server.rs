//! What the hub sends.

use serde::{Deserialize, Serialize};

use crate::{
    Epoch, ErrorCode, HubId, Identity, Note, RequestId, RoomEvent, RoomName, Seq,
    SessionId, Timestamp, Topic, UserName,
};

/// One frame of the hub: an answer (with the request's `id`) or news (without).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each frame is documented at its own type")]
#[expect(clippy::large_enum_variant, reason = "short-lived; boxing would cost every event")]
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

/// What an `ack` survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// Power loss.
    Fsync,
    /// A crash of the hub, not of the machine: the platform cannot do better.
    Os,
    /// Nothing: the operator chose `--memory`.
    Memory,
}

/// Defines a frame's struct; `answer` adds the request's id.
macro_rules! frame {
    ($(#[$doc:meta])* answer $type:ident { $($(#[$field_doc:meta])* $field:ident: $of:ty,)* }) => {
        frame! {
            $(#[$doc])* $type {
                /// That of the request.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                id: Option<RequestId>,
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

frame! {
    /// The hub knows who one is.
    answer Welcome {
        /// This connection.
        session: SessionId,
        /// One's own name, which may differ from that in `hello`.
        name: UserName,
        /// Who one is.
        identity: Identity,
        /// What one may do.
        role: Role,
        /// The program at the other end.
        server: ServerInfo,
        /// Which hub this is, at whatever address.
        hub: HubId,
        /// Which life of its history.
        epoch: Epoch,
        /// What an `ack` survives.
        durability: Durability,
        /// The hub's clock.
        now: Timestamp,
        /// How often the hub pings, in milliseconds.
        heartbeat_ms: u64,
        /// What may be sent.
        limits: Limits,
        /// One's own rooms first, then the lively ones.
        rooms: Vec<RoomSummary>,
    }
}

frame! {
    /// The program that runs a hub.
    ServerInfo {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    }
}

frame! {
    /// What may be sent: sizes in bytes, rates a second.
    Limits {
        /// Longest message.
        text: u32,
        /// Longest frame.
        frame: u32,
        /// Longest name, in graphemes.
        name: u32,
        /// Longest room name, in characters.
        room: u32,
        /// Longest topic.
        topic: u32,
        /// Longest away or moderation note.
        note: u32,
        /// Most rooms one can be in.
        rooms: u32,
        /// Most events in a page.
        page: u32,
        /// Messages a second; 0 is none.
        rate: u32,
        /// Messages at once.
        burst: u32,
    }
}

frame! {
    /// A room in a list.
    RoomSummary {
        /// Which.
        room: RoomName,
        /// The other person, in a private room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<UserName>,
        /// What it is about.
        topic: Topic,
        /// How many are in it.
        members: u32,
        /// Its last seq.
        head: Seq,
        /// How far one has read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read: Option<Seq>,
        /// Whether one is in it.
        mine: bool,
    }
}

frame! {
    /// One follows the room from here on.
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
    /// A person in a room.
    Member {
        /// Name.
        name: UserName,
        /// What they may do.
        role: Role,
        /// Why they are away, if they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        away: Option<Note>,
        /// When they were last here, if they are not (only in answers to `who` by name).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen: Option<Timestamp>,
    }
}

frame! {
    /// It is stored, at this place.
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
    /// A page of a room's log, ascending.
    answer Page {
        /// Of which room.
        room: RoomName,
        /// The events.
        events: Vec<RoomEvent>,
        /// The first seq still kept.
        oldest: Seq,
        /// Edits, deletions and reactions up to this seq are in it.
        as_of: Seq,
        /// What was asked for and is no longer kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gap: Option<GapRange>,
        /// Whether there are more events in the direction asked for.
        more: bool,
    }
}

frame! {
    /// A range of seqs that will never come.
    GapRange {
        /// The first.
        from: Seq,
        /// The last.
        to: Seq,
        /// Why.
        reason: GapReason,
    }
}

frame! {
    /// Messages found.
    answer Results {
        /// The newest first.
        hits: Vec<RoomEvent>,
        /// Whether there are more.
        more: bool,
    }
}

frame! {
    /// A list of rooms.
    answer Rooms {
        /// The rooms.
        rooms: Vec<RoomSummary>,
        /// Whether there are more.
        more: bool,
    }
}

frame! {
    /// Who is in a room, or what is known of one person; also sent unasked to a follower that
    /// has caught up, in place of the presence it missed.
    answer Members {
        /// Of which room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomName>,
        /// The people.
        members: Vec<Member>,
        /// Whether there are more.
        more: bool,
    }
}

frame! {
    /// Who came, went or changed in a window of time: the net difference, to be applied in the
    /// order `left`, `renamed`, `joined`. A member in `joined` who is there already has changed
    /// (away, role). Above 1,000 members only `count`.
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
    answer Left {
        /// Which.
        room: RoomName,
    }
}

frame! {
    /// One has another name now.
    answer Renamed {
        /// Before.
        from: UserName,
        /// After.
        to: UserName,
    }
}

frame! {
    /// How far one has read, on another of one's connections.
    answer ReadMarker {
        /// Where.
        room: RoomName,
        /// Up to which event.
        seq: Seq,
    }
}

frame! {
    /// Who is writing.
    TypingNotice {
        /// Where.
        room: RoomName,
        /// Who.
        names: Vec<UserName>,
    }
}

frame! {
    /// A sign of life.
    answer Pong {
        /// That of the `ping`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
    }
}

frame! {
    /// A request was not carried out. With `retry_after_ms` it is temporary: keep the message
    /// and wait. Without, it is final.
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
    Bye {
        /// Why.
        reason: ByeReason,
        /// When to come back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    }
}

