//! The wire protocol of Hubbub, version 1, as types.
//!
//! A hub listens at `GET /ws` for WebSocket connections, optionally with the subprotocol
//! [`SUBPROTOCOL`]; its 101 answer carries the header [`HUB_ID_HEADER`]. Each text frame holds
//! one JSON object, told apart by its field `type`: a [`ClientFrame`] one way, a [`ServerFrame`]
//! the other. Names, rooms, texts and ids are checked where they are read ([`codec`]), so that a
//! value of these types is always valid.

pub mod client;
pub mod codec;
mod error;
mod event;
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
    /// Binary frames are not understood.
    pub const UNSUPPORTED: u16 = 1003;
    /// The text was not UTF-8.
    pub const INVALID_UTF8: u16 = 1007;
    /// The frame was larger than 64 KiB.
    pub const TOO_BIG: u16 = 1009;
    /// The hub starts again: come back.
    pub const RESTART: u16 = 1012;
    /// No `hello` in time, or too many refused.
    pub const NO_HELLO: u16 = 4401;
    /// Kicked or banned: do not come back by yourself.
    pub const FORBIDDEN: u16 = 4403;
    /// Nothing was heard for too long.
    pub const IDLE: u16 = 4408;
    /// Too much was sent to be a mistake.
    pub const FLOOD: u16 = 4429;
}
