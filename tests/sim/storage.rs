//! The ledger's threads: batches become transactions, pages are read, and what came of it is told
//! when chance says so.

use std::sync::Arc;

use protocol::{RequestId, RoomEvent, Timestamp};
use server::{
    ledger::{Act, Decision, News, Outcome, Proposal, ReadError, Retention},
    parts::page,
};

use super::{
    host::{Read, Wanted},
    plan::{Checked, Sabotage, pick},
    world::{BEGIN, Event, World, note},
};

/// What stands between an id and what [`Sabotage::NotStoredOnce`] puts behind it.
pub(crate) const MARK: &str = "--";

impl World {
    pub(crate) fn propose(&mut self, mut proposal: Proposal) {
        if self.plan.sabotage == Some(Sabotage::NotStoredOnce) {
            mark(&mut proposal);
        }
        if let Some(host) = &mut self.host {
            host.proposals.push_back(proposal);
            self.soon(Event::Ledger(self.life));
        }
    }

    /// Some of what was proposed becomes one transaction.
    pub(crate) fn ledger_turn(&mut self) -> Checked {
        let Some(host) = &mut self.host else { return Ok(()) };
        let waiting = host.proposals.len();
        if waiting == 0 && host.notes.is_empty() {
            return Ok(());
        }
        let count = self.rng.usize(waiting.min(1)..=waiting);
        let batch: Vec<_> = host.proposals.drain(..count).collect();
        let notes = std::mem::take(&mut host.notes);
        let (committed, truth) = (&mut host.committed, &mut self.truth);
        let result = host.writer.commit(&batch, &notes, |outcomes| {
            truth.note_words(&outcomes);
            committed.extend(outcomes.into_iter().map(|it| News::Decided(vec![it])));
        });
        let is_left = !host.proposals.is_empty();
        note!(self, "  committed {} {result:?}", batch.len());
        if result.is_err() {
            return self.crash();
        }
        if is_left {
            self.soon(Event::Ledger(self.life));
        }
        if self.plan.sabotage == Some(Sabotage::AckBeforeCommit) {
            self.within(50, Event::Committed(self.life));
        } else {
            self.truth.learn(&self.kept)?;
        }
        self.soon(Event::Told(self.life));
        Ok(())
    }

    /// Some of what was committed is told to the hub.
    pub(crate) fn tell_outcomes(&mut self) -> Checked {
        let Some(host) = &mut self.host else { return Ok(()) };
        let count = self.rng.usize(0..=host.committed.len());
        for mut news in host.committed.drain(..count) {
            match (self.plan.sabotage, &mut news) {
                (Some(Sabotage::NotStoredOnce), News::Decided(told)) => {
                    told.iter_mut().for_each(unmark);
                }
                (Some(Sabotage::OtherAck), News::Decided(told)) => {
                    told.iter_mut().for_each(move_retry);
                }
                _ => {}
            }
            host.news.push_back(news);
        }
        if !host.committed.is_empty() {
            self.soon(Event::Told(self.life));
        }
        self.soon(Event::Hub(self.life));
        Ok(())
    }

    /// The beginning of a room goes, if there is too much of it.
    pub(crate) fn trim(&mut self) -> Checked {
        let retention = Retention { age: None, count: self.plan.kept };
        let rooms: Vec<_> = self.truth.rooms.keys().cloned().collect();
        self.within(8_000, Event::Trim(self.life));
        let Some(host) = self.host.as_mut().filter(|_| !rooms.is_empty()) else { return Ok(()) };
        let room = pick(&mut self.rng, &rooms);
        match host.writer.trim(room, &retention, Timestamp(BEGIN)) {
            Ok(Some(trimmed)) => {
                note!(self, "  {trimmed:?}");
                self.counts.add("room trimmed");
                if let Some(host) = &mut self.host {
                    host.committed.push_back(News::Trimmed(trimmed));
                }
                self.soon(Event::Told(self.life));
                self.truth.learn(&self.kept)
            }
            Ok(None) => Ok(()),
            Err(_) => self.crash(),
        }
    }

    pub(crate) fn want(&mut self, wanted: Wanted) {
        if let Some(host) = &mut self.host {
            host.wanted.push(wanted);
            self.soon(Event::Page(self.life));
        }
    }

    /// One of the pages is read, as the log is now.
    pub(crate) fn read_page(&mut self) -> Checked {
        let is_broken = self.fails(1, "page unreadable");
        let is_marked = self.plan.sabotage == Some(Sabotage::NotStoredOnce);
        let Some(host) = &mut self.host else { return Ok(()) };
        if host.wanted.is_empty() {
            return Ok(());
        }
        let wanted = host.wanted.remove(self.rng.usize(..host.wanted.len()));
        let read = |query| match page(&host.reader, query) {
            Ok(_) if is_broken => Err(ReadError("a simulated fault".to_owned())),
            Ok(mut rows) if is_marked => {
                rows.events.iter_mut().for_each(|event| event.id = plain(&event.id));
                Ok(rows)
            }
            result => result.map_err(|why| ReadError(why.to_string())),
        };
        host.read.push(match wanted {
            Wanted::Asked(ticket, query) => Read::Asked(ticket, read(&query)),
            Wanted::Lagging(shard, wanted) => {
                self.counts.add("page for a lagging cursor");
                let result = read(&wanted.query());
                Read::Lagging(shard, wanted.read(result))
            }
        });
        if !host.wanted.is_empty() {
            self.soon(Event::Page(self.life));
        }
        self.soon(Event::PageRead(self.life));
        Ok(())
    }

    /// One of the pages that were read arrives.
    pub(crate) fn tell_page(&mut self) -> Checked {
        let Some(host) = &mut self.host else { return Ok(()) };
        if host.read.is_empty() {
            return Ok(());
        }
        let read = host.read.remove(self.rng.usize(..host.read.len()));
        let is_left = !host.read.is_empty();
        match read {
            Read::Asked(ticket, result) => {
                host.pages.push_back((ticket, result));
                self.soon(Event::Hub(self.life));
            }
            Read::Lagging(..)
                if self.plan.sabotage == Some(Sabotage::LostPage) && self.rng.bool() => {}
            Read::Lagging(shard, read) => {
                host.shards[shard].pages.push(read);
                self.soon(Event::Shard(self.life, shard));
            }
        }
        if is_left {
            self.soon(Event::PageRead(self.life));
        }
        Ok(())
    }
}

/// As if nothing were known of earlier requests: each gets an id of its own.
fn mark(proposal: &mut Proposal) {
    let ticket = proposal.ticket.0;
    if let Act::Say { id, .. }
    | Act::Direct { id, .. }
    | Act::SetTopic { id, .. }
    | Act::Edit { id, .. }
    | Act::Delete { id, .. }
    | Act::Announce { id, .. } = &mut proposal.act
    {
        let marked = format!("{id}{MARK}{}-{ticket}", proposal.at.0);
        *id = RequestId::parse(&marked).unwrap();
    }
}

fn unmark(outcome: &mut Outcome) {
    if let Decision::Stored { event, .. } = &mut outcome.decision {
        let id = plain(&event.id);
        *event = Arc::new(RoomEvent { id, ..(**event).clone() });
    }
}

fn plain(id: &RequestId) -> RequestId {
    let plain = id.as_str().split(MARK).next().unwrap_or_default();
    RequestId::parse(plain).unwrap()
}

fn move_retry(outcome: &mut Outcome) {
    if let Decision::Known { seq, .. } = &mut outcome.decision {
        *seq = seq.next();
    }
}
