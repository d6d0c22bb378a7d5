//! One own message, and how far it is. PURE.

use std::time::Duration;

use protocol::{Addressee, EventKind, MessageText, RequestId, RoomName, Seq, Timestamp};

use crate::place::Place;

/// One own message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The same at every attempt.
    pub id: RequestId,
    /// Where it is shown.
    pub place: Place,
    /// To whom it goes as a `direct`; without it is said in the room of its place. Once it was
    /// tried this never changes: under its id the hub would not know it again.
    pub to: Option<Addressee>,
    /// The message that it answers.
    pub reply_to: Option<Seq>,
    /// Whether it is an announcement: to everyone, where its place is the room of those.
    pub announces: bool,
    /// What was written. `/me waves` is sent as it was typed, as in XEP-0245.
    pub text: MessageText,
    /// When it was typed, by the wall clock.
    pub typed: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// Whether the hub may have it already.
    pub tried: bool,
}

/// How far an own message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits: `…`.
    Queued,
    /// It is on its way: no mark, or `·` once it is `late`.
    Sent {
        /// Since when.
        since: Duration,
        /// Whether that is longer than [`super::MARK_AFTER`].
        late: bool,
    },
    /// It is stored; its event comes soon. No mark.
    Stored {
        /// Where in the log.
        seq: Seq,
    },
    /// It cannot go, and does not until the user wants it: `! why`.
    Failed {
        /// One sentence.
        why: String,
        /// Whether the hub refused this one itself, so that nothing is stored under its id. Where
        /// it refused the room, an attempt of before may have been stored.
        is_refused: bool,
    },
}

impl Outgoing {
    /// What one types to send it.
    pub(crate) fn line(&self) -> String {
        match self.place.room() {
            _ if !self.announces => self.text.to_string(),
            Some(_) if self.is_to_all() => format!("/announce --all {}", self.text),
            Some(_) | None => format!("/announce {}", self.text),
        }
    }

    /// Whether it announces something to everyone, and is shown in every room.
    pub(crate) fn is_to_all(&self) -> bool {
        self.announces && self.place.room() == Some(&RoomName::announcements())
    }

    /// What its event will be.
    pub(crate) fn kind(&self) -> EventKind {
        if self.announces { EventKind::Announcement } else { EventKind::Message }
    }

    pub(super) fn is_sent(&self) -> bool {
        matches!(self.stage, Stage::Sent { .. })
    }

    pub(super) fn is_stored(&self) -> bool {
        matches!(self.stage, Stage::Stored { .. })
    }

    /// Whether the hub has neither stored nor refused it.
    pub(crate) fn is_unsent(&self) -> bool {
        self.is_sent() || self.stage == Stage::Queued
    }

    /// Whether it cannot go.
    pub(crate) fn is_failed(&self) -> bool {
        matches!(self.stage, Stage::Failed { .. })
    }

    /// It is shown in another place: a private conversation got its room, or lost it, and is with
    /// `peer` then. Whether it is addressed otherwise now. The room is of two identities, so what
    /// the hub cannot know yet is said there: the name may be somebody else's before it goes.
    pub(super) fn moved(&mut self, to: &Place, peer: Option<&Addressee>) -> bool {
        self.place = to.clone();
        let before = self.to.clone();
        self.to = match to {
            Place::Room(_) if !self.tried => None,
            Place::Room(_) => before.clone(),
            Place::Peer(_) => before.clone().or_else(|| peer.cloned()),
        };
        self.to != before
    }

    /// It goes again. One that was refused itself is a new one, under the new id, and said in its
    /// room if there is one by now; any other may be stored, and is what it was.
    pub(super) fn retry_as(&mut self, id: RequestId) {
        let before = std::mem::replace(&mut self.stage, Stage::Queued);
        if !matches!(before, Stage::Failed { is_refused: true, .. }) {
            return;
        }
        (self.id, self.tried) = (id, false);
        if matches!(self.place, Place::Room(_)) {
            self.to = None;
        }
    }
}
