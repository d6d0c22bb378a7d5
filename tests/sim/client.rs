//! A model of a client that follows the rules: it joins with the last seq it has, and sends what
//! is not acked again under the same id.

use std::collections::BTreeMap;

use protocol::{
    Addressee, ClientFrame, Epoch, ErrorCode, Identity, MessageText, RequestId, RoomName, Secret,
    Seq, ServerFrame, SessionId, Topic, UserName,
    client::{Announce, Delete, Direct, Edit, Hello, Join, Say, SetTopic, Who},
    server::{Ack, ErrorFrame, Gap, GapReason, Joined, Welcome},
};

use super::plan::{Checked, Promise, check};

/// After this many milliseconds without an answer something is asked again.
const PATIENCE: u64 = 6_000;

/// A client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) name: UserName,
    pub(crate) secret: Option<Secret>,
    pub(crate) identity: Option<Identity>,
    /// Its connection.
    pub(crate) link: Option<SessionId>,
    /// Whether it was welcomed there.
    pub(crate) is_live: bool,
    /// It takes no bytes and does nothing.
    pub(crate) is_stopped: bool,
    /// It takes few bytes at a time.
    pub(crate) is_slow: bool,
    /// When it last got bytes.
    pub(crate) heard: u64,
    pub(crate) places: BTreeMap<RoomName, Place>,
    pub(crate) outbox: Vec<Message>,
    /// Which seq it had when it asked to join.
    joins: BTreeMap<RequestId, Seq>,
    next_id: u64,
}

/// A room as a client has it.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// Whether it wants to be there.
    pub(crate) is_wanted: bool,
    /// Whether it is there, on this connection.
    pub(crate) is_joined: bool,
    /// When it asked to be there.
    asked: Option<u64>,
    /// The last seq it has, all before it included.
    pub(crate) last: Option<Seq>,
    epoch: Option<Epoch>,
}

/// Something to be said.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) id: RequestId,
    pub(crate) what: What,
    pub(crate) state: State,
}

/// What is said.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Say(RoomName, MessageText),
    Direct(Addressee, MessageText),
    /// In a room, or for everyone.
    Announce(Option<RoomName>, MessageText),
    Topic(RoomName, Topic),
    Edit(RoomName, Seq, MessageText),
    Delete(RoomName, Seq),
}

/// How far a message has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    /// Sent at this time.
    Asked(u64),
    /// To be sent again at this time.
    Later(u64),
    Acked(RoomName, Seq),
    Refused(ErrorCode),
}

impl Client {
    pub(crate) fn new(number: usize, name: &str, secret: Option<[u8; 32]>) -> Self {
        Self {
            number,
            name: UserName::parse(name).unwrap(),
            secret: secret.map(Secret::from_bytes),
            identity: None,
            link: None,
            is_live: false,
            is_stopped: false,
            is_slow: false,
            heard: 0,
            places: BTreeMap::new(),
            outbox: Vec::new(),
            joins: BTreeMap::new(),
            next_id: 0,
        }
    }

    /// A new connection: hello.
    pub(crate) fn connected(&mut self, now: u64, link: SessionId) -> ClientFrame {
        self.link = Some(link);
        self.heard = now;
        self.hello()
    }

    fn hello(&mut self) -> ClientFrame {
        ClientFrame::Hello(Hello {
            id: Some(self.id("h")),
            name: self.name.clone(),
            secret: self.secret.clone(),
            password: None,
            agent: None,
        })
    }

    /// The connection is gone.
    pub(crate) fn disconnected(&mut self) {
        self.link = None;
        self.is_live = false;
        let is_guest = self.secret.is_none();
        // Who a guest was, nobody is any more.
        self.places.retain(|room, _| !(is_guest && room.is_private()));
        for place in self.places.values_mut() {
            place.is_joined = false;
            place.asked = None;
        }
        for message in &mut self.outbox {
            if let State::Asked(_) = message.state {
                message.state = State::Waiting;
            }
            let room = message.what.room().filter(|room| room.is_private());
            let is_lost = is_guest && room.is_some();
            if is_lost && message.state == State::Waiting {
                message.state = State::Refused(ErrorCode::RoomInvalid);
            }
        }
    }

    /// An id that it has not used.
    pub(crate) fn id(&mut self, kind: &str) -> RequestId {
        self.next_id += 1;
        RequestId::parse(&format!("{kind}{}-{}", self.number, self.next_id)).unwrap()
    }

    /// Wants to say something.
    pub(crate) fn say(&mut self, what: What) {
        let id = self.id("m");
        self.outbox.push(Message { id, what, state: State::Waiting });
    }

    /// Wants to be in a room, from a number if that is given.
    pub(crate) fn want(&mut self, room: &RoomName, after: Option<Seq>) {
        let place = self.places.entry(room.clone()).or_default();
        place.is_wanted = true;
        place.is_joined = false;
        place.asked = None;
        if place.last.is_none() {
            place.last = after;
        }
    }

    /// A request that shows that it is not idle.
    pub(crate) fn look_around(&mut self) -> Option<ClientFrame> {
        let (id, room) = (Some(self.id("q")), Some(RoomName::lobby()));
        let who = Who { id, room, name: None, after: None, limit: None };
        self.is_live.then_some(ClientFrame::Who(who))
    }

    /// Everything to be sent now.
    pub(crate) fn due(&mut self, now: u64) -> Vec<ClientFrame> {
        if !self.is_live {
            return Vec::new();
        }
        let mut frames = self.joins(now);
        for message in &mut self.outbox {
            let is_due = match message.state {
                State::Waiting => true,
                State::Asked(at) => at + PATIENCE <= now,
                State::Later(at) => at <= now,
                State::Acked(..) | State::Refused(_) => false,
            };
            let is_joined = |room| self.places.get(room).is_some_and(|place| place.is_joined);
            if is_due && message.what.room().is_none_or(is_joined) {
                message.state = State::Asked(now);
                frames.push(message.frame());
            }
        }
        frames
    }

    fn joins(&mut self, now: u64) -> Vec<ClientFrame> {
        let mut joins = Vec::new();
        let number = self.number;
        for (room, place) in &mut self.places {
            let is_patient = place.asked.is_some_and(|at| now < at + PATIENCE);
            if place.is_joined || !place.is_wanted || is_patient {
                continue;
            }
            place.asked = Some(now);
            self.next_id += 1;
            let id = RequestId::parse(&format!("j{number}-{}", self.next_id)).unwrap();
            if let Some(last) = place.last {
                self.joins.insert(id.clone(), last);
            }
            let id = Some(id);
            let (room, after, epoch) = (room.clone(), place.last, place.epoch.clone());
            joins.push(ClientFrame::Join(Join { id, room, after, epoch }));
        }
        joins
    }

    /// It is told this; what it sends then.
    pub(crate) fn told(&mut self, now: u64, frame: &ServerFrame) -> Checked<Vec<ClientFrame>> {
        match frame {
            ServerFrame::Welcome(welcome) => self.welcomed(welcome),
            ServerFrame::Joined(joined) => self.joined(joined),
            ServerFrame::Event(event) => self.event(&event.room, event.seq),
            ServerFrame::Gap(gap) => self.gap(gap),
            ServerFrame::Ack(ack) => self.acked(ack),
            ServerFrame::Left(left) => {
                let place = self.places.entry(left.room.clone()).or_default();
                place.is_joined = false;
            }
            ServerFrame::Renamed(renamed) => self.name = renamed.to.clone(),
            ServerFrame::Error(error) => return self.error(now, error),
            ServerFrame::Page(_)
            | ServerFrame::Results(_)
            | ServerFrame::Rooms(_)
            | ServerFrame::Members(_)
            | ServerFrame::Presence(_)
            | ServerFrame::Read(_)
            | ServerFrame::Typing(_)
            | ServerFrame::Pong(_)
            | ServerFrame::Bye(_) => {}
        }
        Ok(self.due(now))
    }

    fn welcomed(&mut self, welcome: &Welcome) {
        self.is_live = true;
        self.name = welcome.name.clone();
        self.identity = Some(welcome.identity.clone());
        for summary in welcome.rooms.iter().filter(|summary| summary.peer.is_some()) {
            let place = self.places.entry(summary.room.clone()).or_default();
            place.is_wanted = true;
            place.last.get_or_insert(Seq::ZERO);
        }
    }

    fn joined(&mut self, joined: &Joined) {
        let place = self.places.entry(joined.room.clone()).or_default();
        let after = joined.id.as_ref().and_then(|id| self.joins.remove(id));
        if joined.id.is_none() {
            place.is_wanted = true; // Private, or announcements.
        }
        place.epoch.get_or_insert(joined.epoch.clone());
        place.asked = None;
        let last = *place.last.get_or_insert(joined.head);
        // Attached behind what it has: asks for the rest.
        place.is_joined = after.unwrap_or(joined.head) <= last;
        let is_other = place.epoch.as_ref() != Some(&joined.epoch);
        if is_other {
            place.epoch = Some(joined.epoch.clone());
        }
    }

    fn event(&mut self, room: &RoomName, seq: Seq) {
        let Some(place) = self.places.get_mut(room) else { return };
        match place.last {
            Some(last) if seq <= last => {}
            Some(last) if seq == last.next() => place.last = Some(seq),
            // A hole: what it has not got it asks for.
            Some(_) | None => place.is_joined &= place.asked.is_some(),
        }
    }

    fn gap(&mut self, gap: &Gap) {
        let Some(place) = self.places.get_mut(&gap.room) else { return };
        let is_next = place.last.is_some_and(|last| gap.from <= last.next());
        match gap.reason {
            GapReason::Epoch => place.last = Some(gap.to),
            GapReason::Retention if is_next => place.last = place.last.max(Some(gap.to)),
            GapReason::Retention => place.is_joined = false,
        }
    }

    fn acked(&mut self, ack: &Ack) {
        for message in self.outbox.iter_mut().filter(|message| message.id == ack.id) {
            message.state = State::Acked(ack.room.clone(), ack.seq);
        }
    }

    fn error(&mut self, now: u64, error: &ErrorFrame) -> Checked<Vec<ClientFrame>> {
        if !self.is_live {
            let Some(name) = &error.suggest else { return Ok(Vec::new()) };
            self.name = name.clone();
            return Ok(vec![self.hello()]);
        }
        let Some(id) = &error.id else { return Ok(self.due(now)) };
        let Some(message) = self.outbox.iter_mut().find(|message| message.id == *id) else {
            return Ok(self.due(now));
        };
        if let State::Acked(..) = message.state {
            return Ok(self.due(now));
        }
        check(error.code != ErrorCode::IdReused, Promise::Once, || {
            format!("an honest retry was refused: {error:?} for {message:?}")
        })?;
        let is_final = error.retry_after_ms.is_none();
        check(!is_final || message.what.may_be_refused(error.code), Promise::AtRest, || {
            format!("nothing is wrong with it, and yet: {error:?} for {message:?}")
        })?;
        message.state = match error.retry_after_ms {
            Some(ms) => State::Later(now + ms),
            None => State::Refused(error.code),
        };
        if error.code == ErrorCode::NotInRoom
            && let Some(room) = message.what.room()
            && let Some(place) = self.places.get_mut(room).filter(|place| place.is_wanted)
        {
            // A leave came between: it goes there again, and says it then.
            message.state = State::Waiting;
            place.is_joined = false;
        }
        Ok(self.due(now))
    }
}

impl What {
    /// The room that one must be in to say it.
    pub(crate) fn room(&self) -> Option<&RoomName> {
        match self {
            Self::Say(room, _)
            | Self::Topic(room, _)
            | Self::Edit(room, ..)
            | Self::Delete(room, _) => Some(room),
            Self::Announce(room, _) => room.as_ref(),
            Self::Direct(..) => None,
        }
    }

    /// Whether this may be the last word on it: somebody has left the room or the hub.
    fn may_be_refused(&self, code: ErrorCode) -> bool {
        match self {
            Self::Say(..) | Self::Topic(..) => code == ErrorCode::NotInRoom,
            Self::Direct(..) => code == ErrorCode::NoSuchUser,
            Self::Announce(..) => matches!(code, ErrorCode::NotInRoom | ErrorCode::Forbidden),
            // Whether that is right is seen by what is stored.
            Self::Edit(..) | Self::Delete(..) => matches!(
                code,
                ErrorCode::NotInRoom | ErrorCode::NoSuchMessage | ErrorCode::Forbidden
            ),
        }
    }
}

impl Message {
    /// As it is sent.
    pub(crate) fn frame(&self) -> ClientFrame {
        let id = self.id.clone();
        match self.what.clone() {
            What::Say(room, text) => ClientFrame::Say(Say { id, room, text, reply_to: None }),
            What::Direct(to, text) => ClientFrame::Direct(Direct { id, to, text }),
            What::Announce(room, text) => ClientFrame::Announce(Announce { id, room, text }),
            What::Topic(room, text) => ClientFrame::Topic(SetTopic { id, room, text }),
            What::Edit(room, seq, text) => ClientFrame::Edit(Edit { id, room, seq, text }),
            What::Delete(room, seq) => ClientFrame::Delete(Delete { id, room, seq }),
        }
    }
}
