//! What the subjects are fed with.

use anyhow::{Context as _, anyhow};
use std::sync::Arc;

use protocol::{
    EventKind, Identity, MessageText, Refusal, RequestId, RoomEvent, RoomName, Seq, Timestamp,
    UserName,
};
use server::parts::Encoded;

use crate::subject::Once;

/// What is said: with the frame around it, some 250 bytes.
const TEXT: &str = "What everybody in this room will see, and not much longer than people write.";
/// When.
pub(crate) const AT: Timestamp = Timestamp(1_790_000_000_000);

/// Encodes an event.
pub(crate) fn encode() -> anyhow::Result<Once> {
    let event = Arc::new(event(&room(0)?, 12_345, 0)?);
    Ok(Box::new(move || drop(std::hint::black_box(Encoded::event(&event)))))
}

/// The room of a number.
pub(crate) fn room(number: usize) -> anyhow::Result<RoomName> {
    RoomName::parse(&format!("room-{number}")).map_err(|why| refused(&why))
}

/// The person of a number.
pub(crate) fn identity(number: usize) -> Identity {
    Identity::from_bytes((number as u128).to_be_bytes())
}

/// What that person is called.
pub(crate) fn name(number: usize) -> anyhow::Result<UserName> {
    UserName::parse(&format!("person-{number}")).map_err(|why| refused(&why))
}

/// What is said.
pub(crate) fn text() -> anyhow::Result<MessageText> {
    MessageText::parse(TEXT).map_err(|why| refused(&why))
}

/// An id in the form of those that our client makes, which ascend.
pub(crate) fn id(number: usize) -> anyhow::Result<RequestId> {
    RequestId::parse(&format!("0190a6e2-6b3c-7f00-8a1b-{number:012x}")).map_err(|why| refused(&why))
}

/// The event of a room with this seq, by the person of this number.
pub(crate) fn event(room: &RoomName, seq: usize, by: usize) -> anyhow::Result<RoomEvent> {
    Ok(RoomEvent {
        room: room.clone(),
        seq: self::seq(seq)?,
        at: AT,
        from: name(by)?,
        by: identity(by),
        kind: EventKind::Message,
        id: id(seq)?,
        text: Some(text()?),
        reply_to: None,
        target: None,
        edited: None,
        deleted: None,
        reactions: Vec::new(),
    })
}

/// The seq of this number.
pub(crate) fn seq(number: usize) -> anyhow::Result<Seq> {
    Seq::new(number as u64).context("a seq")
}

/// A refusal, for who meets it where there should be none.
pub(crate) fn refused(refusal: &Refusal) -> anyhow::Error {
    anyhow!("{refusal}")
}
