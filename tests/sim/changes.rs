//! Edits and deletions: how they come about, and what may be told of what they change.

use protocol::{RoomEvent, Seq};
use server::ledger::{Decision, Outcome};

use super::{
    client::{Message, State, What},
    plan::{Checked, Promise, check, pick},
    truth::{Entry, Log, Truth},
    world::World,
};

/// How many of the newest messages are changed more often than others.
const NEWEST: usize = 4;

impl World {
    /// Somebody edits a message or takes it back: mostly their own.
    pub(crate) fn change(&mut self, client: usize, is_edit: bool) {
        let is_own = self.rng.u32(0..6) > 0;
        let author = if is_own { client } else { self.rng.usize(..self.clients.len()) };
        let mut said: Vec<_> = self.clients[author].outbox.iter().filter_map(place_of).collect();
        if self.rng.bool() {
            said.drain(..said.len().saturating_sub(NEWEST));
        }
        if said.is_empty() {
            return;
        }
        let (room, seq) = pick(&mut self.rng, &said).clone();
        let is_gone = self.truth.entry(&room, seq).is_none_or(|entry| entry.erased.is_some());
        self.counts.add(match is_edit {
            _ if is_gone || !is_own => "change of what is another's, or gone",
            true => "message edited",
            false => "message deleted",
        });
        if !is_edit && self.rng.bool() {
            // Somebody reads it while it is being deleted.
            let reader = self.rng.usize(..self.clients.len());
            self.look_back(reader, room.clone(), seq.get() + 5);
        }
        let what =
            if is_edit { What::Edit(room, seq, self.text()) } else { What::Delete(room, seq) };
        self.clients[client].say(what);
        self.send_due(client);
    }
}

/// Where a message is, if that is known.
fn place_of(message: &Message) -> Option<(protocol::RoomName, Seq)> {
    match (&message.what, &message.state) {
        (What::Say(..) | What::Direct(..) | What::Announce(..), State::Acked(room, seq)) => {
            Some((room.clone(), *seq))
        }
        _ => None,
    }
}

impl Truth {
    /// What was said in a batch: it may be erased by the end of the same batch.
    pub(crate) fn note_words(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            if let Decision::Stored { event, .. } = &outcome.decision
                && let Some(text) = &event.text
            {
                self.words.insert((event.room.clone(), event.seq.get()), text.to_string());
            }
        }
    }

    /// A connection that was attached at this head is told an event of a log.
    pub(crate) fn saw(&self, event: &RoomEvent, head: u64) -> Checked {
        let (log, kept) = self.same(event)?;
        let is_known = kept.erased.is_some_and(|at| at <= head);
        log.check_words(event, kept, is_known, None)
    }

    /// An event is told in a page, to a connection that knows of everything up to `known`.
    pub(crate) fn saw_in_page(&self, event: &RoomEvent, as_of: u64, known: u64) -> Checked {
        let (log, kept) = self.same(event)?;
        let is_known = kept.erased.is_some_and(|at| at <= as_of.max(known));
        log.check_words(event, kept, is_known, Some(as_of))
    }
}

impl Log {
    /// What this new entry changes is a message that is there, of the same author if that is no
    /// operator.
    pub(crate) fn learn_change(&mut self, entry: &Entry, is_operators: bool) -> Checked {
        let Some(target) = entry.target else { return Ok(()) };
        let message = self.at(target);
        let may_be = |message: &Entry| {
            let is_free = entry.kind == "delete" || message.kind == "message";
            let may = is_operators || message.by == entry.by && is_free;
            message.is_message() && may && message.erased.is_none()
        };
        check(message.is_some_and(may_be), Promise::Changed, || {
            format!("{entry:?} is stored, and changes {message:?}")
        })?;
        if entry.kind == "delete" {
            let is_of_it = |it: &&mut Entry| {
                it.seq == target || it.kind == "edit" && it.target == Some(target)
            };
            for erased in self.entries.iter_mut().filter(is_of_it) {
                erased.erased = Some(entry.seq);
            }
        }
        Ok(())
    }

    fn at(&self, seq: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(seq).ok()?.checked_sub(1)?)
    }

    /// What is told of an entry: all of it as of some seq, or nothing of what is deleted.
    fn check_words(
        &self,
        event: &RoomEvent,
        kept: &Entry,
        must_be_gone: bool,
        as_of: Option<u64>,
    ) -> Checked {
        let is_right = match &event.text {
            None => self.is_gone(event, kept),
            Some(_) if must_be_gone || event.deleted.is_some() => false,
            Some(text) => self.reads(event, kept, text.as_str(), as_of),
        };
        check(is_right, Promise::Changed, || {
            format!("{kept:?} as of {as_of:?} is told as {event:?}")
        })
    }

    /// Whether it is right that there is no text.
    fn is_gone(&self, event: &RoomEvent, kept: &Entry) -> bool {
        let deleted = event.deleted.as_ref().map(|it| (it.seq.get(), it.by.as_str()));
        let by = |at| self.at(at).map(|deletion| (at, deletion.by.as_str()));
        let is_alike = match kept.erased {
            Some(at) if kept.is_message() => deleted == by(at),
            Some(_) => deleted.is_none(),
            None => kept.text.is_none() && deleted.is_none(),
        };
        is_alike && event.edited.is_none()
    }

    /// Whether this is how it read as of some seq.
    fn reads(&self, event: &RoomEvent, kept: &Entry, text: &str, as_of: Option<u64>) -> bool {
        let is_edit = |it: &&Entry| it.kind == "edit" && it.target == Some(kept.seq);
        let is_known = |it: &&Entry| as_of.is_some_and(|as_of| it.seq <= as_of);
        let last = self.entries.iter().filter(is_edit).rfind(is_known);
        let Some(edited) = &event.edited else {
            return last.is_none() && kept.text.as_deref() == Some(text);
        };
        let edit = self.at(edited.seq.get()).filter(is_edit);
        let is_last = as_of.is_none() || last == edit;
        let is_same = |it: &Entry| it.at == edited.at.0 && it.text.as_deref() == Some(text);
        is_last && edit.is_some_and(is_same)
    }
}
