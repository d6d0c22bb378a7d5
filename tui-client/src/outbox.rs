//! Own messages that are not in a room's log yet: sent again under the same id until the hub
//! has stored them or refused them for good. One is in flight for each place. What becomes of
//! them is noted, for the disk. PURE.

mod message;
mod note;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use protocol::{Addressee, RequestId, Seq};

use crate::place::Place;

pub use message::{Outgoing, Stage};
pub use note::{Kept, Note};

/// Most messages that wait. More than a person types in a day offline; then the draft stays.
pub const OUTBOX_MAX: usize = 1000;
/// How long a message may be on its way before a mark says so.
pub const MARK_AFTER: Duration = Duration::from_millis(500);
/// Most characters of a reason that are kept: a sentence, whatever a hub sends.
const WHY_MAX: usize = 200;

/// Own messages that are not in a room's log yet, in typing order.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// Each is shared with whoever draws it: a thousand may wait, and each key asks for them.
    messages: Vec<Arc<Outgoing>>,
    /// Until when the hub asked to be left alone, by place.
    paused: HashMap<Place, Duration>,
    /// What has become of them and is not handed to the shell yet.
    notes: Vec<Note>,
    /// These are addressed otherwise than is on disk, so they wait for it.
    unsettled: HashSet<RequestId>,
}

impl Outbox {
    /// The messages for one place, in typing order: the tail below its newest event.
    pub fn tail<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Outgoing> {
        self.shared(place).map(Arc::as_ref)
    }

    /// The same, to be kept.
    pub(crate) fn shared<'a>(
        &'a self,
        place: &'a Place,
    ) -> impl Iterator<Item = &'a Arc<Outgoing>> {
        self.messages.iter().filter(move |message| message.place == *place)
    }

    /// Where messages go, one for each.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        self.messages.iter().map(|message| &message.place)
    }

    /// How many messages the hub has neither stored nor refused.
    pub fn unsent(&self) -> usize {
        self.messages.iter().filter(|message| message.is_unsent()).count()
    }

    /// How many it has refused for good.
    pub fn failed(&self) -> usize {
        self.messages.iter().filter(|message| message.is_failed()).count()
    }

    /// Those, with why.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&Outgoing, &str)> {
        self.messages.iter().filter_map(|message| match &message.stage {
            Stage::Failed { why, .. } => Some((message.as_ref(), why.as_str())),
            Stage::Queued | Stage::Sent { .. } | Stage::Stored { .. } => None,
        })
    }

    /// Whether nothing waits for an answer of the hub, or for its event.
    pub(crate) fn is_settled(&self) -> bool {
        self.messages.iter().all(|message| message.is_failed())
    }

    /// Whether `more` messages can be taken.
    pub(crate) fn has_room_for(&self, more: usize) -> bool {
        self.messages.len() + more <= OUTBOX_MAX
    }

    /// Takes in what is on disk.
    pub(crate) fn extend(&mut self, messages: Vec<Outgoing>) {
        self.messages.extend(messages.into_iter().map(Arc::new));
    }

    /// What has happened since this was asked last.
    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// These notes are on disk.
    pub(crate) fn kept(&mut self, notes: &[Note]) {
        for note in notes {
            if let Note::Moved { id, .. } = note {
                self.unsettled.remove(id);
            }
        }
    }

    /// These are not, and are handed over again.
    pub(crate) fn not_kept(&mut self, notes: Vec<Note>) {
        self.notes.splice(..0, notes);
    }

    /// Another person's begins; that of before stays on disk.
    pub(crate) fn clear(&mut self) -> usize {
        let count = self.unsent() + self.failed();
        *self = Self::default();
        count
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
            let is_unsettled = self.unsettled.contains(&message.id);
            if message.stage != Stage::Queued || !may_send(&message.place) {
                continue;
            }
            // Those behind it wait, too.
            if busy.insert(message.place.clone()) && !is_unsettled {
                let message = Arc::make_mut(message);
                message.stage = Stage::Sent { since: now, late: false };
                message.tried = true;
                next.push(message.clone());
            }
        }
        next
    }

    /// Since when the message that is on its way longest is.
    pub(crate) fn sent_since(&self) -> Option<Duration> {
        let times = self.messages.iter().filter_map(|message| match message.stage {
            Stage::Sent { since, .. } => Some(since),
            Stage::Queued | Stage::Stored { .. } | Stage::Failed { .. } => None,
        });
        times.min()
    }

    /// The hub stored it at `seq` of `place`.
    pub(crate) fn stored(&mut self, id: &RequestId, place: &Place, seq: Seq) {
        let Some(message) = self.find(id) else { return };
        message.place = place.clone();
        if !message.is_stored() {
            message.stage = Stage::Stored { seq };
            self.notes.push(Note::Done(id.clone()));
        }
    }

    /// Its event is there, so it is in the log and no longer in the tail.
    pub(crate) fn seen(&mut self, id: &RequestId) {
        let found = self.remove(id);
        if found.is_some_and(|message| !message.is_stored()) {
            self.notes.push(Note::Done(id.clone()));
        }
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
    pub(crate) fn refused(&mut self, id: &RequestId, why: &str) {
        self.fail(id, why, true);
    }

    /// The hub does not let one into `place`, so that nothing can be said there.
    pub(crate) fn fail_all(&mut self, place: &Place, why: &str) {
        let unsent = self.tail(place).filter(|message| message.is_unsent());
        for id in unsent.map(|message| message.id.clone()).collect::<Vec<_>>() {
            self.fail(&id, why, false);
        }
    }

    /// The connection is gone: what was in flight goes again, in the old order.
    pub(crate) fn connection_lost(&mut self) {
        self.paused.clear();
        for message in self.messages.iter_mut().filter(|message| message.is_sent()) {
            Arc::make_mut(message).stage = Stage::Queued;
        }
    }

    /// The failed messages that are shown in `place`.
    pub(crate) fn failed_in(&self, place: &Place) -> Vec<RequestId> {
        let is_here = |message: &&Arc<Outgoing>| message.place == *place || message.is_to_all();
        let failed = self.messages.iter().filter(is_here).filter(|message| message.is_failed());
        failed.map(|message| message.id.clone()).collect()
    }

    /// Failed messages go again, under their new ids where they must.
    pub(crate) fn retry(&mut self, ids: Vec<(RequestId, RequestId)>) {
        for (id, new) in ids {
            if let Some(message) = self.find(&id) {
                message.retry_as(new);
            }
        }
    }

    /// The log of `place` has what was stored, and its events come no more.
    pub(crate) fn forget_stored(&mut self, place: &Place) {
        self.messages.retain(|message| message.place != *place || !message.is_stored());
    }

    /// What this message answers is kept no longer: it goes without that, if it goes again.
    pub(crate) fn forget_reply(&mut self, id: &RequestId) {
        if let Some(message) = self.find(id) {
            message.reply_to = None;
        }
    }

    /// The room of `place` counts anew: what these messages answer is not in it.
    pub(crate) fn forget_replies(&mut self, place: &Place) {
        for message in self.messages.iter_mut().filter(|message| message.place == *place) {
            Arc::make_mut(message).reply_to = None;
        }
    }

    /// Takes one message out.
    pub(crate) fn remove(&mut self, id: &RequestId) -> Option<Outgoing> {
        let index = self.messages.iter().position(|message| message.id == *id)?;
        Some(Arc::unwrap_or_clone(self.messages.remove(index)))
    }

    /// Takes one message out that cannot be shown.
    pub(crate) fn give_up(&mut self, id: &RequestId) -> Option<Outgoing> {
        self.notes.push(Note::GivenUp(id.clone()));
        self.remove(id)
    }

    /// The message of this id.
    pub(crate) fn get(&self, id: &RequestId) -> Option<&Outgoing> {
        self.messages.iter().map(Arc::as_ref).find(|message| message.id == *id)
    }

    /// A private conversation got its room, or lost it and is with `peer` now.
    pub(crate) fn moved(&mut self, from: &Place, to: &Place, peer: Option<&Addressee>) {
        for message in self.messages.iter_mut().filter(|message| message.place == *from) {
            let message = Arc::make_mut(message);
            let goes_elsewhere = message.moved(to, peer);
            if !message.is_stored() {
                if goes_elsewhere {
                    self.unsettled.insert(message.id.clone());
                }
                let (id, place) = (message.id.clone(), to.clone());
                self.notes.push(Note::Moved { id, place, to: message.to.clone() });
            }
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
            if let Stage::Sent { since, late: false } = message.stage
                && since + MARK_AFTER <= now
            {
                Arc::make_mut(message).stage = Stage::Sent { since, late: true };
            }
        }
    }

    fn fail(&mut self, id: &RequestId, why: &str, is_refused: bool) {
        let why: String = why.chars().take(WHY_MAX).collect();
        if let Some(message) = self.find(id) {
            message.stage = Stage::Failed { why: why.clone(), is_refused };
            self.notes.push(Note::Failed { id: id.clone(), why, is_refused });
        }
    }

    fn find(&mut self, id: &RequestId) -> Option<&mut Outgoing> {
        let message = self.messages.iter_mut().find(|message| message.id == *id);
        message.map(Arc::make_mut)
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
        self.messages.iter().map(Arc::as_ref).filter(|message| message.is_sent())
    }
}
