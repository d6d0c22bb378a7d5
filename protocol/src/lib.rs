//! The wire protocol of Hubbub, version 1, as types.
//!
//! This page is the specification in words; [`client`] and [`server`] list the frames, and each
//! frame's type shows its JSON. A bot needs no more than a WebSocket library and a JSON library:
//!
//! ```text
//! → GET /ws                                          (the hub: ws://localhost:8080/ws)
//! ← 101, hubbub-id: 6f1c…
//! → {"type":"hello","name":"Bot"}
//! ← {"type":"welcome","name":"Bot","epoch":"9d2b4a1c00ffe3a7",…}
//! → {"type":"join","room":"lobby"}
//! ← {"type":"joined","room":"lobby","head":41,"oldest":1,…}
//! → {"type":"say","id":"1","room":"lobby","text":"hello"}
//! ← {"type":"ack","id":"1","room":"lobby","seq":42,"at":1767225600000}
//! ← {"type":"event","room":"lobby","seq":42,"from":"Bot","kind":"message","text":"hello",…}
//! ```
//!
//! # Connection
//!
//! A client opens a WebSocket at [`PATH`], optionally with the subprotocol [`SUBPROTOCOL`], which
//! the hub then echoes; if it offers only others, the hub answers 400. The 101 answer carries the
//! hub's id in [`HUB_ID_HEADER`]: whatever the address, the same id is the same hub.
//!
//! Each text frame holds one JSON object of at most [`FRAME_BYTES_MAX`] bytes, told apart by its
//! field `type`. Unknown fields are ignored; an unknown `type` is answered with `unknown_type`,
//! and the connection stays. Times are integer milliseconds since 1970 UTC. A list that would be
//! too long ends early, with `more: true`.
//!
//! The first frame is `hello`, within 10 seconds; nothing more is read until it is answered, and
//! a refused one may be sent again (5 times). After that, requests may be sent without waiting
//! for answers; they take effect in the order sent. Any request may carry an `id`, and its
//! answer, be it an `error`, echoes it. The hub pings every 25 seconds, and resets a connection
//! that gave no sign of life for 55.
//!
//! # Order
//!
//! A room is a log: everything said in it is one gapless sequence of numbers ([`Seq`]) from 1,
//! the same for everyone. A connection that has joined is a cursor in it. `joined.head` is the
//! last number already handed out when the cursor was set: events begin at `after` + 1 where
//! `join` had an `after`, else at `head` + 1. From there a client gets every number, one after
//! the other, or a `gap` that says which will not come and why. No event of a room comes before
//! its `joined` or after its `left`. One's own `event` and its `ack` come in either order.
//!
//! To come back after a broken connection is to join with `after`, the last number one has.
//! Coming from older history, a message carries what has become of it (`edited`, `deleted`,
//! `reactions`). Old events may be removed, always the oldest first: `oldest` is the first one
//! kept, and `head` + 1 where none is.
//!
//! # Sent once
//!
//! An `ack` means stored, in the way that `welcome.durability` says. Who got none sends the same
//! frame with the same `id` again, on whichever connection: the key is (identity, id) over all
//! rooms and kinds, for as long as the event is kept. The same content gets the first `ack`;
//! other content under a used id is `id_reused`, and nothing is stored. A refusal is not
//! remembered. A guest is a new identity on every connection. Our clients' ids are UUIDv7.
//!
//! # Epoch
//!
//! Numbers only mean something within an [`Epoch`], which changes when a hub starts with a new
//! database, from a backup, or with `--memory`. A `join` says of which epoch its `after` is. If
//! it is another one, or `after` is above `head`, the answer is `joined`, then a `gap` of 1 to
//! `head` with the reason `epoch`, then live events: the client forgets the numbers it has of
//! that room, but not what it has yet to send.
//!
//! # Names
//!
//! A [`Secret`] made by the client is who one is, on all one's devices; everyone else sees the
//! [`Identity`] derived from it. An identity has one name at a time: that of `hello` if it has
//! none yet, and `welcome` tells which; `name` changes it. Names are shown as typed, and are
//! unique by their [`NameKey`], so that nobody can look like somebody else ([`UserName`] has the
//! rules). Its name and its last three stay an identity's own until it was not seen for 30 days;
//! a guest's, as long as the connection. `name_taken` suggests a free one.
//!
//! Members of a room are people, not connections: joined with their first, left with their last.
//! `presence` tells the net difference of a moment, and above 1,000 members only their number.
//!
//! A room ([`RoomName`]) is made by its first `join`. `lobby` always is; everyone hears
//! `announcements`, where only operators write, and programs that may. A `direct` opens the private
//! room of two people: everyone of theirs who is not in it gets `joined`, then the event. It is in
//! `welcome.rooms` ever after, with the other as `peer`, and nobody else can see it.
//!
//! # Text
//!
//! A [`MessageText`] is 1 to 4,096 bytes of UTF-8. `\n` and `\t` are allowed, no other control
//! characters, and at most 8 combining marks on a base. A [`Topic`] has at most 300 bytes, a
//! [`Note`] (away, reasons) 100.
//!
//! # Errors
//!
//! An `error` has a stable [`ErrorCode`] for programs, and a sentence for people. With
//! `retry_after_ms` it is temporary: keep the message and wait. Without, it is final. A bad frame
//! costs nobody else anything, and its sender the connection only if it cannot be a mistake.
//!
//! # Too fast
//!
//! is not an error but a pause: over the rate (10 messages a second after a burst of 30, 20 other
//! frames after 100) the hub stops reading the connection until it may go on; likewise at 64
//! unanswered requests or 64 KiB of unread answers. `rate_limited` is only for what must be
//! refused, such as a fourth change of name within a minute.
//!
//! # Closes
//!
//! A `bye` comes first where there is time for it. Beside the codes of RFC 6455 (1002, 1003,
//! 1007, 1009):
//!
//! | code | why | come back? |
//! |---|---|---|
//! | [1001](close::SHUTDOWN) | the hub shuts down | not soon |
//! | [1012](close::RESTART) | the hub restarts | yes, after `bye.retry_after_ms` |
//! | [1013](close::FULL) | `server_full` | yes, after its `retry_after_ms` |
//! | [4401](close::NO_HELLO) | no `hello` in 10 seconds | yes |
//! | [4403](close::FORBIDDEN) | kicked or banned | not by itself |
//! | [4408](close::IDLE) | idle | yes |
//! | [4429](close::FLOOD) | more was sent than can be a mistake | later |
//!
//! # Other ways in
//!
//! All of them share rooms, history, limits and promises with the above.
//!
//! - `/ws?name=NAME` (or `user`) without a subprotocol speaks plain text: each frame sent is a
//!   message, or `/name NAME`, `/msg NAME TEXT`, `/who`, `/me TEXT`, `/quit`; each frame received
//!   is a line: `NAME: TEXT`, `[NAME -> you] TEXT`, `*** ANNOUNCEMENT by NAME: TEXT`, and from the
//!   hub `System: NAME joined` and the like. Every line of a longer message begins with its author.
//!   A taken name gets the suggestion. `room` (`lobby` without it) and `history` (0 to 200 entries)
//!   are for where to begin.
//! - A first frame that has `user` and `message` and no `type` selects
//!   `{"user":…,"message":…}` in both directions. `?dialect=text` and `?dialect=json` select at
//!   once; without a name one is a listener, who is in no count.
//! - `GET /rooms/{room}/events` is a room as Server-Sent Events: `id: EPOCH.SEQ`, `data:` the
//!   [event](RoomEvent), `event: gap` for what will not come. `Last-Event-ID`, or `?after=SEQ` at
//!   first, resumes.
//! - `POST /rooms/{room}/messages` (`{"text","id"?,"reply_to"?}`) and `POST /announce`
//!   (`{"text","id"?,"room"?}`) with `Authorization: Bearer TOKEN` are answered with 201 and
//!   `{"room","seq","at","id"}` when stored, else with a status and
//!   `{"error":{"code","text"}}`. The same `id` again adds nothing.
//!
//! # In this crate
//!
//! [`codec`] reads and writes frames. Names, rooms, texts and ids are checked there, so that a
//! value of these types is always valid.

pub mod client;
pub mod codec;
mod error;
mod event;
#[doc(hidden)]
pub mod example;
mod id;
mod name;
pub mod server;
mod text;

pub use client::{ClientFrame, PAGE_LIMIT_MAX, PageLimit};
pub use codec::FRAME_BYTES_MAX;
pub use error::{DecodeError, ErrorCode, Refusal};
pub use event::{Deleted, Edited, EventKind, Reactions, RoomEvent, Seq, Timestamp};
pub use id::{Epoch, HubId, Identity, REQUEST_ID_BYTES_MAX, RequestId, Secret, SessionId};
pub use name::{
    Addressee, NAME_BYTES_MAX, NAME_GRAPHEMES_MAX, NameKey, ROOM_CHARS_MAX, RoomName, UserName,
};
pub use server::ServerFrame;
pub use text::{
    Emoji, MARKS_PER_BASE_MAX, MESSAGE_BYTES_MAX, MessageText, NOTE_BYTES_MAX, Note,
    TOPIC_BYTES_MAX, Topic,
};

/// The WebSocket subprotocol of this version; echoed when offered.
pub const SUBPROTOCOL: &str = "hubbub.v1";
/// The header of the 101 answer that says which hub this is.
pub const HUB_ID_HEADER: &str = "hubbub-id";
/// The path of the WebSocket endpoint.
pub const PATH: &str = "/ws";
/// The port that hubs use unless told otherwise.
pub const DEFAULT_PORT: u16 = 8080;
/// Most rooms one connection can be in.
pub const ROOMS_MAX: usize = 128;
/// How often the hub pings, in milliseconds.
pub const HEARTBEAT_MS: u64 = 25_000;

/// WebSocket close codes, beside those of RFC 6455 §7.4.1.
pub mod close {
    /// The hub stops and is not back soon.
    pub const SHUTDOWN: u16 = 1001;
    /// Something that no WebSocket client sends.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// Binary frames are not understood.
    pub const UNSUPPORTED: u16 = 1003;
    /// The text was not UTF-8.
    pub const INVALID_UTF8: u16 = 1007;
    /// The frame was larger than 64 KiB.
    pub const TOO_BIG: u16 = 1009;
    /// The hub starts again: come back.
    pub const RESTART: u16 = 1012;
    /// The hub, or the part of it for one address, is full: try again later.
    pub const FULL: u16 = 1013;
    /// No `hello` in time, or too many refused.
    pub const NO_HELLO: u16 = 4401;
    /// Kicked or banned: do not come back by yourself.
    pub const FORBIDDEN: u16 = 4403;
    /// Nothing was heard for too long.
    pub const IDLE: u16 = 4408;
    /// Too much was sent to be a mistake.
    pub const FLOOD: u16 = 4429;
}
