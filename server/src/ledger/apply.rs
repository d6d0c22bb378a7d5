//! What becomes of a proposal, as a function of what is kept. PURE: the only time here is
//! `proposal.at`, so that the same log gives the same decisions on every machine.

use std::{collections::HashMap, sync::Arc};

use protocol::{
    Addressee, ErrorCode, EventKind, Identity, MessageText, NameKey, Refusal, RequestId, RoomEvent,
    RoomName, Seq, Timestamp, Topic, UserName, server::Role,
};

use super::{Act, Decision, Private, Proposal, RoomRecord, authority::Authority};

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

/// What the log has under the key of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// In which room.
    pub(crate) room: RoomName,
    /// At which place.
    pub(crate) seq: Seq,
    /// Since when.
    pub(crate) at: Timestamp,
    /// What it is.
    pub(crate) kind: EventKind,
    /// Its words.
    pub(crate) text: Option<String>,
    /// What it answers.
    pub(crate) reply_to: Option<Seq>,
    /// To whom it was, if it was a `direct`.
    pub(crate) addressee: Option<KeptAddressee>,
}

/// To whom a `direct` was: as asked for, and as understood when it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptAddressee {
    /// The key of the name that was asked for, unless it was an identity.
    pub(crate) key: Option<String>,
    /// Who that was.
    pub(crate) identity: Identity,
}

/// A decision, and what is to be written before it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    /// What was decided.
    pub(crate) decision: Decision,
    /// The new event, if there is one.
    pub(crate) entry: Option<Entry>,
    /// Whose names are other than before.
    pub(crate) renamed: Vec<Identity>,
}

/// A new event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As it is told.
    pub(crate) event: Arc<RoomEvent>,
    /// To whom, if it is a `direct`.
    pub(crate) addressee: Option<KeptAddressee>,
}

/// An event before it has its place.
struct Draft<'a> {
    room: &'a RoomName,
    id: &'a RequestId,
    kind: EventKind,
    text: Option<MessageText>,
    reply_to: Option<Seq>,
    addressee: Option<KeptAddressee>,
}

impl State {
    /// Decides, and makes the decision part of the state.
    pub(crate) fn apply(&mut self, proposal: &Proposal, found: Option<&Found>) -> Applied {
        let applied = match found {
            Some(found) => self.retry(proposal, found),
            None => self.first(proposal),
        };
        applied.unwrap_or_else(|refusal| {
            Applied::without_entry(Decision::Refused { refusal, retry_after_ms: None })
        })
    }

    /// Every room as kept, in no order.
    pub(crate) fn room_records(&self) -> Vec<RoomRecord> {
        let record = |(name, room): (&RoomName, &Room)| RoomRecord {
            room: name.clone(),
            head: room.head,
            oldest: room.oldest,
            topic: room.topic.clone(),
            private: self.private(room),
        };
        self.rooms.iter().map(record).collect()
    }

    /// Something under this key is stored: the same, or something else.
    fn retry(&self, proposal: &Proposal, found: &Found) -> Result<Applied, Refusal> {
        if !self.is_same(&proposal.act, found) {
            return Err(Refusal::new(
                ErrorCode::IdReused,
                "this id was used for something else; send it again under a new id",
            ));
        }
        let Found { room, seq, at, .. } = found.clone();
        Ok(Applied::without_entry(Decision::Known { room, seq, at }))
    }

    fn is_same(&self, act: &Act, found: &Found) -> bool {
        let has_text = |text: &str| found.text.as_deref().unwrap_or_default() == text;
        let is_in = |room: &RoomName| found.addressee.is_none() && found.room == *room;
        match act {
            Act::Say { room, text, reply_to, .. } => {
                let is_alike = found.kind == EventKind::Message && found.reply_to == *reply_to;
                is_alike && is_in(room) && has_text(text.as_str())
            }
            Act::Direct { to, guest, text, .. } => {
                let is_to = |kept| self.is_same_addressee(to, guest.as_ref(), kept);
                found.addressee.as_ref().is_some_and(is_to) && has_text(text.as_str())
            }
            Act::SetTopic { room, text, .. } => {
                found.kind == EventKind::Topic && is_in(room) && has_text(text.as_str())
            }
            Act::Claim { .. } => false,
        }
    }

    fn is_same_addressee(
        &self,
        to: &Addressee,
        guest: Option<&(Identity, UserName)>,
        kept: &KeptAddressee,
    ) -> bool {
        match to {
            Addressee::Identity(identity) => *identity == kept.identity,
            Addressee::Name(name) => {
                let key = name.key();
                let now = guest.map(|(identity, _)| identity).or(self.authority.owner(&key));
                kept.key.as_deref() == Some(key.as_str()) || now == Some(&kept.identity)
            }
        }
    }

    /// Nothing under this key is stored.
    fn first(&mut self, proposal: &Proposal) -> Result<Applied, Refusal> {
        match &proposal.act {
            Act::Say { room, id, text, reply_to } => self.say(proposal, room, id, text, *reply_to),
            Act::Direct { to, guest, id, text } => {
                self.direct(proposal, (to, guest.as_ref()), id, text)
            }
            Act::SetTopic { room, id, text } => self.set_topic(proposal, room, id, text),
            Act::Claim { name, only_first } => self.claim(proposal, name, *only_first),
        }
    }

    fn say(
        &mut self,
        proposal: &Proposal,
        room: &RoomName,
        id: &RequestId,
        text: &MessageText,
        reply_to: Option<Seq>,
    ) -> Result<Applied, Refusal> {
        self.check_may_write(&proposal.by, room)?;
        self.check_is_kept(room, reply_to)?;
        let text = Some(text.clone());
        let kind = EventKind::Message;
        Ok(self.place(proposal, Draft { room, id, kind, text, reply_to, addressee: None }))
    }

    fn set_topic(
        &mut self,
        proposal: &Proposal,
        room: &RoomName,
        id: &RequestId,
        topic: &Topic,
    ) -> Result<Applied, Refusal> {
        self.check_may_write(&proposal.by, room)?;
        // An empty topic has no text; any other is a valid text, being shorter and one line.
        let text = MessageText::parse(topic.as_str()).ok();
        let kind = EventKind::Topic;
        let draft = Draft { room, id, kind, text, reply_to: None, addressee: None };
        let applied = self.place(proposal, draft);
        self.room_mut(room).topic = topic.clone();
        Ok(applied)
    }

    fn direct(
        &mut self,
        proposal: &Proposal,
        (to, guest): (&Addressee, Option<&(Identity, UserName)>),
        id: &RequestId,
        text: &MessageText,
    ) -> Result<Applied, Refusal> {
        let (identity, name) = self.resolve(&proposal.by, to, guest)?;
        let room = RoomName::private(&proposal.by, &identity);
        let mut people = [(proposal.by.clone(), proposal.from.clone()), (identity.clone(), name)];
        people.sort();
        let kept = self.room_mut(&room);
        kept.pair = Some(Private { people });
        kept.is_told = false;
        let key = match to {
            Addressee::Name(name) => Some(name.key().as_str().to_owned()),
            Addressee::Identity(_) => None,
        };
        let draft = Draft {
            room: &room,
            id,
            kind: EventKind::Message,
            text: Some(text.clone()),
            reply_to: None,
            addressee: Some(KeptAddressee { key, identity }),
        };
        Ok(self.place(proposal, draft))
    }

    fn claim(
        &mut self,
        proposal: &Proposal,
        name: &UserName,
        only_first: bool,
    ) -> Result<Applied, Refusal> {
        let claimed = self.authority.claim(&proposal.by, name, only_first, proposal.at)?;
        let decision = Decision::Claimed { name: claimed.name, before: claimed.before };
        Ok(Applied { decision, entry: None, renamed: claimed.changed })
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
            None => refuse(format!("nobody here is called {to}; check the name")),
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

    fn check_may_write(&self, by: &Identity, room: &RoomName) -> Result<(), Refusal> {
        if room.is_private() && !self.is_of(by, room) {
            return Err(Refusal::new(
                ErrorCode::RoomInvalid,
                "you have no such private room; write to the person by name",
            ));
        }
        if *room == RoomName::announcements() && self.authority.role(by) != Role::Operator {
            return Err(Refusal::new(
                ErrorCode::Forbidden,
                "only operators write here; write in another room",
            ));
        }
        Ok(())
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

    /// Gives an event the next seq of its room.
    fn place(&mut self, proposal: &Proposal, draft: Draft<'_>) -> Applied {
        let room = self.room_mut(draft.room);
        room.head = room.head.next();
        let seq = room.head;
        let is_told = std::mem::replace(&mut room.is_told, room.pair.is_some());
        for (identity, name) in room.pair.iter_mut().flat_map(|pair| &mut pair.people) {
            if *identity == proposal.by {
                name.clone_from(&proposal.from);
            }
        }
        let private = if is_told { None } else { self.private(&self.rooms[draft.room]) };
        let event = Arc::new(RoomEvent {
            room: draft.room.clone(),
            seq,
            at: proposal.at,
            from: proposal.from.clone(),
            by: proposal.by.clone(),
            kind: draft.kind,
            id: draft.id.clone(),
            text: draft.text,
            reply_to: draft.reply_to,
            target: None,
            edited: None,
            deleted: None,
            reactions: Vec::new(),
        });
        let entry = Some(Entry { event: event.clone(), addressee: draft.addressee });
        Applied { decision: Decision::Stored { event, private }, entry, renamed: Vec::new() }
    }

    fn room_mut(&mut self, room: &RoomName) -> &mut Room {
        self.rooms.entry(room.clone()).or_insert_with(Room::new)
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

impl Applied {
    fn without_entry(decision: Decision) -> Self {
        Self { decision, entry: None, renamed: Vec::new() }
    }
}
