//! The dialects of clients that know nothing of us: each thing said is somebody and some words,
//! as a line of text or as an object. PURE.
//!
//! What the hub itself says is said by `System`, a name that nobody can have. What is no plain
//! message has a speaker that is no name either, so that no message looks like it. And each line
//! begins with its speaker, whoever's words are in it, so that none looks like another one's.

use bytes::{Bytes, BytesMut};
use protocol::{
    EventKind, RoomEvent, RoomName, ServerFrame, UserName,
    server::{Bye, ByeReason, ErrorFrame, Gap, GapReason, Members},
};
use serde::Serialize;

use super::{frame, lens::Between};
use crate::hub::effect::Move;

/// Who says what the hub says.
const SYSTEM: &str = "System";
/// How our own clients write what somebody does.
const ACTION: &str = "/me ";
/// What ends a line for somebody: all that are allowed in a text.
const LINE_ENDS: [char; 3] = ['\n', '\u{2028}', '\u{2029}'];

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// `NAME: TEXT`
    Text,
    /// `{"user":…,"message":…}`
    UserMessage,
}

/// Somebody and some words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    speaker: String,
    /// What stands before the words in each of their lines.
    lead: String,
    words: String,
}

/// A line of it, as an object.
#[derive(Serialize)]
struct Line<'a> {
    user: &'a str,
    message: &'a str,
}

impl Said {
    fn by(speaker: impl Into<String>, words: impl Into<String>) -> Self {
        Self { speaker: speaker.into(), lead: String::new(), words: words.into() }
    }

    fn system(words: impl Into<String>) -> Self {
        Self::by(SYSTEM, words)
    }

    /// What the hub says of somebody's words.
    fn of_words(lead: String, words: &str) -> Self {
        Self { lead, ..Self::system(words) }
    }

    fn encode(&self, form: Form, bytes: &mut BytesMut) {
        let Self { speaker, lead, words } = self;
        let colon = if speaker.ends_with(']') { "" } else { ":" };
        for line in words.split(LINE_ENDS) {
            let message = format!("{lead}{line}");
            bytes.extend_from_slice(&match form {
                Form::Text => frame::plain(&format!("{speaker}{colon} {message}")),
                Form::UserMessage => frame::text(&Line { user: speaker, message: &message }),
            });
        }
    }
}

/// A sentence of the hub in one line, as the text of a frame.
pub(super) fn sentence(text: &str, form: Form) -> String {
    let line = Line { user: SYSTEM, message: text };
    match form {
        Form::Text => format!("{SYSTEM}: {text}"),
        // Two strings: this does not fail.
        Form::UserMessage => serde_json::to_string(&line).unwrap_or_default(),
    }
}

/// An event, as it goes out; empty if it says nothing here.
pub(super) fn encode_event(event: &RoomEvent, form: Form, between: Option<&Between>) -> Bytes {
    encoded(said(event, between), form)
}

/// A frame, as it goes out; empty if it says nothing here.
pub(super) fn encode(frame: &ServerFrame, form: Form) -> Bytes {
    encoded(told(frame), form)
}

/// Who came, went or changed their name, as it goes out.
pub(super) fn encode_moves(moves: &[Move], form: Form) -> Bytes {
    encoded(moves.iter().map(moved), form)
}

fn encoded(all: impl IntoIterator<Item = Said>, form: Form) -> Bytes {
    let mut bytes = BytesMut::new();
    all.into_iter().for_each(|said| said.encode(form, &mut bytes));
    bytes.freeze()
}

fn said(event: &RoomEvent, between: Option<&Between>) -> Option<Said> {
    let RoomEvent { from, kind, text, .. } = event;
    let text = text.as_ref().map(protocol::MessageText::as_str);
    match kind {
        EventKind::Announcement => Some(announced(from, text?)),
        EventKind::Message if event.room == RoomName::announcements() => {
            Some(announced(from, text?))
        }
        EventKind::Message => Some(Said::by(speaker(event, between), words(text?))),
        EventKind::Topic => Some(match text {
            Some(topic) => Said::of_words(format!("{from} changed the topic to: "), topic),
            None => Said::system(format!("{from} cleared the topic")),
        }),
        EventKind::Edit => Some(Said::of_words(format!("{from} changed a message to: "), text?)),
        EventKind::Delete => Some(Said::system(format!("{from} deleted a message"))),
        EventKind::Notice => text.map(Said::system),
        EventKind::Reaction => None,
    }
}

fn announced(from: &UserName, text: &str) -> Said {
    Said::by(format!("*** ANNOUNCEMENT by {from}"), text)
}

fn speaker(event: &RoomEvent, between: Option<&Between>) -> String {
    match between {
        None => event.from.to_string(),
        Some(Between { reader, peer }) if event.by == *reader => format!("[you -> {peer}]"),
        Some(_) => format!("[{} -> you]", event.from),
    }
}

fn words(text: &str) -> String {
    match text.strip_prefix(ACTION) {
        Some(action) if !action.contains(LINE_ENDS) => format!("*{action}*"),
        _ => text.to_owned(),
    }
}

fn told(frame: &ServerFrame) -> Option<Said> {
    match frame {
        ServerFrame::Error(error) => Some(Said::system(refused(error))),
        ServerFrame::Members(members) if members.id.is_some() => Some(Said::system(here(members))),
        ServerFrame::Gap(gap) => Some(Said::system(missing(gap))),
        ServerFrame::Bye(bye) => Some(Said::system(goodbye(bye))),
        _ => None,
    }
}

fn refused(error: &ErrorFrame) -> String {
    match &error.suggest {
        Some(name) => format!("{}: {name} is free", error.text),
        None => error.text.clone(),
    }
}

fn here(members: &Members) -> String {
    let name = |member: &protocol::server::Member| match member.away {
        Some(_) => format!("{} (away)", member.name),
        None => member.name.to_string(),
    };
    let names: Vec<_> = members.members.iter().map(name).collect();
    let and_more = if members.more { " and more" } else { "" };
    format!("{} here: {}{and_more}", names.len(), names.join(", "))
}

fn missing(gap: &Gap) -> String {
    let entries = gap.to.get().saturating_sub(gap.from.previous().get());
    match gap.reason {
        GapReason::Retention => format!("{entries} older entries are no longer kept"),
        GapReason::Epoch => "the log begins anew here; what was before is another one".to_owned(),
    }
}

fn goodbye(bye: &Bye) -> &'static str {
    match bye.reason {
        ByeReason::Restart => "the hub starts again; come back in a moment",
        ByeReason::Shutdown => "the hub stops",
        ByeReason::Kicked => "you were asked to leave",
        ByeReason::Banned => "you are not welcome here",
        ByeReason::Idle => "you said nothing for too long; come back any time",
    }
}

fn moved(it: &Move) -> Said {
    Said::system(match it {
        Move::Joined(name) => format!("{name} joined"),
        Move::Left(name) => format!("{name} left"),
        Move::Renamed(from, to) => format!("{from} is now known as {to}"),
    })
}

#[cfg(test)]
mod tests;
