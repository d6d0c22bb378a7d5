//! A ledger in memory: the real decisions, and a log that is a list.

use std::{collections::BTreeMap, sync::Arc};

use protocol::{
    Deleted, Epoch, ErrorCode, EventKind, HubId, Identity, Refusal, RequestId, RoomEvent, RoomName,
    Seq, Timestamp, server::Durability,
};

use super::harness::BEGIN;
use crate::ledger::{
    Act, Decision, Outcome, PageQuery, PageRange, PageRows, Proposal, ReadRecord, Snapshot,
    apply::{Entry, NewEvent, State},
    changes::Target,
    retry::Found,
};

/// The model.
#[derive(Default)]
pub(super) struct ModelLedger {
    state: State,
    logs: BTreeMap<RoomName, Vec<Arc<RoomEvent>>>,
    keys: BTreeMap<(Identity, RequestId), Found>,
    read: BTreeMap<(Identity, RoomName), Seq>,
    /// How often somebody's marker was written.
    pub(super) kept_markers: usize,
    /// Whether the disk is full.
    pub(super) is_full: bool,
}

impl ModelLedger {
    /// What a hub is told at its start.
    pub(super) fn snapshot(&self, epoch: u8) -> Snapshot {
        let mut people = self.state.authority.records();
        people.sort_by(|one, other| one.identity.cmp(&other.identity));
        let mut rooms = self.state.room_records();
        rooms.sort_by(|one, other| one.room.cmp(&other.room));
        let record = |((identity, room), seq): (&(Identity, RoomName), &Seq)| ReadRecord {
            identity: identity.clone(),
            room: room.clone(),
            seq: *seq,
        };
        Snapshot {
            hub: HubId::from_bytes([7; 16]),
            epoch: Epoch::from_bytes([epoch; 8]),
            durability: Durability::Memory,
            newest: BEGIN,
            rooms,
            people,
            read: self.read.iter().map(record).collect(),
            tokens: self.state.authority.tokens.records(),
        }
    }

    /// Decides.
    pub(super) fn decide(&mut self, proposal: &Proposal) -> Outcome {
        let ticket = proposal.ticket;
        if self.is_full {
            let refusal = Refusal::new(ErrorCode::Storage, "the disk is full");
            let decision = Decision::Refused { refusal, retry_after_ms: Some(1000) };
            return Outcome { ticket, decision };
        }
        let key = proposal.act.id().map(|id| (proposal.by.clone(), id.clone()));
        let found = key.as_ref().and_then(|key| self.keys.get(key));
        let decision =
            match (found, self.state.decide(proposal, self.target(&proposal.act).as_ref())) {
                (Some(found), _) => self.state.retry(proposal, found),
                (None, Ok(Entry::Event(new))) => self.store(&new),
                (None, Ok(Entry::Claim { by, name, at })) => {
                    let claimed = self.state.authority.claim(&by, &name, at);
                    let role = self.state.authority.role(&by);
                    Decision::Claimed { name: claimed.name, before: claimed.before, role }
                }
                (None, Ok(Entry::Grant(grant))) => self.state.authority.grant(&grant).decision,
                (None, Err(refusal)) => Decision::Refused { refusal, retry_after_ms: None },
            };
        Outcome { ticket, decision }
    }

    fn store(&mut self, new: &NewEvent) -> Decision {
        let private = self.state.advance(new);
        let event = new.event.clone();
        let found = Found {
            room: event.room.clone(),
            seq: event.seq,
            at: event.at,
            kind: event.kind,
            text: event.text.as_ref().map(ToString::to_string),
            reply_to: event.reply_to,
            target: event.target,
            addressee: new.addressee.clone(),
        };
        self.keys.insert((event.by.clone(), event.id.clone()), found);
        self.logs.entry(event.room.clone()).or_default().push(event.clone());
        let erased = if event.kind == EventKind::Delete { self.erase(&event) } else { vec![] };
        Decision::Stored { event, private, erased }
    }

    fn target(&self, act: &Act) -> Option<Target> {
        let (room, seq) = act.target()?;
        let event = self.logs.get(room)?.iter().find(|event| event.seq == seq)?;
        let (by, kind, has_text) = (event.by.clone(), event.kind, event.text.is_some());
        Some(Target { by, kind, has_text })
    }

    fn erase(&mut self, deletion: &RoomEvent) -> Vec<RoomEvent> {
        let target = deletion.target.unwrap();
        let log = self.logs.entry(deletion.room.clone()).or_default();
        let mut erased = Vec::new();
        for event in log.iter_mut() {
            let is_message = event.seq == target;
            if is_message || event.kind == EventKind::Edit && event.target == Some(target) {
                let deleted = Deleted { seq: deletion.seq, by: deletion.by.clone() };
                let deleted = is_message.then_some(deleted);
                *event = Arc::new(RoomEvent { text: None, deleted, ..(**event).clone() });
                erased.push((**event).clone());
            }
        }
        erased
    }

    /// Notes that somebody was here.
    pub(super) fn seen(&mut self, identity: &Identity, at: Timestamp) {
        self.state.authority.seen(identity, at);
    }

    /// Notes how far people have read.
    pub(super) fn read(&mut self, markers: Vec<ReadRecord>) {
        for ReadRecord { identity, room, seq } in markers {
            assert!(seq <= self.state.rooms[&room].head, "{identity} read {room} up to {seq}");
            self.read.insert((identity, room), seq);
            self.kept_markers += 1;
        }
    }

    /// Forgets the beginning of a log.
    pub(super) fn forget_before(&mut self, room: &RoomName, oldest: Seq) {
        let log = self.logs.entry(room.clone()).or_default();
        log.retain(|event| event.seq >= oldest);
        if let Some(room) = self.state.rooms.get_mut(room) {
            room.oldest = oldest;
        }
    }

    /// The events of a room in a range.
    pub(super) fn events(&self, room: &RoomName, after: Seq, head: Seq) -> Vec<Arc<RoomEvent>> {
        let log = self.logs.get(room).into_iter().flatten();
        log.filter(|event| event.seq > after && event.seq <= head).cloned().collect()
    }

    /// Reads a page.
    pub(super) fn page(&self, query: &PageQuery) -> PageRows {
        let (after, to) = match query.range {
            PageRange::After(after) => (after, query.head),
            PageRange::Before(before) => (Seq::ZERO, before.previous().min(query.head)),
        };
        let mut events = self.events(&query.room, after, to);
        let more = events.len() > query.limit;
        if matches!(query.range, PageRange::Before(_)) {
            events.drain(..events.len() - query.limit.min(events.len()));
        }
        events.truncate(query.limit);
        PageRows { events: events.iter().map(|event| (**event).clone()).collect(), more }
    }
}
