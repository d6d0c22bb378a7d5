//! Own messages that are not in a room's log yet: sent again under the same id until the hub
//! has stored them or refused them for good. One is in flight for each place. PURE.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use protocol::{MessageText, RequestId, Seq, Timestamp};

use crate::place::Place;

/// Most messages that wait. More than a person types in a day offline; then the draft stays.
pub const OUTBOX_MAX: usize = 1000;
/// How long a message may be on its way before a mark says so.
pub const MARK_AFTER: Duration = Duration::from_millis(500);

/// Own messages that are not in a room's log yet, in typing order.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    messages: Vec<Outgoing>,
    /// Until when the hub asked to be left alone, by place.
    paused: HashMap<Place, Duration>,
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

impl Outgoing {
    fn is_sent(&self) -> bool {
        matches!(self.stage, Stage::Sent { .. })
    }

    /// Whether the hub has neither stored nor refused it.
    pub(crate) fn is_unsent(&self) -> bool {
        self.is_sent() || self.stage == Stage::Queued
    }

    /// Whether it was refused for good.
    pub(crate) fn is_failed(&self) -> bool {
        matches!(self.stage, Stage::Failed { .. })
    }
}

impl Outbox {
    /// The messages for one place, in typing order: the tail below its newest event.
    pub fn tail<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Outgoing> {
        self.messages.iter().filter(move |message| message.place == *place)
    }

    /// Where messages go, one for each.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        self.messages.iter().map(|message| &message.place)
    }

    /// How many messages the hub has not stored, refused ones among them.
    pub fn unsent(&self) -> usize {
        self.messages.iter().filter(|message| message.is_unsent() || message.is_failed()).count()
    }

    /// Whether `more` messages can be taken.
    pub(crate) fn has_room_for(&self, more: usize) -> bool {
        self.messages.len() + more <= OUTBOX_MAX
    }

    pub(crate) fn push(&mut self, message: Outgoing) {
        self.messages.push(message);
    }

    /// Takes the next message of each place that has none in flight and may send, and marks
    /// them as sent.
    pub(crate) fn next(
        &mut self,
        now: Duration,
        may_send: impl Fn(&Place) -> bool,
    ) -> Vec<Outgoing> {
        self.paused.retain(|_, until| *until > now);
        if self.messages.is_empty() {
            return Vec::new();
        }
        let mut busy: HashSet<Place> = self.paused.keys().cloned().collect();
        let sent = self.messages.iter().filter(|message| message.is_sent());
        busy.extend(sent.map(|message| message.place.clone()));
        let mut next = Vec::new();
        for message in &mut self.messages {
            if message.stage != Stage::Queued || !may_send(&message.place) {
                continue;
            }
            if busy.insert(message.place.clone()) {
                message.stage = Stage::Sent { since: now, late: false };
                next.push(message.clone());
            }
        }
        next
    }

    /// The hub stored it at `seq` of `place`.
    pub(crate) fn stored(&mut self, id: &RequestId, place: &Place, seq: Seq) {
        if let Some(message) = self.find(id) {
            message.stage = Stage::Stored { seq };
            message.place = place.clone();
        }
    }

    /// Its event is there, so it is in the log and no longer in the tail.
    pub(crate) fn seen(&mut self, id: &RequestId) {
        self.messages.retain(|message| message.id != *id);
    }

    /// Everything of `place` up to `newest` has come: what was stored there is in the log.
    pub(crate) fn seen_up_to(&mut self, place: &Place, newest: Seq) {
        self.messages.retain(|message| {
            let is_there = matches!(message.stage, Stage::Stored { seq } if seq <= newest);
            !is_there || message.place != *place
        });
    }

    /// The hub cannot take it now: it and those behind it wait.
    pub(crate) fn postpone(&mut self, id: &RequestId, until: Duration) {
        if let Some(message) = self.find(id) {
            message.stage = Stage::Queued;
            let place = message.place.clone();
            self.paused.insert(place, until);
        }
    }

    /// The hub refused it for good.
    pub(crate) fn fail(&mut self, id: &RequestId, why: String) {
        if let Some(message) = self.find(id) {
            message.stage = Stage::Failed { why };
        }
    }

    /// The connection is gone: what was in flight goes again, in the old order.
    pub(crate) fn connection_lost(&mut self) {
        self.paused.clear();
        for message in self.messages.iter_mut().filter(|message| message.is_sent()) {
            message.stage = Stage::Queued;
        }
    }

    /// The failed messages of `place` go again, each under a new id: a final refusal means that
    /// nothing was stored under the old one.
    pub(crate) fn retry(&mut self, place: &Place, mut new_id: impl FnMut() -> RequestId) -> usize {
        let mut count = 0;
        let of_place = self.messages.iter_mut().filter(|message| message.place == *place);
        for message in of_place.filter(|message| message.is_failed()) {
            message.id = new_id();
            message.stage = Stage::Queued;
            count += 1;
        }
        count
    }

    /// Gives the failed messages of `place` up.
    pub(crate) fn discard(&mut self, place: &Place) -> usize {
        let before = self.messages.len();
        self.messages.retain(|message| message.place != *place || !message.is_failed());
        before - self.messages.len()
    }

    /// The log of `place` has what was stored, and its events come no more.
    pub(crate) fn forget_stored(&mut self, place: &Place) {
        let is_stored = |message: &Outgoing| matches!(message.stage, Stage::Stored { .. });
        self.messages.retain(|message| message.place != *place || !is_stored(message));
    }

    /// Takes one message out.
    pub(crate) fn remove(&mut self, id: &RequestId) -> Option<Outgoing> {
        let index = self.messages.iter().position(|message| message.id == *id)?;
        Some(self.messages.remove(index))
    }

    /// The message of this id.
    pub(crate) fn get(&self, id: &RequestId) -> Option<&Outgoing> {
        self.messages.iter().find(|message| message.id == *id)
    }

    /// A private conversation got its room.
    pub(crate) fn moved(&mut self, from: &Place, to: &Place) {
        for message in self.messages.iter_mut().filter(|message| message.place == *from) {
            message.place = to.clone();
        }
        if let Some(until) = self.paused.remove(from) {
            self.paused.insert(to.clone(), until);
        }
    }

    /// When something of this changes by itself.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let marks = self.messages.iter().filter_map(|message| {
            let Stage::Sent { since, late: false } = message.stage else { return None };
            Some(since + MARK_AFTER)
        });
        marks.chain(self.paused.values().copied()).min()
    }

    /// Marks what is on its way for long.
    pub(crate) fn tick(&mut self, now: Duration) {
        for message in &mut self.messages {
            if let Stage::Sent { since, late } = &mut message.stage {
                *late |= *since + MARK_AFTER <= now;
            }
        }
    }

    fn find(&mut self, id: &RequestId) -> Option<&mut Outgoing> {
        self.messages.iter_mut().find(|message| message.id == *id)
    }
}

#[cfg(test)]
impl Outbox {
    /// The ids of all messages.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.messages.iter().map(|message| message.id.to_string()).collect()
    }

    /// The messages in flight.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &Outgoing> {
        self.messages.iter().filter(|message| message.is_sent())
    }
}
