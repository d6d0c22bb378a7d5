//! How what is kept stands in the columns of the tables.

use protocol::{EventKind, Identity, MessageText, Refusal, RequestId, RoomEvent, RoomName, Seq};
use protocol::{Timestamp, UserName, server::Role};
use rusqlite::{
    Row,
    types::{FromSqlError, ValueRef},
};

/// An event of `room` from the columns seq, at, name, identity, kind, id, text, reply_to, target.
pub(crate) fn event(room: &RoomName, row: &Row<'_>) -> rusqlite::Result<RoomEvent> {
    Ok(RoomEvent {
        room: room.clone(),
        seq: seq(row, 0)?,
        at: Timestamp(row.get(1)?),
        from: parsed(row, 2, UserName::parse)?,
        by: parsed(row, 3, Identity::parse)?,
        kind: kind(row, 4)?,
        id: parsed(row, 5, RequestId::parse)?,
        text: optional(row, 6, MessageText::parse)?,
        reply_to: optional_seq(row, 7)?,
        target: optional_seq(row, 8)?,
        edited: None,
        deleted: None,
        reactions: Vec::new(),
    })
}

/// A column read by the constructor of its type, so that a damaged one cannot get further.
pub(crate) fn parsed<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> Result<T, Refusal>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(|why| invalid(column, why))?;
    parse(text).map_err(|why| invalid(column, FromSqlError::other(why)))
}

/// Like [`parsed`], for a column that may be NULL.
pub(crate) fn optional<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> Result<T, Refusal>,
) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => parsed(row, column, parse).map(Some),
    }
}

/// A seq in a column.
pub(crate) fn seq(row: &Row<'_>, column: usize) -> rusqlite::Result<Seq> {
    let number: i64 = row.get(column)?;
    to_seq(number).ok_or_else(|| invalid(column, FromSqlError::OutOfRange(number)))
}

/// A seq in a column that may be NULL.
pub(crate) fn optional_seq(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Seq>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => seq(row, column).map(Some),
    }
}

/// A seq for a column.
pub(crate) fn from_seq(seq: Seq) -> i64 {
    seq.get().cast_signed()
}

/// What kind of event a row is.
pub(crate) fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<EventKind> {
    let word = row.get_ref(column)?.as_str().map_err(|why| invalid(column, why))?;
    let found = KINDS.into_iter().find(|kind| kind_word(*kind) == word);
    found.ok_or_else(|| invalid(column, FromSqlError::InvalidType))
}

/// A kind for a column.
pub(crate) fn kind_word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Message => "message",
        EventKind::Announcement => "announcement",
        EventKind::Topic => "topic",
        EventKind::Edit => "edit",
        EventKind::Delete => "delete",
        EventKind::Reaction => "reaction",
        EventKind::Notice => "notice",
    }
}

/// What somebody may do.
pub(crate) fn role(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    let word = row.get_ref(column)?.as_str().map_err(|why| invalid(column, why))?;
    let found = [Role::Member, Role::Operator].into_iter().find(|role| role_word(*role) == word);
    found.ok_or_else(|| invalid(column, FromSqlError::InvalidType))
}

/// A role for a column.
pub(crate) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Operator => "operator",
    }
}

/// A setting of SQLite's, whatever its type, as text.
pub(crate) fn word(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => number.to_string(),
        value => value.as_str().map_err(|why| invalid(column, why))?.to_owned(),
    })
}

const KINDS: [EventKind; 7] = [
    EventKind::Message,
    EventKind::Announcement,
    EventKind::Topic,
    EventKind::Edit,
    EventKind::Delete,
    EventKind::Reaction,
    EventKind::Notice,
];

fn to_seq(number: i64) -> Option<Seq> {
    u64::try_from(number).ok().and_then(Seq::new)
}

fn invalid(column: usize, why: FromSqlError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(why))
}
