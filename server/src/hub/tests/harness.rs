//! The hub's surroundings as a model: connections, fan-out and ledger, on simulated time. It
//! checks at every step what must always hold.

mod effects;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use protocol::{
    Identity, RoomName, Seq, ServerFrame, SessionId, Timestamp, codec,
    server::{ByeReason, ServerInfo},
};

pub(super) use super::frames::*;
use super::{client::Client, ledger::ModelLedger, show};
use crate::{
    hub::{
        asking::{Answer, AskId, Question},
        input::{Input, Now, Ticket},
        state::{HubState, Settings},
    },
    ledger::{PageQuery, Proposal, Trimmed},
};

/// When tests begin, by the wall clock.
pub(super) const BEGIN: Timestamp = Timestamp(1_700_000_000_000);
/// How long somebody may be gone unnoticed.
pub(super) const LINGER: Duration = Duration::from_secs(10);

/// A hub, and all that is around it.
pub(super) struct HubHarness {
    pub(super) hub: HubState,
    pub(super) ledger: ModelLedger,
    /// Whether what is asked of the ledger waits for [`HubHarness::answer_one`].
    pub(super) holds_ledger: bool,
    settings: Settings,
    now: Now,
    epoch: u8,
    clients: BTreeMap<SessionId, Client>,
    next_session: u64,
    asked: VecDeque<Asked>,
    /// What the fan-out knows: the last seq of each room that it was given.
    heads: BTreeMap<RoomName, Seq>,
    /// What who has no connection was answered.
    answers: BTreeMap<AskId, Answer>,
    next_ask: u64,
    /// When each room was last told who writes.
    told_typing: BTreeMap<RoomName, Duration>,
}

/// What the ledger is to do.
enum Asked {
    Decide(Proposal),
    Read(Ticket, PageQuery),
}

pub(super) fn settings() -> Settings {
    Settings {
        password: None,
        linger: LINGER,
        idle_timeout: None,
        rate: 10,
        burst: 30,
        server: ServerInfo { name: "hubbub".to_owned(), version: "0.1.0".to_owned() },
    }
}

impl HubHarness {
    pub(super) fn new() -> Self {
        Self::with_settings(settings())
    }

    pub(super) fn with_settings(settings: Settings) -> Self {
        let ledger = ModelLedger::default();
        Self {
            hub: HubState::new(ledger.snapshot(1), settings.clone()),
            ledger,
            holds_ledger: false,
            settings,
            now: Now { mono: Duration::ZERO, wall: BEGIN },
            epoch: 1,
            clients: BTreeMap::new(),
            next_session: 1,
            asked: VecDeque::new(),
            heads: BTreeMap::new(),
            answers: BTreeMap::new(),
            next_ask: 0,
            told_typing: BTreeMap::new(),
        }
    }

    /// The hub dies and starts again from what its ledger has.
    pub(super) fn restart(&mut self) {
        self.clients.clear();
        self.asked.clear();
        self.told_typing.clear();
        let snapshot = self.ledger.snapshot(self.epoch);
        self.heads = snapshot.rooms.iter().map(|room| (room.room.clone(), room.head)).collect();
        self.hub = HubState::new(snapshot, self.settings.clone());
    }

    /// The hub starts again with another history.
    pub(super) fn restart_without_history(&mut self) {
        self.ledger = ModelLedger::default();
        self.epoch += 1;
        self.restart();
    }

    /// A connection that has not said hello.
    pub(super) fn connect(&mut self) -> SessionId {
        let session = SessionId(self.next_session);
        self.next_session += 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&session.0.to_be_bytes());
        self.clients.insert(session, Client::default());
        self.input(Input::Connected { session, guest: Identity::from_bytes(bytes) });
        session
    }

    /// Asks something without a connection.
    pub(super) fn question(&mut self, question: Question) -> AskId {
        let ask = AskId(self.next_ask);
        self.next_ask += 1;
        self.input(Input::Asked { ask, question });
        ask
    }

    /// What was answered to a question, once.
    pub(super) fn answer_to(&mut self, ask: AskId) -> Option<Answer> {
        self.answers.remove(&ask)
    }

    /// The frame with which a person says hello, `{who}` being their secret.
    pub(super) fn hello(who: &str, name: &str) -> String {
        let secret = secret(who).expose();
        format!(r#"{{"type":"hello","name":"{name}","secret":"{secret}"}}"#)
    }

    /// A new connection of the person who has this name or wants it.
    pub(super) fn person(&mut self, name: &str) -> SessionId {
        let session = self.connect();
        self.send(session, &Self::hello(name, name));
        let news = self.news(session);
        assert!(news[0].starts_with("welcome"), "{news:?}");
        session
    }

    /// A guest of this name.
    pub(super) fn guest(&mut self, name: &str) -> SessionId {
        let session = self.connect();
        self.send(session, &format!(r#"{{"type":"hello","name":"{name}"}}"#));
        let news = self.news(session);
        assert!(news[0].starts_with("welcome"), "{news:?}");
        session
    }

    /// A person in a room, and everyone else's news forgotten.
    pub(super) fn person_in(&mut self, name: &str, rooms: &[&str]) -> SessionId {
        let session = self.person(name);
        for room in rooms {
            self.ask(session, &join(room));
        }
        self.settle();
        session
    }

    /// A connection sends this.
    pub(super) fn send(&mut self, session: SessionId, json: &str) {
        self.client(session).open += 1;
        match codec::decode_client(json) {
            Ok(frame) => self.input(Input::Frame { session, frame }),
            Err(error) => self.input(Input::BadFrame { session, error }),
        }
    }

    /// A connection sends this; what it is told since then.
    pub(super) fn ask(&mut self, session: SessionId, json: &str) -> Vec<String> {
        self.client(session).news.clear();
        self.send(session, json);
        self.news(session)
    }

    /// What a connection was told since it last looked, as lines.
    pub(super) fn news(&mut self, session: SessionId) -> Vec<String> {
        self.frames(session).iter().map(show::line).collect()
    }

    /// What a connection was told since it last looked.
    pub(super) fn frames(&mut self, session: SessionId) -> Vec<ServerFrame> {
        std::mem::take(&mut self.client(session).news)
    }

    /// Everything that comes of itself has come, and is forgotten.
    pub(super) fn settle(&mut self) {
        self.advance(Duration::from_millis(200));
        for client in self.clients.values_mut() {
            client.news.clear();
        }
    }

    /// The socket is gone.
    pub(super) fn close(&mut self, session: SessionId, clean: bool) {
        self.clients.remove(&session);
        self.input(Input::Closed { session, clean });
    }

    /// With which code a connection was told to go.
    pub(super) fn close_code(&mut self, session: SessionId) -> Option<u16> {
        self.client(session).closed
    }

    /// The fan-out says that a cursor is back in the ring.
    pub(super) fn caught_up(&mut self, session: SessionId, room: &RoomName) {
        self.input(Input::CaughtUp { session, room: room.clone() });
    }

    pub(super) fn hello_overdue(&mut self, session: SessionId) {
        self.input(Input::HelloOverdue { session });
    }

    /// The ledger tells that it has forgotten the beginning of a log.
    pub(super) fn trimmed(&mut self, room: &RoomName, oldest: Seq) {
        self.input(Input::Trimmed(Trimmed { room: room.clone(), oldest }));
    }

    pub(super) fn drain(&mut self, reason: ByeReason) {
        self.input(Input::Drain { reason });
    }

    /// Time passes, and the hub is woken when it wants to be.
    pub(super) fn advance(&mut self, by: Duration) {
        let end = self.now.mono + by;
        while let Some(deadline) = self.hub.next_deadline().filter(|deadline| *deadline <= end) {
            self.set_time(deadline.max(self.now.mono));
            self.input(Input::Tick);
            let next = self.hub.next_deadline();
            assert!(next.is_none_or(|next| next > self.now.mono), "a deadline that stays");
        }
        self.set_time(end);
    }

    pub(super) fn advance_ms(&mut self, ms: u64) {
        self.advance(Duration::from_millis(ms));
    }

    /// The ledger does one thing, if there is one.
    pub(super) fn answer_one(&mut self) -> bool {
        let Some(asked) = self.asked.pop_front() else { return false };
        // What comes of it is for the next round: thousands of these would not fit on a stack.
        let holds_ledger = std::mem::replace(&mut self.holds_ledger, true);
        match asked {
            Asked::Decide(proposal) => {
                let outcome = self.ledger.decide(&proposal);
                self.input(Input::Decided(outcome));
            }
            Asked::Read(ticket, query) => {
                let result = Ok(self.ledger.page(&query));
                self.input(Input::PageRead { ticket, result });
            }
        }
        self.holds_ledger = holds_ledger;
        true
    }

    /// The page that was asked for first is read now, and comes after all else.
    pub(super) fn read_first_tell_last(&mut self) {
        let Some(Asked::Read(ticket, query)) = self.asked.pop_front() else { panic!("no page") };
        let result = Ok(self.ledger.page(&query));
        self.answer_all();
        self.input(Input::PageRead { ticket, result });
    }

    pub(super) fn answer_all(&mut self) {
        while self.answer_one() {}
    }

    /// Whose connections are here, for tests that pick one.
    pub(super) fn sessions(&self) -> Vec<SessionId> {
        self.clients.keys().copied().collect()
    }

    /// After everything has settled, nothing is unanswered and everyone sees the same people.
    pub(super) fn check_settled(&mut self) {
        self.holds_ledger = false;
        self.answer_all();
        self.advance(LINGER + Duration::from_secs(1));
        let mut views = BTreeMap::new();
        for (session, client) in &self.clients {
            assert_eq!(client.open, 0, "{session} has unanswered requests");
            for (room, following) in &client.rooms {
                let view = (following.members(), following.count);
                let first = views.entry(room).or_insert_with(|| view.clone());
                assert_eq!(view, *first, "{session} sees others in {room}");
                assert_eq!(usize::try_from(view.1), Ok(view.0.len()), "{session} in {room}");
            }
        }
        self.check_membership(
            &views.into_iter().map(|(room, view)| (room.clone(), view.1)).collect(),
        );
    }

    /// The people whom everyone sees are those who follow the room.
    fn check_membership(&self, counts: &BTreeMap<RoomName, u32>) {
        for (room, count) in counts.iter().filter(|(room, _)| **room != room_of_all()) {
            let followers =
                self.clients.iter().filter(|(_, client)| client.rooms.contains_key(room));
            let people: BTreeSet<_> = followers
                .map(|(session, _)| self.hub.sessions[session].person().unwrap())
                .collect();
            assert_eq!(usize::try_from(*count), Ok(people.len()), "{room}");
        }
    }

    pub(super) fn set_time(&mut self, mono: Duration) {
        let wall = BEGIN.0 + i64::try_from(mono.as_millis()).unwrap();
        self.now = Now { mono, wall: Timestamp(wall) };
    }

    /// The wall clock jumps, and nothing else.
    pub(super) fn jump_wall_ms(&mut self, ms: i64) {
        self.now.wall.0 += ms;
    }

    fn client(&mut self, session: SessionId) -> &mut Client {
        self.clients.get_mut(&session).unwrap()
    }

    pub(super) fn input(&mut self, input: Input) {
        let mut effects = Vec::new();
        self.hub.handle(self.now, input, &mut effects);
        for effect in effects {
            self.perform(effect);
        }
        if !self.holds_ledger {
            self.answer_all();
        }
    }
}

fn room_of_all() -> RoomName {
    RoomName::announcements()
}
