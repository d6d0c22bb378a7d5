//! What is asked of the ledger, and what becomes of it. PURE.

use std::sync::Arc;

use protocol::{
    Addressee, ErrorCode, EventKind, Identity, RequestId, RoomEvent, RoomName, Seq, ServerFrame,
    SessionId, Timestamp, Topic, UserName,
    client::{Direct, Say, SetTopic},
    server::Ack,
};

use super::{
    asking::{Answer, AskId},
    effect::Effect,
    hello::ClaimingHello,
    input::Ticket,
    membership::{Cursor, is_announcements, not_in_room},
    names::ClaimingRename,
    operators::Appointing,
    people::PersonId,
    requests::AskedPage,
    session::Asker,
    state::HubState,
    tokens::AskedToken,
    turn::{Denial, Turn},
};
use crate::ledger::{Act, Decision, Outcome, Private, Proposal};

/// What the hub will do with an answer of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Acknowledge an event.
    Event(AskedEvent),
    /// Welcome somebody.
    Hello(ClaimingHello),
    /// Call somebody something else.
    Rename(ClaimingRename),
    /// Answer with a page.
    Page(AskedPage),
    /// Let somebody do more, or less.
    Role(Appointing),
    /// A token is made or revoked.
    Token(AskedToken),
}

/// An event that somebody wants stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedEvent {
    asker: EventAsker,
    /// Half of its key.
    id: RequestId,
    /// Where, if that was said.
    room: Option<RoomName>,
}

/// Who wants an event stored, and is told what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventAsker {
    /// A connection.
    Session(Asker),
    /// A program without one.
    Outside(AskId),
}

impl HubState {
    /// Somebody says something in a room.
    pub(super) fn say(&mut self, turn: &mut Turn, asker: Asker, frame: Say) {
        let Say { id, room, text, reply_to } = frame;
        if let Err(denial) = self.check_may_write(&asker, &room) {
            return turn.deny(asker, denial);
        }
        self.typing.end(&room, asker.person);
        let act = Act::Say { room: room.clone(), id: id.clone(), text, reply_to };
        self.ask_for_event(turn, asker, act, id, Some(room));
    }

    /// Somebody sets a room's topic.
    pub(super) fn set_topic(&mut self, turn: &mut Turn, asker: Asker, frame: SetTopic) {
        let SetTopic { id, room, text } = frame;
        if let Err(denial) = self.check_may_write(&asker, &room) {
            return turn.deny(asker, denial);
        }
        let act = Act::SetTopic { room: room.clone(), id: id.clone(), text };
        self.ask_for_event(turn, asker, act, id, Some(room));
    }

    /// Somebody says something to one person.
    pub(super) fn direct(&mut self, turn: &mut Turn, asker: Asker, frame: Direct) {
        let Direct { id, to, text } = frame;
        let guest = self.guest_addressed(&to);
        let act = Act::Direct { to, guest, id: id.clone(), text };
        self.ask_for_event(turn, asker, act, id, None);
    }

    pub(super) fn check_may_write(&self, asker: &Asker, room: &RoomName) -> Result<(), Denial> {
        let session = self.sessions.get(&asker.session);
        // Who may write where everyone reads is for the ledger to say, in the order of the log.
        if is_announcements(room) || session.is_some_and(|session| session.is_in(room)) {
            Ok(())
        } else {
            Err(not_in_room(room))
        }
    }

    /// The guest who is meant. The ledger does not know guests.
    fn guest_addressed(&self, to: &Addressee) -> Option<(Identity, UserName)> {
        let guest = match to {
            Addressee::Name(name) => self.people.guest_by_name(&name.key()),
            Addressee::Identity(identity) => {
                self.people.by_identity(identity).and_then(|id| self.people.get(id))
            }
        };
        let guest = guest.filter(|person| person.is_guest)?;
        Some((guest.identity.clone(), guest.name.clone()))
    }

    /// Has the ledger asked to store an event.
    pub(super) fn ask_for_event(
        &mut self,
        turn: &mut Turn,
        asker: Asker,
        act: Act,
        id: RequestId,
        room: Option<RoomName>,
    ) {
        let Some(person) = self.people.get(asker.person) else { return };
        let by = (person.identity.clone(), person.name.clone());
        self.ask_for_event_by(turn, by, act, (EventAsker::Session(asker), id, room));
    }

    /// Has the ledger asked to store an event of this author.
    pub(super) fn ask_for_event_by(
        &mut self,
        turn: &mut Turn,
        by: (Identity, UserName),
        act: Act,
        (asker, id, room): (EventAsker, RequestId, Option<RoomName>),
    ) {
        self.propose(turn, by, act, Pending::Event(AskedEvent { asker, id, room }));
    }

    /// Asks the ledger to decide.
    pub(super) fn propose(
        &mut self,
        turn: &mut Turn,
        (by, from): (Identity, UserName),
        act: Act,
        pending: Pending,
    ) {
        let ticket = self.ticket(pending);
        let (at, certain) = (turn.now.wall, self.certain(turn.now));
        turn.push(Effect::Propose(Proposal { ticket, by, from, at, certain, act }));
    }

    /// A new ticket for what is to be done with the answer.
    pub(super) fn ticket(&mut self, pending: Pending) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.pending.insert(ticket, pending);
        ticket
    }

    /// The ledger has decided.
    pub(super) fn decided(&mut self, turn: &mut Turn, outcome: Outcome) {
        match self.pending.remove(&outcome.ticket) {
            Some(Pending::Event(event)) => self.event_decided(turn, event, outcome.decision),
            Some(Pending::Hello(hello)) => self.hello_decided(turn, hello, outcome.decision),
            Some(Pending::Rename(rename)) => self.rename_decided(turn, rename, outcome.decision),
            Some(Pending::Role(role)) => self.role_decided(turn, role, outcome.decision),
            Some(Pending::Token(token)) => self.token_decided(turn, token, outcome.decision),
            Some(page @ Pending::Page(_)) => {
                self.pending.insert(outcome.ticket, page);
            }
            None => {}
        }
    }

    fn event_decided(&mut self, turn: &mut Turn, asked: AskedEvent, decision: Decision) {
        match decision {
            Decision::Stored { event, private, erased } => {
                self.erase(turn, &event, erased);
                self.stored(turn, asked, event, private);
            }
            Decision::Known { room, seq, at } => self.known(turn, asked, room, seq, at),
            Decision::Refused { refusal, retry_after_ms } => {
                let denial = Denial { retry_after_ms, ..Denial::from(refusal) };
                self.deny_event(turn, asked.asker, Denial { room: asked.room, ..denial });
            }
            _ => self.deny_event(turn, asked.asker, not_an_event()),
        }
    }

    /// A new event: everyone whose it is follows the room, then it is told.
    fn stored(
        &mut self,
        turn: &mut Turn,
        asked: AskedEvent,
        event: Arc<RoomEvent>,
        private: Option<Private>,
    ) {
        let room = self.rooms.open(&event.room);
        room.head = room.head.max(event.seq.previous());
        if let Some(private) = private.or_else(|| room.private.clone()) {
            self.attach_both(turn, &event.room, private);
        }
        let room = self.rooms.open(&event.room);
        room.head = event.seq;
        if event.kind == EventKind::Topic {
            room.topic = topic_of(&event);
        }
        let ack = Ack { id: asked.id, room: event.room.clone(), seq: event.seq, at: event.at };
        self.ack(turn, &asked.asker, ack);
        turn.push(Effect::Append(event));
    }

    /// Lets every connection of the two people of a private room follow it.
    fn attach_both(&mut self, turn: &mut Turn, room: &RoomName, private: Private) {
        let people: Vec<_> = private.people.iter().map(|(identity, _)| identity.clone()).collect();
        self.rooms.set_private(room, private);
        for identity in people {
            let Some(id) = self.people.by_identity(&identity) else {
                continue;
            };
            let Some(person) = self.people.get(id) else {
                continue;
            };
            for session in person.sessions.clone() {
                self.attach_if_not(turn, (session, id), room);
            }
        }
    }

    fn attach_if_not(&mut self, turn: &mut Turn, follower: (SessionId, PersonId), room: &RoomName) {
        if self.sessions.get(&follower.0).is_some_and(|session| !session.is_in(room)) {
            let cursor = Cursor::live(self.rooms.open(room));
            self.follow(turn, follower, room, cursor, None);
        }
    }

    /// A retry of what is stored. The new connection may not follow the private room yet.
    fn known(
        &mut self,
        turn: &mut Turn,
        asked: AskedEvent,
        room: RoomName,
        seq: Seq,
        at: Timestamp,
    ) {
        if let EventAsker::Session(Asker { session, person, .. }) = &asked.asker
            && asked.room.is_none()
            && self.owns_private(*person, &room)
        {
            self.attach_if_not(turn, (*session, *person), &room);
        }
        self.ack(turn, &asked.asker, Ack { id: asked.id, room, seq, at });
    }

    fn ack(&self, turn: &mut Turn, asker: &EventAsker, ack: Ack) {
        match asker {
            EventAsker::Outside(ask) => turn.give(*ask, Answer::Told(ack)),
            EventAsker::Session(Asker { session, .. }) if self.sessions.contains_key(session) => {
                turn.answer(*session, ServerFrame::Ack(ack));
            }
            EventAsker::Session(_) => {}
        }
    }

    fn deny_event(&self, turn: &mut Turn, asker: EventAsker, denial: Denial) {
        match asker {
            EventAsker::Session(asker) => self.deny_if_here(turn, asker, denial),
            EventAsker::Outside(ask) => turn.refuse(ask, denial),
        }
    }

    /// Denies a request, if its connection is still there.
    pub(super) fn deny_if_here(&self, turn: &mut Turn, asker: Asker, denial: Denial) {
        if self.sessions.contains_key(&asker.session) {
            turn.deny(asker, denial);
        }
    }
}

/// The ledger answers an event with an event.
fn not_an_event() -> Denial {
    Denial::new(ErrorCode::Storage, "the hub could not store it; send it again under a new id")
}

/// The topic that an event sets. What is too long for one was not made by a hub.
fn topic_of(event: &RoomEvent) -> Topic {
    let text = event.text.as_ref().map(protocol::MessageText::as_str).unwrap_or_default();
    Topic::parse(text).unwrap_or_default()
}
