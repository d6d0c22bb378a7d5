//! What comes in lists: events, messages found, rooms, people.

use serde::{Deserialize, Serialize};

use super::{GapReason, Role};
use crate::{Note, RoomEvent, RoomName, Seq, Timestamp, Topic, UserName};

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
    /// A list of rooms.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"rooms","id":"l1","rooms":[
    ///  {"room":"games","topic":"Chess, mostly","members":3,"head":9,"mine":false},
    ///  {"room":"dm:00112233445566778899aabbccddeeff","peer":"Ben","topic":"","members":2,"head":5,
    ///   "read":5,"mine":true}],
    ///  "more":false}
    /// # "##);
    /// ```
    answer Rooms {
        /// The rooms.
        rooms: Vec<RoomSummary>,
        /// Whether there are more.
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
    /// Who is in a room, or what is known of one person; also sent unasked to a follower that
    /// has caught up, in place of the presence it missed.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"members","id":"w1","more":false,
    ///  "members":[{"name":"Ben","role":"member","last_seen":1767225600000}]}
    /// # "##);
    /// ```
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
    /// A page of a room's log, ascending.
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"page","id":"h1","room":"lobby","events":[
    ///  {"room":"lobby","seq":42,"at":1767225600000,"from":"Ana",
    ///   "by":"~00112233445566778899aabbccddeeff",
    ///   "kind":"message","id":"1","text":"hello","edited":{"seq":43,"at":1767225601000},
    ///   "reactions":[{"emoji":"👍","count":2,"mine":true}]}],
    ///  "oldest":40,"as_of":44,"gap":{"from":1,"to":39,"reason":"retention"},"more":false}
    /// # "##);
    /// ```
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
    ///
    /// ```
    /// # protocol::example::server(r##"
    /// {"type":"results","id":"s1","hits":[
    ///  {"room":"lobby","seq":42,"at":1767225600000,"from":"Ana",
    ///   "by":"~00112233445566778899aabbccddeeff",
    ///   "kind":"message","id":"1","text":"hello"}],
    ///  "more":false}
    /// # "##);
    /// ```
    answer Results {
        /// The newest first.
        hits: Vec<RoomEvent>,
        /// Whether there are more.
        more: bool,
    }
}
