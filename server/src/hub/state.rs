//! All live state of the hub, and what it does about each input. PURE: the time is handed in,
//! and everything that is to happen comes out as effects.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use protocol::{
    ClientFrame, DecodeError, Epoch, ErrorCode, HubId, Identity, RoomName, SessionId, Timestamp,
    close,
    server::{Durability, ServerInfo},
};

use super::{
    drain::Drain,
    effect::Effect,
    idle::Idle,
    input::{Input, Now, Ticket},
    markers::ReadMarkers,
    names::Suggestions,
    operators::AwaitedOperators,
    people::{People, PersonId},
    posting::Posting,
    presence::Windows,
    proposals::Pending,
    room::Rooms,
    seen::Seen,
    session::{Asker, Session, Stage},
    tokens::BearerTokens,
    turn::{Denial, Turn},
    typing::Typing,
};
use crate::ledger::{PROPOSALS_MAX, READS_MAX, Snapshot, certain::CertainTime};

/// How the operator wants the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What `hello` must carry, if anything.
    pub password: Option<String>,
    /// How long somebody may be gone without a goodbye before it is told.
    pub linger: Duration,
    /// After how long without a request a connection is closed; none: never.
    pub idle_timeout: Option<Duration>,
    /// Messages a second, as told in `welcome`.
    pub rate: u32,
    /// Messages at once, as told in `welcome`.
    pub burst: u32,
    /// Which program this is, as told in `welcome`.
    pub server: ServerInfo,
}

/// The hub.
#[derive(Debug)]
pub struct HubState {
    pub(super) settings: Settings,
    pub(super) hub: HubId,
    pub(super) epoch: Epoch,
    pub(super) durability: Durability,
    certain: CertainTime,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) people: People,
    pub(super) tokens: BearerTokens,
    pub(super) operators: AwaitedOperators,
    pub(super) posting: Posting,
    pub(super) rooms: Rooms,
    pub(super) windows: Windows,
    pub(super) suggestions: Suggestions,
    /// Who may still come back unnoticed, in which room and until when. All wait equally long,
    /// so the first is always the next.
    pub(super) lingering: VecDeque<(Duration, PersonId, RoomName)>,
    pub(super) idle: Idle,
    pub(super) seen: Seen,
    pub(super) markers: ReadMarkers,
    pub(super) typing: Typing,
    /// What was asked of the ledger and is not answered yet.
    pub(super) pending: BTreeMap<Ticket, Pending>,
    /// How many of those are page reads.
    pub(super) reads: usize,
    pub(super) next_ticket: u64,
    /// How many connections are told lines.
    pub(super) hear_lines: usize,
    pub(super) drain: Option<Drain>,
}

impl HubState {
    /// A hub that knows what was kept.
    pub fn new(snapshot: Snapshot, settings: Settings) -> Self {
        let Snapshot { hub, epoch, durability, newest, rooms, people, read, tokens } = snapshot;
        Self {
            idle: Idle::new(settings.idle_timeout),
            posting: Posting::new(settings.rate, settings.burst),
            settings,
            hub,
            epoch,
            durability,
            certain: CertainTime::since(newest),
            sessions: BTreeMap::new(),
            people: People::load(people, &tokens),
            tokens: BearerTokens::load(tokens),
            operators: AwaitedOperators::default(),
            rooms: Rooms::load(rooms),
            windows: Windows::default(),
            suggestions: Suggestions::default(),
            lingering: VecDeque::new(),
            seen: Seen::default(),
            markers: ReadMarkers::load(read),
            typing: Typing::default(),
            pending: BTreeMap::new(),
            reads: 0,
            next_ticket: 0,
            hear_lines: 0,
            drain: None,
        }
    }

    /// Deals with one input, and with all that is due by now.
    pub fn handle(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        let turn = &mut Turn { now, effects };
        self.tick(turn);
        match input {
            Input::Connected { session, guest } => self.connected(turn, session, guest),
            Input::Visit(visit) => self.visit(turn, *visit),
            Input::Listen(listen) => self.listen(turn, *listen),
            Input::Frame { session, frame } => self.frame(turn, session, frame),
            Input::BadFrame { session, error } => self.bad_frame(turn, session, error),
            Input::HelloOverdue { session } => self.hello_overdue(turn, session),
            Input::Closed { session, clean } => self.closed(turn, session, clean),
            Input::Decided(outcome) => self.decided(turn, outcome),
            Input::Trimmed(trimmed) => self.rooms.trim(&trimmed),
            Input::PageRead { ticket, result } => self.page_read(turn, ticket, result),
            Input::CaughtUp { session, room } => self.caught_up(turn, session, &room),
            Input::Asked { ask, question } => self.asked(turn, ask, question),
            Input::Drain { reason } => self.begin_drain(turn, reason),
            Input::Tick => {}
        }
        self.go_on_draining(turn);
    }

    /// How late it is for certain.
    pub(super) fn certain(&self, now: Now) -> Timestamp {
        self.certain.now(now.wall, now.mono)
    }

    /// When to call `handle` with a tick at the latest, as [`Now::mono`].
    pub fn next_deadline(&self) -> Option<Duration> {
        if let Some(drain) = &self.drain {
            return drain.deadline();
        }
        let lingering = self.lingering.front().map(|(until, ..)| *until);
        let told = [self.windows.next_deadline(), self.typing.next_deadline()];
        let kept = [self.seen.next_deadline(), self.markers.next_deadline()];
        let others = [lingering, self.idle.next_deadline()];
        [told, kept, others].into_iter().flatten().flatten().min()
    }

    /// Whether there is room for what an input of a connection may ask of the ledger. If not,
    /// only outcomes, pages and ticks may be handed in.
    pub fn may_take_input(&self) -> bool {
        self.reads < READS_MAX && self.pending.len() - self.reads < PROPOSALS_MAX
    }

    /// Whether everyone was told goodbye and has gone.
    pub fn is_drained(&self) -> bool {
        self.sessions.is_empty() && self.drain.as_ref().is_some_and(Drain::is_said)
    }

    fn tick(&mut self, turn: &mut Turn) {
        if self.drain.is_none() {
            self.end_lingering(turn);
            self.tell_presence(turn);
            self.tell_typing(turn);
            self.flush_seen(turn);
            self.flush_markers(turn);
            self.close_idle(turn);
        }
    }

    fn connected(&mut self, turn: &mut Turn, session: SessionId, guest: Identity) {
        self.sessions.insert(session, Session::new(guest));
        self.idle.begin(turn.now.mono, session);
        self.say_bye_if_late(turn, session);
    }

    fn frame(&mut self, turn: &mut Turn, session: SessionId, frame: ClientFrame) {
        self.note_request(turn, session, &frame);
        let Some(entry) = self.sessions.get(&session) else {
            return;
        };
        match &entry.stage {
            Stage::Closing(_) => turn.push(Effect::Done { session }),
            _ if self.drain.is_some() => turn.push(Effect::Done { session }),
            Stage::Greeting(greeting) if greeting.is_claiming => {
                turn.answer(session, wait_for_welcome().frame(frame.id().cloned()));
            }
            Stage::Greeting(_) => self.first_frame(turn, session, frame),
            Stage::Listening(_) | Stage::Watching(_) => {
                turn.answer(session, only_listens().frame(frame.id().cloned()));
            }
            Stage::Welcomed(person) => {
                let asker = Asker { session, person: *person, id: frame.id().cloned() };
                self.request(turn, asker, frame);
            }
        }
    }

    fn first_frame(&mut self, turn: &mut Turn, session: SessionId, frame: ClientFrame) {
        match frame {
            ClientFrame::Hello(hello) => self.hello(turn, session, hello),
            other => {
                let text = "say hello first: the first frame is a hello";
                let denial = Denial::new(ErrorCode::HelloFirst, text);
                turn.answer(session, denial.frame(other.id().cloned()));
            }
        }
    }

    fn request(&mut self, turn: &mut Turn, asker: Asker, frame: ClientFrame) {
        match frame {
            ClientFrame::Hello(_) => turn.deny(asker, hello_twice()),
            ClientFrame::Join(frame) => self.join(turn, asker, &frame),
            ClientFrame::Leave(frame) => self.leave(turn, asker, frame.room),
            ClientFrame::Say(frame) => self.say(turn, asker, frame),
            ClientFrame::Direct(frame) => self.direct(turn, asker, frame),
            ClientFrame::Edit(frame) => self.edit(turn, asker, frame),
            ClientFrame::Delete(frame) => self.delete(turn, asker, frame),
            ClientFrame::Name(frame) => self.rename(turn, asker, frame.name),
            ClientFrame::History(frame) => self.history(turn, asker, frame),
            ClientFrame::Rooms(frame) => self.list_rooms(turn, asker, &frame),
            ClientFrame::Who(frame) => self.who(turn, asker, &frame),
            ClientFrame::Read(frame) => self.read(turn, asker, &frame),
            ClientFrame::Typing(frame) => self.type_in(turn, asker, &frame.room),
            ClientFrame::Away(frame) => self.away(turn, &asker, frame.text),
            ClientFrame::Topic(frame) => self.set_topic(turn, asker, frame),
            ClientFrame::Announce(frame) => self.announce(turn, asker, frame),
            ClientFrame::Ping(frame) => Self::ping(turn, asker, frame.nonce),
            ClientFrame::React(_) | ClientFrame::Search(_) | ClientFrame::Moderate(_) => {
                turn.deny(asker, unknown_type());
            }
        }
    }

    fn bad_frame(&mut self, turn: &mut Turn, session: SessionId, error: DecodeError) {
        self.idle.asks(turn.now.mono, session);
        if self.sessions.contains_key(&session) {
            let DecodeError { refusal, id, room } = error;
            turn.answer(session, Denial { room, ..Denial::from(refusal) }.frame(id));
        }
    }

    fn hello_overdue(&mut self, turn: &mut Turn, session: SessionId) {
        let Some(entry) = self.sessions.get_mut(&session) else {
            return;
        };
        let Stage::Greeting(greeting) = &mut entry.stage else {
            return;
        };
        greeting.is_overdue = true;
        // While the ledger is asked, it is the hub that takes its time.
        if !greeting.is_claiming {
            self.close(turn, session, close::NO_HELLO, "no hello in time");
        }
    }

    /// Tells a connection to go.
    pub(super) fn close(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        code: u16,
        reason: &'static str,
    ) {
        self.idle.end(session);
        if let Some(entry) = self.sessions.get_mut(&session) {
            entry.stage = Stage::Closing(entry.person());
            turn.push(Effect::Close { session, code, reason });
        }
    }
}

fn hello_twice() -> Denial {
    Denial::new(ErrorCode::BadFrame, "hello was said already; to be called otherwise, send name")
}

fn only_listens() -> Denial {
    let text = "you only listen here; connect with ?name=NAME to talk";
    Denial::new(ErrorCode::Forbidden, text)
}

fn wait_for_welcome() -> Denial {
    Denial::new(ErrorCode::HelloFirst, "the hello is not answered yet; wait for the welcome")
}

fn unknown_type() -> Denial {
    Denial::new(ErrorCode::UnknownType, "this hub does not know that type of frame")
}
