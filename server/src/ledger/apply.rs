//! What becomes of a proposal, as a function of what is kept. PURE: the only times here are
//! those of the proposal, so that the same log gives the same state on every machine.
//!
//! [`State::decide`] turns a proposal into an entry of the log, [`State::advance`] makes a stored
//! entry part of the state; `retry` answers for what was stored before.

use std::{collections::HashMap, sync::Arc};

use protocol::{
    Addressee, ErrorCode, EventKind, Identity, MessageText, NameKey, Refusal, RequestId, RoomEvent,
    RoomName, Seq, Timestamp, Topic, UserName,
};

use super::{
    Act, Private, Proposal, RoomRecord,
    authority::Authority,
    changes::{Change, Target},
    powers::Grant,
};

/// All that decisions depend on, beside the log itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Every room that has or had events.
    pub(crate) rooms: HashMap<RoomName, Room>,
    /// People and names.
    pub(crate) authority: Authority,
}

/// A room as decisions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Its last seq.
    pub(crate) head: Seq,
    /// Its first kept seq.
    pub(crate) oldest: Seq,
    /// What it is about.
    pub(crate) topic: Topic,
    /// The two of a private room, with the names they wrote under last.
    pub(crate) pair: Option<Private>,
    /// Whether a `Stored` of this process has named the two.
    pub(crate) is_told: bool,
}

impl Room {
    fn new() -> Self {
        let oldest = Seq::ZERO.next();
        Self { head: Seq::ZERO, oldest, topic: Topic::default(), pair: None, is_told: false }
    }
}

/// To whom a `direct` was: as asked for, and as understood when it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptAddressee {
    /// The key of the name that was asked for, unless it was an identity.
    pub(crate) key: Option<String>,
    /// Who that was.
    pub(crate) identity: Identity,
}

/// What is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// An event of a room.
    Event(NewEvent),
    /// A name for somebody.
    Claim {
        /// For whom.
        by: Identity,
        /// The name; their current one if nothing is to change.
        name: UserName,
        /// When it was claimed.
        at: Timestamp,
    },
    /// What somebody may do.
    Grant(Grant),
}

/// An event with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewEvent {
    /// As it is told.
    pub(crate) event: Arc<RoomEvent>,
    /// To whom, if it is a `direct`.
    pub(crate) addressee: Option<KeptAddressee>,
    /// The two that a `direct` is between.
    pair: Option<Private>,
}

impl NewEvent {
    /// One that is no `direct`.
    fn of(event: Arc<RoomEvent>) -> Self {
        Self { event, addressee: None, pair: None }
    }
}

/// What an event is beside its place and author.
pub(super) struct Content<'a> {
    pub(super) room: &'a RoomName,
    pub(super) id: &'a RequestId,
    pub(super) kind: EventKind,
    pub(super) text: Option<MessageText>,
    pub(super) reply_to: Option<Seq>,
    pub(super) target: Option<Seq>,
}

impl State {
    /// What is to be stored for a proposal whose key nothing is stored under. With what the log
    /// has where it points to, if it changes a message.
    pub(crate) fn decide(
        &self,
        proposal: &Proposal,
        target: Option<&Target>,
    ) -> Result<Entry, Refusal> {
        match &proposal.act {
            Act::Say { room, id, text, reply_to } => self.say(proposal, room, id, text, *reply_to),
            Act::Direct { to, guest, id, text } => {
                self.direct(proposal, (to, guest.as_ref()), id, text)
            }
            Act::SetTopic { room, id, text } => self.set_topic(proposal, room, id, text),
            Act::Edit { room, id, seq, text } => {
                self.change(proposal, Change { room, id, seq: *seq, text: Some(text) }, target)
            }
            Act::Delete { room, id, seq } => {
                self.change(proposal, Change { room, id, seq: *seq, text: None }, target)
            }
            Act::Announce { room, id, text } => self.announce(proposal, room, id, text),
            Act::Claim { name, only_first } => self.claim(proposal, name, *only_first),
            Act::Appoint { who, role } => self.appoint(who, *role),
            Act::Issue { hash, name, rooms } => self.issue(proposal, *hash, name, rooms),
            Act::Revoke { name } => self.revoke(name, proposal.at),
        }
    }

    /// Makes a stored event part of the state. Returns the two of a private room, if they are to
    /// be told.
    pub(crate) fn advance(&mut self, new: &NewEvent) -> Option<Private> {
        let event = &*new.event;
        let room = self.rooms.entry(event.room.clone()).or_insert_with(Room::new);
        room.head = event.seq;
        if event.kind == EventKind::Topic {
            let topic = event.text.as_ref().map(|text| Topic::parse(text.as_str()));
            // Its text was a topic when it was proposed.
            room.topic = topic.and_then(Result::ok).unwrap_or_default();
        }
        if let Some(pair) = &new.pair {
            room.pair = Some(pair.clone());
            room.is_told = false;
        }
        for (identity, name) in room.pair.iter_mut().flat_map(|pair| &mut pair.people) {
            if *identity == event.by {
                name.clone_from(&event.from);
            }
        }
        let is_told = std::mem::replace(&mut room.is_told, room.pair.is_some());
        if is_told { None } else { self.private(&self.rooms[&event.room]) }
    }

    /// Every room as kept, in the order of names.
    pub(crate) fn room_records(&self) -> Vec<RoomRecord> {
        let record = |(name, room): (&RoomName, &Room)| RoomRecord {
            room: name.clone(),
            head: room.head,
            oldest: room.oldest,
            topic: room.topic.clone(),
            private: self.private(room),
        };
        let mut records: Vec<_> = self.rooms.iter().map(record).collect();
        records.sort_unstable_by(|one, other| one.room.cmp(&other.room));
        records
    }

    fn say(
        &self,
        proposal: &Proposal,
        room: &RoomName,
        id: &RequestId,
        text: &MessageText,
        reply_to: Option<Seq>,
    ) -> Result<Entry, Refusal> {
        self.check_may_write(proposal, room)?;
        self.check_is_kept(room, reply_to)?;
        let (text, kind) = (Some(text.clone()), kind_in(room));
        Ok(self.entry(proposal, Content { room, id, kind, text, reply_to, target: None }))
    }

    fn set_topic(
        &self,
        proposal: &Proposal,
        room: &RoomName,
        id: &RequestId,
        topic: &Topic,
    ) -> Result<Entry, Refusal> {
        self.check_may_write(proposal, room)?;
        // An empty topic has no text; any other is a valid text, being shorter and one line.
        let text = MessageText::parse(topic.as_str()).ok();
        let kind = EventKind::Topic;
        Ok(self.entry(proposal, Content { room, id, kind, text, reply_to: None, target: None }))
    }

    fn direct(
        &self,
        proposal: &Proposal,
        (to, guest): (&Addressee, Option<&(Identity, UserName)>),
        id: &RequestId,
        text: &MessageText,
    ) -> Result<Entry, Refusal> {
        let (identity, name) = self.resolve(&proposal.by, to, guest)?;
        let room = RoomName::private(&proposal.by, &identity);
        self.check_token(&proposal.by, &room)?;
        let text = Some(text.clone());
        let kind = EventKind::Message;
        let content = Content { room: &room, id, kind, text, reply_to: None, target: None };
        let event = self.event(proposal, content);
        let mut people =
            [(proposal.by.clone(), self.author(proposal).clone()), (identity.clone(), name)];
        people.sort();
        let key = match to {
            Addressee::Name(name) => Some(name.key().as_str().to_owned()),
            Addressee::Identity(_) => None,
        };
        let addressee = Some(KeptAddressee { key, identity });
        Ok(Entry::Event(NewEvent { event, addressee, pair: Some(Private { people }) }))
    }

    fn claim(
        &self,
        proposal: &Proposal,
        name: &UserName,
        only_first: bool,
    ) -> Result<Entry, Refusal> {
        let (by, at) = (proposal.by.clone(), proposal.at);
        let current = self.authority.name(&by).filter(|_| only_first);
        let name = current.unwrap_or(name).clone();
        self.authority.check_claim(&by, &name.key(), proposal.certain)?;
        Ok(Entry::Claim { by, name, at })
    }

    /// What the author is called at this place of the log: a rename may have been decided since
    /// the hub proposed. Only guests are called what the hub says.
    pub(super) fn author<'a>(&'a self, proposal: &'a Proposal) -> &'a UserName {
        self.authority.name(&proposal.by).unwrap_or(&proposal.from)
    }

    /// An event with this content, to be stored; not of a `direct`.
    pub(super) fn entry(&self, proposal: &Proposal, content: Content<'_>) -> Entry {
        Entry::Event(NewEvent::of(self.event(proposal, content)))
    }

    /// The event that this content is at the next place of its room.
    fn event(&self, proposal: &Proposal, content: Content<'_>) -> Arc<RoomEvent> {
        let Content { room, id, kind, text, reply_to, target } = content;
        let head = self.rooms.get(room).map_or(Seq::ZERO, |room| room.head);
        Arc::new(RoomEvent {
            room: room.clone(),
            seq: head.next(),
            at: proposal.at,
            from: self.author(proposal).clone(),
            by: proposal.by.clone(),
            kind,
            id: id.clone(),
            text,
            reply_to,
            target,
            edited: None,
            deleted: None,
            reactions: Vec::new(),
        })
    }

    /// Who is meant, and the name they have.
    fn resolve(
        &self,
        by: &Identity,
        to: &Addressee,
        guest: Option<&(Identity, UserName)>,
    ) -> Result<(Identity, UserName), Refusal> {
        let found = match (guest, to) {
            (Some(guest), Addressee::Name(_) | Addressee::Identity(_)) => Some(guest.clone()),
            (None, Addressee::Name(name)) => self.owner(&name.key()),
            (None, Addressee::Identity(identity)) => self.known(by, identity),
        };
        let refuse = |text: String| Err(Refusal::new(ErrorCode::NoSuchUser, text));
        match found {
            Some((identity, _)) if identity == *by => {
                refuse("that is you; choose somebody else to write to".to_owned())
            }
            Some(found) => Ok(found),
            None => refuse(match to {
                Addressee::Name(name) => format!("nobody here is called {name}; check the name"),
                Addressee::Identity(_) => {
                    "whom you wrote to is not known here; write by name".into()
                }
            }),
        }
    }

    fn owner(&self, key: &NameKey) -> Option<(Identity, UserName)> {
        let identity = self.authority.owner(key)?;
        let person = self.authority.person(identity)?;
        Some((identity.clone(), person.name.clone()))
    }

    /// Somebody who owns or owned a name, or with whom `by` has written before.
    fn known(&self, by: &Identity, identity: &Identity) -> Option<(Identity, UserName)> {
        if let Some(person) = self.authority.person(identity) {
            return Some((identity.clone(), person.name.clone()));
        }
        let room = self.rooms.get(&RoomName::private(by, identity))?;
        room.pair.as_ref()?.people.iter().find(|(other, _)| other == identity).cloned()
    }

    pub(super) fn check_may_write(
        &self,
        proposal: &Proposal,
        room: &RoomName,
    ) -> Result<(), Refusal> {
        self.check_token(&proposal.by, room)?;
        if room.is_private() && !self.is_of(&proposal.by, room) {
            return Err(Refusal::new(
                ErrorCode::RoomInvalid,
                "you have no such private room; write to the person by name",
            ));
        }
        if is_for_all(room) { self.check_may_announce(proposal, room) } else { Ok(()) }
    }

    fn is_of(&self, by: &Identity, room: &RoomName) -> bool {
        let pair = self.rooms.get(room).and_then(|room| room.pair.as_ref());
        pair.is_some_and(|pair| pair.people.iter().any(|(identity, _)| identity == by))
    }

    fn check_is_kept(&self, room: &RoomName, reply_to: Option<Seq>) -> Result<(), Refusal> {
        let is_kept = |seq: Seq| {
            self.rooms.get(room).is_some_and(|room| (room.oldest..=room.head).contains(&seq))
        };
        match reply_to {
            Some(seq) if !is_kept(seq) => Err(Refusal::new(
                ErrorCode::NoSuchMessage,
                "the message you answer is not in this room; send it without the reply",
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// The two of a private room under the names they have, or wrote under last.
    fn private(&self, room: &Room) -> Option<Private> {
        let mut private = room.pair.clone()?;
        for (identity, name) in &mut private.people {
            if let Some(owned) = self.authority.name(identity) {
                name.clone_from(owned);
            }
        }
        Some(private)
    }
}

/// Whether everyone follows this room, so that whatever is said there is an announcement.
fn is_for_all(room: &RoomName) -> bool {
    *room == RoomName::announcements()
}

/// What saying something in a room comes to.
pub(super) fn kind_in(room: &RoomName) -> EventKind {
    if is_for_all(room) { EventKind::Announcement } else { EventKind::Message }
}
