//! From `hello` to `welcome`: who somebody is and what they are called. PURE.

use protocol::{
    ErrorCode, HEARTBEAT_MS, Identity, MESSAGE_BYTES_MAX, NAME_GRAPHEMES_MAX, NOTE_BYTES_MAX,
    PAGE_LIMIT_MAX, ROOM_CHARS_MAX, ROOMS_MAX, RequestId, RoomName, ServerFrame, SessionId,
    TOPIC_BYTES_MAX, UserName,
    client::Hello,
    close,
    server::{Limits, Welcome},
};

use super::{
    membership::Cursor,
    people::PersonId,
    proposals::Pending,
    session::{Greeting, HELLO_RETRIES_MAX, Stage},
    state::HubState,
    turn::{Denial, Turn},
};
use crate::ledger::{Act, Decision};

/// A hello that the ledger is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimingHello {
    session: SessionId,
    id: Option<RequestId>,
    identity: Identity,
    name: UserName,
}

impl HubState {
    /// Somebody says who they are.
    pub(super) fn hello(&mut self, turn: &mut Turn, session: SessionId, frame: Hello) {
        let Some(guest) = self.greeting(session).map(|greeting| greeting.guest.clone()) else {
            return;
        };
        if !self.accepts(frame.password.as_deref()) {
            let text = "this hub asks for a password; send hello again with the right one";
            let denial = Denial::new(ErrorCode::PasswordRequired, text);
            return self.refuse_hello(turn, session, frame.id, denial);
        }
        match &frame.secret {
            None => self.hello_guest(turn, session, frame, guest),
            Some(secret) => {
                let identity = Identity::of(secret);
                self.hello_owner(turn, session, frame, identity);
            }
        }
    }

    fn hello_guest(&mut self, turn: &mut Turn, session: SessionId, frame: Hello, guest: Identity) {
        if !self.people.is_free(&frame.name.key(), &guest, self.certain(turn.now)) {
            let denial = self.name_taken(turn, session, &guest, &frame.name);
            return self.refuse_hello(turn, session, frame.id, denial);
        }
        let person = self.people.add_guest(guest, frame.name);
        self.welcome(turn, session, person, frame.id);
    }

    fn hello_owner(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        frame: Hello,
        identity: Identity,
    ) {
        let known = self.people.by_identity(&identity);
        if let Some(person) = known.filter(|person| self.people.has_own_name(*person)) {
            return self.admit(turn, session, person, frame.id);
        }
        if !self.people.is_free(&frame.name.key(), &identity, self.certain(turn.now)) {
            let denial = self.name_taken(turn, session, &identity, &frame.name);
            return self.refuse_hello(turn, session, frame.id, denial);
        }
        let only_first = !known.is_some_and(|person| self.people.is_displaced(person));
        let Hello { id, name, .. } = frame;
        self.people.begin_claim(&name, &identity);
        self.set_claiming(session, true);
        let act = Act::Claim { name: name.clone(), only_first };
        let by = (identity.clone(), name.clone());
        self.propose(turn, by, act, Pending::Hello(ClaimingHello { session, id, identity, name }));
    }

    /// The ledger has decided about the name of somebody who said hello.
    pub(super) fn hello_decided(
        &mut self,
        turn: &mut Turn,
        hello: ClaimingHello,
        decision: Decision,
    ) {
        let ClaimingHello { session, id, identity, name: asked } = hello;
        self.people.end_claim(&asked, &identity);
        match self.claimed(turn, &identity, decision) {
            Ok(person) => self.admit(turn, session, person, id),
            Err(mut denial) => {
                self.suggest_if_taken(turn, session, &identity, &asked, &mut denial);
                self.refuse_hello(turn, session, id, denial);
            }
        }
    }

    /// Answers a hello with why not, and the last of too many with a close.
    pub(super) fn refuse_hello(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        id: Option<RequestId>,
        denial: Denial,
    ) {
        self.set_claiming(session, false);
        let Some(greeting) = self.greeting(session) else {
            return;
        };
        greeting.refused += u8::from(denial.retry_after_ms.is_none());
        let is_last = greeting.is_overdue || greeting.refused > HELLO_RETRIES_MAX;
        turn.answer(session, denial.frame(id));
        if is_last {
            self.close(turn, session, close::NO_HELLO, "too many refused hellos");
        }
    }

    /// Somebody is in: the connection is theirs from here on.
    pub(super) fn welcome(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        person: PersonId,
        id: Option<RequestId>,
    ) {
        if self.greeting(session).is_none() {
            return; // The connection went while the ledger was asked.
        }
        self.let_in(session, person);
        self.mark_seen(turn, person);
        if let Some(welcome) = self.welcome_frame(turn, session, person, id) {
            turn.answer(session, ServerFrame::Welcome(welcome));
        }
        self.follow_announcements(turn, session, Some(person));
    }

    /// A connection is this person's from here on.
    pub(super) fn let_in(&mut self, session: SessionId, person: PersonId) {
        self.set_stage(session, Stage::Welcomed(person));
        if let Some(known) = self.people.get_mut(person) {
            known.sessions.reserve_exact(1); // Most people have one.
            known.sessions.push(session);
        }
    }

    /// Everyone follows `announcements`, from when they come.
    pub(super) fn follow_announcements(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        person: Option<PersonId>,
    ) {
        let announcements = RoomName::announcements();
        let cursor = Cursor::live(self.rooms.open(&announcements));
        self.windows.note_snapshot(&announcements);
        self.attach(turn, session, person, &announcements, cursor, None);
    }

    fn welcome_frame(
        &self,
        turn: &Turn,
        session: SessionId,
        person: PersonId,
        id: Option<RequestId>,
    ) -> Option<Welcome> {
        let known = self.people.get(person)?;
        Some(Welcome {
            id,
            session,
            name: known.name.clone(),
            identity: known.identity.clone(),
            role: known.role,
            server: self.settings.server.clone(),
            hub: self.hub.clone(),
            epoch: self.epoch.clone(),
            durability: self.durability,
            now: turn.now.wall,
            heartbeat_ms: HEARTBEAT_MS,
            limits: self.limits(),
            rooms: self.welcome_rooms(person),
        })
    }

    fn limits(&self) -> Limits {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Limits {
            text: number(MESSAGE_BYTES_MAX),
            frame: number(protocol::FRAME_BYTES_MAX),
            name: number(NAME_GRAPHEMES_MAX),
            room: number(ROOM_CHARS_MAX),
            topic: number(TOPIC_BYTES_MAX),
            note: number(NOTE_BYTES_MAX),
            rooms: number(ROOMS_MAX),
            page: u32::from(PAGE_LIMIT_MAX),
            rate: self.settings.rate,
            burst: self.settings.burst,
        }
    }

    fn greeting(&mut self, session: SessionId) -> Option<&mut Greeting> {
        match &mut self.sessions.get_mut(&session)?.stage {
            Stage::Greeting(greeting) => Some(greeting),
            Stage::Listening(_) | Stage::Watching(_) | Stage::Welcomed(_) | Stage::Closing(_) => {
                None
            }
        }
    }

    pub(super) fn set_claiming(&mut self, session: SessionId, is_claiming: bool) {
        if let Some(greeting) = self.greeting(session) {
            greeting.is_claiming = is_claiming;
        }
    }

    fn accepts(&self, password: Option<&str>) -> bool {
        let Some(wanted) = &self.settings.password else {
            return true;
        };
        password.is_some_and(|given| is_same_secret(given, wanted))
    }
}

/// Compares in a time that does not tell how much of the beginning was right.
fn is_same_secret(given: &str, wanted: &str) -> bool {
    let differing = given.bytes().zip(wanted.bytes().cycle()).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == wanted.len() && differing == 0
}
