//! Own messages that are not in a room's log yet: sent again under the same id until the hub
//! has stored them or refused them for good. One is in flight for each place. PURE.

use std::{collections::HashMap, time::Duration};

use protocol::{MessageText, RequestId, Seq, Timestamp};

use crate::place::Place;

/// Most messages that wait. More than a person types in a day offline; then the draft stays.
pub const OUTBOX_MAX: usize = 1000;
/// How long a message may be on its way before a mark says so.
pub const MARK_AFTER: Duration = Duration::from_millis(500);

/// Own messages that are not in a room's log yet, in typing order.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    pub(crate) messages: Vec<Outgoing>,
    /// Until when the hub asked to be left alone, by place.
    pub(crate) paused: HashMap<Place, Duration>,
}

/// One own message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The same at every attempt.
    pub id: RequestId,
    /// Where it goes.
    pub place: Place,
    /// What was written. `/me waves` is sent as it was typed, as in XEP-0245.
    pub text: MessageText,
    /// When it was typed, by the wall clock.
    pub typed: Timestamp,
    /// How far it is.
    pub stage: Stage,
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
        /// Whether that is longer than [`MARK_AFTER`].
        late: bool,
    },
    /// It is stored; its event comes soon. No mark.
    Stored {
        /// Where in the log.
        seq: Seq,
    },
    /// It was refused for good: `! why`.
    Failed {
        /// One sentence.
        why: String,
    },
}

impl Outbox {
    /// The messages for one place, in typing order: the tail below its newest event.
    pub fn tail<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Outgoing> {
        self.messages.iter().filter(move |message| message.place == *place)
    }
}
