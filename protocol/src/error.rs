//! What can be wrong with a frame: stable error codes, and the one error type of every
//! constructor in this crate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{RequestId, RoomName};

/// A stable word that says what is wrong, for programs. People read [`Refusal::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation; `meaning` has a sentence each")]
pub enum ErrorCode {
    BadJson,
    BadFrame,
    UnknownType,
    HelloFirst,
    NameInvalid,
    NameTaken,
    RoomInvalid,
    NotInRoom,
    NoSuchUser,
    NoSuchMessage,
    TextEmpty,
    TextTooLong,
    TextForbidden,
    IdInvalid,
    IdReused,
    RateLimited,
    Forbidden,
    Muted,
    Banned,
    Storage,
    TooManyRooms,
    ServerFull,
    PasswordRequired,
}

impl ErrorCode {
    /// Every code, in the order of the specification.
    pub const ALL: [Self; 23] = [
        Self::BadJson,
        Self::BadFrame,
        Self::UnknownType,
        Self::HelloFirst,
        Self::NameInvalid,
        Self::NameTaken,
        Self::RoomInvalid,
        Self::NotInRoom,
        Self::NoSuchUser,
        Self::NoSuchMessage,
        Self::TextEmpty,
        Self::TextTooLong,
        Self::TextForbidden,
        Self::IdInvalid,
        Self::IdReused,
        Self::RateLimited,
        Self::Forbidden,
        Self::Muted,
        Self::Banned,
        Self::Storage,
        Self::TooManyRooms,
        Self::ServerFull,
        Self::PasswordRequired,
    ];

    /// The code as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadJson => "bad_json",
            Self::BadFrame => "bad_frame",
            Self::UnknownType => "unknown_type",
            Self::HelloFirst => "hello_first",
            Self::NameInvalid => "name_invalid",
            Self::NameTaken => "name_taken",
            Self::RoomInvalid => "room_invalid",
            Self::NotInRoom => "not_in_room",
            Self::NoSuchUser => "no_such_user",
            Self::NoSuchMessage => "no_such_message",
            Self::TextEmpty => "text_empty",
            Self::TextTooLong => "text_too_long",
            Self::TextForbidden => "text_forbidden",
            Self::IdInvalid => "id_invalid",
            Self::IdReused => "id_reused",
            Self::RateLimited => "rate_limited",
            Self::Forbidden => "forbidden",
            Self::Muted => "muted",
            Self::Banned => "banned",
            Self::Storage => "storage",
            Self::TooManyRooms => "too_many_rooms",
            Self::ServerFull => "server_full",
            Self::PasswordRequired => "password_required",
        }
    }

    /// The code written as `word` on the wire, if there is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why something was not accepted: a code for programs and one plain sentence for people.
///
/// `Display` writes `code: text`. That is also how it travels through serde's own error type,
/// which carries only text: [`crate::codec`] reads the code back from there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub struct Refusal {
    /// What is wrong, for programs.
    pub code: ErrorCode,
    /// What is wrong and what to do, in one sentence.
    pub text: String,
}

impl Refusal {
    /// A refusal with this code and sentence.
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// A frame that could not be read, with what could be made out of it for the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct DecodeError {
    /// What is wrong.
    pub refusal: Refusal,
    /// The request's id, where it had a valid one: the answer echoes it.
    pub id: Option<RequestId>,
    /// The request's room, where it had a valid one.
    pub room: Option<RoomName>,
}
