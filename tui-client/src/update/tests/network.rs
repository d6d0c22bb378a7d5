//! Whatever a network does to frames, and however often the program dies: in the end each room
//! has the hub's log, and what was typed is in it once.

mod hub;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use protocol::{ClientFrame, RoomName, Seq};

use super::{ANA, PRIVATE, User, frames};
use crate::{
    effect::Effect,
    event::{Event, Size},
};

const ROOMS: [&str; 3] = ["lobby", "games", PRIVATE];
/// Steps after which a client that is left in peace must have come to rest.
const PEACE: usize = 10_000;

/// What happens; the numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Type,
    Direct,
    OtherRoom,
    Scroll(bool),
    BobSays(usize),
    HubReads,
    ClientReads,
    Lose(usize),
    LoseEvent(usize),
    Double(usize),
    Swap(usize),
    HubIsFull,
    Trim(usize),
    NewEpoch,
    Cut,
    Connect,
    Crash,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => Just(Step::Type),
        2 => Just(Step::Direct),
        2 => Just(Step::OtherRoom),
        2 => any::<bool>().prop_map(Step::Scroll),
        6 => (0usize..3).prop_map(Step::BobSays),
        12 => Just(Step::HubReads),
        20 => Just(Step::ClientReads),
        2 => any::<usize>().prop_map(Step::Lose),
        2 => any::<usize>().prop_map(Step::Double),
        3 => any::<usize>().prop_map(Step::Swap),
        1 => Just(Step::HubIsFull),
        1 => (0usize..3).prop_map(Step::Trim),
        1 => Just(Step::NewEpoch),
        1 => Just(Step::Cut),
        4 => Just(Step::Connect),
        1 => Just(Step::Crash),
        1 => (0u64..3000).prop_map(Step::Wait),
    ]
}

/// What happens on one connection that stays: only what is said gets lost.
fn step_of_one_connection() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => Just(Step::Type),
        2 => Just(Step::Direct),
        2 => Just(Step::OtherRoom),
        6 => (0usize..3).prop_map(Step::BobSays),
        12 => Just(Step::HubReads),
        20 => Just(Step::ClientReads),
        6 => any::<usize>().prop_map(Step::LoseEvent),
        2 => any::<usize>().prop_map(Step::Double),
        1 => Just(Step::HubIsFull),
        1 => (0u64..3000).prop_map(Step::Wait),
    ]
}

/// One room of the hub.
#[derive(Default)]
struct Log {
    /// Author, id, text.
    events: Vec<(&'static str, String, String)>,
    oldest: usize,
    attached: bool,
}

/// A hub that keeps the protocol, and the way between.
struct World {
    user: User,
    logs: BTreeMap<String, Log>,
    epoch: u64,
    to_hub: VecDeque<ClientFrame>,
    to_client: VecDeque<String>,
    is_connected: bool,
    is_full: bool,
    typed: Vec<(String, String)>,
    /// The ids under which something is stored as a `direct`.
    directs: BTreeSet<String>,
    said_by_bob: usize,
}

impl World {
    fn new() -> Self {
        let logs = ROOMS.map(|room| (room.to_owned(), Log { oldest: 1, ..Log::default() }));
        let mut world = Self {
            user: User::starts(),
            logs: logs.into(),
            epoch: 1,
            to_hub: VecDeque::new(),
            to_client: VecDeque::new(),
            is_connected: false,
            is_full: false,
            typed: Vec::new(),
            directs: BTreeSet::new(),
            said_by_bob: 0,
        };
        world.take(&Step::Connect);
        world.rest();
        world.enter("games");
        world
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Type => self.types(),
            Step::Direct => self.types_in_private(),
            Step::OtherRoom => self.does(|user| user.types("<c-n>")),
            Step::Scroll(up) => self.does(|user| user.types(if up { "<pgup>" } else { "<pgdn>" })),
            Step::BobSays(room) => self.bob_says(ROOMS[room]),
            Step::HubReads => drop(self.hub_reads()),
            Step::ClientReads => drop(self.client_reads()),
            Step::Lose(at) => drop(self.at(at).and_then(|at| self.to_client.remove(at))),
            Step::LoseEvent(at) => self.lose_event(at),
            Step::Double(at) => self.double(at),
            Step::Swap(at) => self.swap(at),
            Step::HubIsFull => self.is_full = true,
            Step::Trim(room) => self.trim(ROOMS[room]),
            Step::NewEpoch => self.new_epoch(),
            Step::Cut => self.cut(),
            Step::Connect => self.connect(),
            Step::Crash => self.crash(),
            Step::Wait(millis) => self.does(|user| user.waits(millis)),
        }
    }

    fn does(&mut self, act: impl FnOnce(&mut User) -> Vec<Effect>) {
        let effects = act(&mut self.user);
        if self.is_connected {
            self.to_hub.extend(frames(&effects).cloned());
        }
    }

    fn types(&mut self) {
        let text = format!("own {}", self.typed.len());
        let shown = self.user.shown();
        let room = if shown.starts_with('@') { PRIVATE.to_owned() } else { shown };
        self.typed.push((room, text.clone()));
        self.does(|user| user.types(&format!("{text}<ret>")));
    }

    fn types_in_private(&mut self) {
        let text = format!("own {}", self.typed.len());
        self.typed.push((PRIVATE.to_owned(), text.clone()));
        self.does(|user| user.types(&format!("/msg Bob {text}<ret>")));
    }

    fn enter(&mut self, room: &str) {
        self.does(|user| user.types(&format!("/join {room}<ret>")));
        self.rest();
        assert_eq!(self.user.shown(), room);
    }

    fn client_reads(&mut self) -> bool {
        let Some(frame) = self.to_client.pop_front() else { return false };
        self.does(|user| user.hears(&frame));
        true
    }

    /// One of the frames on their way to the client.
    fn at(&self, at: usize) -> Option<usize> {
        at.checked_rem(self.to_client.len())
    }

    fn lose_event(&mut self, at: usize) {
        let is_event = |frame: &String| frame.starts_with(r#"{"type":"event""#);
        if self.at(at).is_some_and(|at| is_event(&self.to_client[at])) {
            self.take(&Step::Lose(at));
        }
    }

    fn double(&mut self, at: usize) {
        if let Some(at) = self.at(at) {
            let frame = self.to_client[at].clone();
            self.to_client.insert(at, frame);
        }
    }

    fn swap(&mut self, at: usize) {
        if let Some(at) = self.at(at) {
            let last = self.to_client.len() - 1;
            self.to_client.swap(at, last);
        }
    }

    /// The hub comes back from a copy: another history, in which everything that was acked is.
    fn new_epoch(&mut self) {
        self.cut();
        self.epoch += 1;
        for room in ["lobby", "games"] {
            self.bob_says(room);
        }
    }

    fn cut(&mut self) {
        if std::mem::take(&mut self.is_connected) {
            self.to_hub.clear();
            self.to_client.clear();
            self.logs.values_mut().for_each(|log| log.attached = false);
            self.does(User::lost);
        }
    }

    fn connect(&mut self) {
        if !self.is_connected {
            self.is_connected = true;
            let (epoch, head) = (self.epoch, self.logs[PRIVATE].events.len());
            let private = format!(
                r#"[{{"room":"{PRIVATE}","peer":"Bob","topic":"","members":2,"head":{head},
                "mine":true,"epoch":"{epoch:016x}"}}]"#
            );
            let rooms = if head > 0 { private } else { "[]".to_owned() };
            self.does(|user| user.connects_to(&rooms));
        }
    }

    fn crash(&mut self) {
        self.cut();
        let user = std::mem::replace(&mut self.user, User::starts());
        self.user = user.crashes();
    }

    /// Leaves hub and client in peace until nothing happens any more.
    fn rest(&mut self) {
        for _ in 0..PEACE {
            if self.hub_reads() || self.client_reads() {
                continue;
            }
            let Some(deadline) = self.user.state.next_deadline() else { return };
            let wait = deadline.saturating_sub(self.user.now.mono).as_millis();
            self.does(|user| user.waits(u64::try_from(wait).unwrap()));
        }
        panic!("it does not come to rest: {:?}", self.to_hub);
    }

    /// All that there is fits on this screen.
    fn has_a_large_screen(&mut self) {
        let size = Size { columns: 80, rows: 1000 };
        self.does(|user| user.event_is(Event::Resize(size)));
    }

    /// What is said next comes, and with it all that was lost of what is on the screen.
    fn goes_on(&mut self) {
        let room = self.user.state.room().place.room().expect("a room").to_string();
        self.is_full = false;
        self.bob_says(&room);
        self.rest();
        self.is_as_the_log(&room);
    }

    /// A connection without faults, and a reader who looks at everything.
    fn heal(&mut self) {
        self.is_full = false;
        self.cut();
        self.connect();
        self.rest();
        for room in ROOMS {
            self.look_at(room);
            self.rest();
            for _ in 0..self.logs[room].events.len() {
                self.does(|user| user.types("<pgup>"));
                self.rest();
            }
        }
    }

    fn look_at(&mut self, room: &str) {
        if room != PRIVATE {
            self.enter(room);
        } else if let Some(index) = self.index_of(PRIVATE) {
            self.does(|user| user.types(&format!("<a-{}>", index + 1)));
        }
        self.does(|user| user.types("<end>"));
    }

    fn index_of(&self, room: &str) -> Option<usize> {
        crate::update::places::index_of_room(&self.user.state, &RoomName::parse(room).unwrap())
    }

    fn holds(&self) {
        let mut stored = BTreeSet::new();
        for room in ROOMS {
            self.is_as_the_log(room);
            let own = self.logs[room].events.iter().filter(|event| event.0 == ANA);
            let own: Vec<&String> = own.map(|event| &event.2).collect();
            assert!(own.iter().all(|text| stored.insert((*text).clone())), "doubled: {own:?}");
            let typed = self.typed.iter().filter(|typed| typed.0 == room).map(|typed| &typed.1);
            assert_eq!(own, typed.collect::<Vec<_>>(), "what was typed in {room}, in order");
        }
        assert_eq!(self.user.state.outbox.places().count(), 0, "nothing is left in a tail");
        assert!(self.user.disk.is_empty(), "{:?}", self.user.disk);
    }

    fn is_as_the_log(&self, room: &str) {
        let log = &self.logs[room];
        let Some(index) = self.index_of(room) else {
            assert_eq!((room, log.events.len()), (PRIVATE, 0));
            return;
        };
        let timeline = self.user.state.rooms[index].timeline();
        assert_eq!(number(timeline.last()), log.events.len(), "the head of {room}");
        for (index, (by, id, text)) in log.events.iter().enumerate() {
            let seq = Seq::new(index as u64 + 1).unwrap();
            match timeline.event(seq) {
                Some(event) => {
                    let here = (event.by.as_str(), event.id.as_str());
                    assert_eq!(here, (*by, id.as_str()), "{seq} of {room}");
                    assert_eq!(event.text.as_ref().unwrap().as_str(), text);
                }
                None => assert!(index + 1 < log.oldest, "{seq} of {room} is not there"),
            }
            assert!(!timeline.is_missing(seq), "{seq} of {room} is still a gap");
        }
    }
}

fn number(seq: Seq) -> usize {
    usize::try_from(seq.get()).unwrap()
}

proptest! {
    #[test]
    fn the_end_is_the_log_of_the_hub(steps in prop::collection::vec(step(), 0..250)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.heal();
        world.holds();
    }

    #[test]
    fn a_gap_on_the_screen_fills_itself(
        steps in prop::collection::vec(step_of_one_connection(), 0..250),
    ) {
        let mut world = World::new();
        world.has_a_large_screen();
        for step in &steps {
            world.take(step);
        }
        world.goes_on();
    }
}
