//! What one looks up: history, messages, rooms, people.

use serde::{Deserialize, Serialize};

use super::PageLimit;
use crate::{Addressee, RoomName, Seq, UserName};

request! {
    /// Reads a page of a room's log. Answer: `page`. Without `before` and `after`: the newest.
    /// Of a public room that needs no `join`: who only looks is not told of.
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"history","id":"h1","room":"lobby","before":42,"limit":50}
    /// # "##);
    /// ```
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
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"search","id":"s1","query":"lunch","room":"lobby","from":"Ben","limit":20}
    /// # "##);
    /// ```
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
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"rooms","id":"l1","prefix":"ga","limit":100}
    /// # "##);
    /// ```
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
    ///
    /// ```
    /// # protocol::example::client(r##"
    /// {"type":"who","id":"w1","room":"lobby","after":"Ben","limit":200}
    /// # "##);
    /// ```
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
