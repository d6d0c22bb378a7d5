//! How a follower sees a room: in which dialect, and as whom. PURE.
//!
//! Those who see a room alike share its ring and its pages.

use bytes::Bytes;
use protocol::{
    Epoch, Identity, RoomEvent, Seq, ServerFrame, UserName,
    server::{Gap, Joined},
};

use super::{
    Dialect, events,
    lines::{self, Form},
    typed,
};
use crate::hub::effect::Move;

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

    /// That a connection follows the room from here on: it has everything up to `after`, and what
    /// is in `gap` will not come.
    pub(crate) fn encode_joined(&self, joined: Joined, gap: Option<Gap>, after: Seq) -> [Bytes; 2] {
        let gap_frame = gap.map_or_else(Bytes::new, |gap| self.encode(&ServerFrame::Gap(gap)));
        let begin = match self {
            // A gap has an id of its own: who was not told of it yet must not resume behind it.
            Self::Events(_) if !gap_frame.is_empty() => Bytes::new(),
            Self::Events(epoch) => events::encode_begin(epoch, after),
            Self::Typed | Self::Lines(..) => self.encode(&ServerFrame::Joined(joined)),
        };
        [begin, gap_frame]
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

    /// Who came, went or changed their name, one by one; in a private room nobody does.
    pub(crate) fn encode_moves(&self, moves: &[Move]) -> Bytes {
        match self {
            Self::Lines(form, None) => lines::encode_moves(moves, *form),
            Self::Typed | Self::Lines(_, Some(_)) | Self::Events(_) => Bytes::new(),
        }
    }
}
