//! How a follower sees a room: in which dialect, and as whom. PURE.
//!
//! Those who see a room alike share its ring and its pages.

use bytes::Bytes;
use protocol::{Epoch, Identity, RoomEvent, Seq, ServerFrame, UserName, server::Joined};

use super::{
    Dialect, events,
    lines::{self, Form},
    typed,
};

/// How a room is seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lens {
    /// As it is.
    Typed,
    /// As lines. In a private room it matters who reads.
    Lines(Form, Option<Between>),
    /// As Server-Sent Events, whose ids begin with the epoch.
    Events(Epoch),
}

/// The two people of a private room, as one of them sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Between {
    /// Who reads.
    pub(crate) reader: Identity,
    /// What the other one was called when this began.
    pub(crate) peer: UserName,
}

impl Lens {
    /// How a connection that speaks `dialect` sees a room, as `reader` in a private one.
    pub(crate) fn of(dialect: Dialect, joined: &Joined, reader: Option<Identity>) -> Self {
        let between = || {
            let (reader, peer) = (reader?, joined.peer.clone()?);
            Some(Between { reader, peer })
        };
        match dialect {
            Dialect::Typed => Self::Typed,
            Dialect::Text => Self::Lines(Form::Text, between()),
            Dialect::UserMessage => Self::Lines(Form::UserMessage, between()),
            Dialect::Events => Self::Events(joined.epoch.clone()),
        }
    }

    /// That a connection follows the room from here on: it has everything up to `after`.
    pub(crate) fn encode_joined(&self, joined: Joined, after: Seq) -> Bytes {
        match self {
            Self::Events(epoch) => events::encode_begin(epoch, after),
            Self::Typed | Self::Lines(..) => self.encode(&ServerFrame::Joined(joined)),
        }
    }

    /// An event, as it goes out; empty if it says nothing here.
    pub(crate) fn encode_event(&self, event: &RoomEvent) -> Bytes {
        match self {
            Self::Typed => typed::encode_event(event),
            Self::Lines(form, between) => lines::encode_event(event, *form, between.as_ref()),
            Self::Events(epoch) => events::encode_event(event, epoch),
        }
    }

    /// What is told beside events, as it goes out; empty if it says nothing here.
    pub(crate) fn encode(&self, frame: &ServerFrame) -> Bytes {
        match self {
            Self::Typed => typed::encode(frame),
            Self::Lines(form, _) => lines::encode(frame, *form),
            Self::Events(epoch) => events::encode_in_room(frame, epoch),
        }
    }
}
