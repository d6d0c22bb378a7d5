//! The dialects of clients that know nothing of us: each thing said is somebody and some words,
//! as a line of text or as an object. PURE.
//!
//! What the hub itself says is said by `System`, a name that nobody can have. What is no plain
//! message has a speaker that is no name either, so that no message looks like it.

use bytes::{Bytes, BytesMut};
use protocol::{EventKind, RoomEvent, ServerFrame, server::Presence};
use serde::Serialize;

use super::{frame, lens::Between};

/// Who says what the hub says.
const SYSTEM: &str = "System";

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// `NAME: TEXT`
    Text,
    /// `{"user":…,"message":…}`
    UserMessage,
}

/// Somebody and some words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Line {
    user: String,
    message: String,
}

impl Line {
    fn by(user: impl Into<String>, message: impl Into<String>) -> Self {
        Self { user: user.into(), message: message.into() }
    }

    fn system(message: impl Into<String>) -> Self {
        Self::by(SYSTEM, message)
    }
}

/// An event, as it goes out; empty if it says nothing here.
pub(super) fn encode_event(event: &RoomEvent, form: Form, between: Option<&Between>) -> Bytes {
    said(event, between).map_or_else(Bytes::new, |line| encoded(&[line], form))
}

/// A frame, as it goes out; empty if it says nothing here.
pub(super) fn encode(frame: &ServerFrame, form: Form) -> Bytes {
    encoded(&told(frame), form)
}

fn said(event: &RoomEvent, between: Option<&Between>) -> Option<Line> {
    let RoomEvent { from, kind, text, .. } = event;
    let text = text.as_ref().map(protocol::MessageText::as_str);
    match kind {
        EventKind::Message => Some(Line::by(speaker(event, between), text?)),
        EventKind::Announcement => Some(Line::by(format!("*** ANNOUNCEMENT by {from}"), text?)),
        EventKind::Topic => Some(Line::system(match text {
            Some(topic) => format!("{from} changed the topic to: {topic}"),
            None => format!("{from} cleared the topic"),
        })),
        EventKind::Edit => text.map(|text| Line::system(format!("{from} changed it to: {text}"))),
        EventKind::Delete => Some(Line::system(format!("{from} deleted a message"))),
        EventKind::Notice => text.map(Line::system),
        EventKind::Reaction => None,
    }
}

fn speaker(event: &RoomEvent, between: Option<&Between>) -> String {
    match between {
        None => event.from.to_string(),
        Some(Between { reader, peer }) if event.by == *reader => format!("[you -> {peer}]"),
        Some(_) => format!("[{} -> you]", event.from),
    }
}

fn told(frame: &ServerFrame) -> Vec<Line> {
    match frame {
        ServerFrame::Presence(presence) => moved(presence),
        ServerFrame::Error(error) => vec![Line::system(&*error.text)],
        _ => Vec::new(),
    }
}

fn moved(presence: &Presence) -> Vec<Line> {
    let left = presence.left.iter().map(|name| format!("{name} left"));
    let renamed = presence.renamed.iter();
    let renamed = renamed.map(|it| format!("{} is now known as {}", it.from, it.to));
    let joined = presence.joined.iter().map(|member| format!("{} joined", member.name));
    left.chain(renamed).chain(joined).map(Line::system).collect()
}

fn encoded(lines: &[Line], form: Form) -> Bytes {
    let mut bytes = BytesMut::new();
    for line in lines {
        match form {
            Form::UserMessage => bytes.extend_from_slice(&frame::text(line)),
            Form::Text => {
                for text in texts(line) {
                    bytes.extend_from_slice(&frame::plain(&text));
                }
            }
        }
    }
    bytes.freeze()
}

/// Each line of what somebody said begins with who it was, so that none looks like another one's.
fn texts(line: &Line) -> impl Iterator<Item = String> {
    let colon = if line.user.ends_with(']') { "" } else { ":" };
    line.message.split('\n').map(move |text| format!("{}{colon} {text}", line.user))
}
