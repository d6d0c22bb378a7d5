//! Watchers: what they are told first, what keeps a stream alive, what ends it, and what one
//! costs that takes nothing.

use std::{
    io::{self, ErrorKind, IoSlice},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures::future::AbortHandle;
use protocol::{
    Epoch, EventKind, Identity, MessageText, RequestId, RoomEvent, ServerFrame, Timestamp, Topic,
    UserName,
    server::{Bye, ByeReason, Gap, GapReason, Joined},
};

use super::*;
use crate::{
    dialect::Dialect,
    fanout::{
        clock::Clock,
        command::{Attach, Open},
        gate::{Gate, Hints},
    },
};

const HEAD: &str = "HTTP/1.1 200 OK\r\n\r\n";
const WATCHER: SessionId = SessionId(1);

/// A socket that takes so many bytes, and then no more.
#[derive(Debug)]
struct Pipe {
    room: AtomicUsize,
    taken: Mutex<Vec<u8>>,
    is_reset: AtomicBool,
    is_finished: AtomicBool,
}

impl Pipe {
    fn of(room: usize) -> Arc<Self> {
        let (is_reset, is_finished) = Default::default();
        let (room, taken) = (AtomicUsize::new(room), Mutex::default());
        Arc::new(Self { room, taken, is_reset, is_finished })
    }

    fn taken(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.taken.lock().unwrap())).unwrap()
    }
}

impl Socket for Pipe {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter()).copied().collect();
        let taken = bytes.len().min(self.room.load(Ordering::Relaxed));
        if taken == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room.fetch_sub(taken, Ordering::Relaxed);
        self.taken.lock().unwrap().extend(&bytes[..taken]);
        Ok(taken)
    }

    fn reset(&self) {
        self.is_reset.store(true, Ordering::Relaxed);
    }

    fn finish(&self) {
        self.is_finished.store(true, Ordering::Relaxed);
    }
}

/// A clock that is set by hand, and nothing else.
#[derive(Debug)]
struct Standing(Arc<Hints>);

impl Around for Standing {
    type Socket = Pipe;

    fn seconds(&self) -> u32 {
        self.0.clock().seconds()
    }

    fn read(&mut self, _: PageWanted) -> Result<(), ReadRefused> {
        Ok(())
    }

    fn await_writable(&mut self, _: Arc<Pipe>, _: Waiter) -> AbortHandle {
        AbortHandle::new_pair().0
    }

    fn offer(&mut self, _: Input) -> Result<(), Input> {
        Ok(())
    }

    fn finish(&mut self, _: Duration) {}
}

fn core() -> Core<Standing> {
    let hints = Arc::new(Hints::new(Clock::Standing(0.into())));
    Core::new(Sizes::of_one_in(1), Standing(hints))
}

/// A watcher whose socket takes so many bytes follows the lobby, which has nothing yet.
fn watch(core: &mut Core<Standing>, room: usize, gap: Option<Gap>) -> Arc<Pipe> {
    let socket = Pipe::of(room);
    let gate = Arc::new(Gate::new(WATCHER, Arc::clone(&core.around.0)));
    let (dialect, first) = (Dialect::Events, Some(Bytes::from(HEAD)));
    let open = Open { socket: Arc::clone(&socket), gate, dialect, first };
    core.take(Command::Open(Box::new(open)));
    let joined = Joined {
        id: None,
        room: RoomName::lobby(),
        peer: None,
        topic: Topic::default(),
        head: Seq::ZERO,
        oldest: Seq::ZERO.next(),
        read: None,
        epoch: Epoch::from_bytes([0; 8]),
        count: 0,
        members: Vec::new(),
        more: false,
    };
    let (session, joined, after) = (WATCHER, Box::new(joined), Seq::ZERO);
    let attach = Attach { session, joined, gap, after, reader: None, answers: false };
    core.take(Command::Attach(Box::new(attach)));
    core.sweep();
    socket
}

fn say(core: &mut Core<Standing>, number: u64) -> usize {
    let event = RoomEvent {
        room: RoomName::lobby(),
        seq: Seq::new(number).unwrap(),
        at: Timestamp(0),
        from: UserName::parse("Ana").unwrap(),
        by: Identity::from_bytes([1; 16]),
        kind: EventKind::Message,
        id: RequestId::parse(&number.to_string()).unwrap(),
        text: Some(MessageText::parse("hi").unwrap()),
        reply_to: None,
        target: None,
        edited: None,
        deleted: None,
        reactions: Vec::new(),
    };
    let (room, seq, frame) = (event.room.clone(), event.seq, Encoded::event(&Arc::new(event)));
    let bytes = frame.typed().len() + 64;
    core.take(Command::Append { room, seq, frame });
    core.sweep();
    bytes
}

/// Lets so many seconds pass, one by one.
fn pass(core: &mut Core<Standing>, seconds: u32) {
    for _ in 0..seconds {
        let clock = core.around.0.clock();
        clock.set(clock.seconds() + 1);
        core.tend();
        core.sweep();
    }
}

#[test]
fn the_head_comes_first_and_then_where_the_stream_begins() {
    let mut core = core();
    let socket = watch(&mut core, usize::MAX, None);
    assert_eq!(socket.taken(), format!("{HEAD}id: 0000000000000000.0\n\n"));
    say(&mut core, 1);
    let told = socket.taken();
    assert!(told.starts_with("id: 0000000000000000.1\ndata: {\"room\":\"lobby\",\"seq\":1,"));
    assert!(told.ends_with("}\n\n") && told.lines().count() == 3, "{told:?}");
}

#[test]
fn who_was_not_told_of_a_gap_does_not_resume_behind_it() {
    let mut core = core();
    let to = Seq::new(7).unwrap();
    let (room, from, reason) = (RoomName::lobby(), Seq::ZERO.next(), GapReason::Epoch);
    let socket = watch(&mut core, usize::MAX, Some(Gap { room, from, to, reason }));
    let gap = r#"{"room":"lobby","from":1,"to":7,"reason":"epoch"}"#;
    let told = format!("{HEAD}id: 0000000000000000.7\nevent: gap\ndata: {gap}\n\n");
    assert_eq!(socket.taken(), told, "one block, so that the id and the gap come together");
}

#[test]
fn an_idle_stream_has_a_comment_every_25_seconds_and_no_end() {
    let mut core = core();
    let socket = watch(&mut core, usize::MAX, None);
    pass(&mut core, 24);
    assert!(!socket.taken().contains("\n:\n"));
    pass(&mut core, 1);
    assert_eq!(socket.taken(), ":\n\n");
    pass(&mut core, 25 * 1000);
    assert_eq!(socket.taken(), ":\n\n".repeat(1000));
    assert!(!socket.is_reset.load(Ordering::Relaxed));
}

#[test]
fn who_takes_nothing_for_55_seconds_is_reset() {
    let mut core = core();
    let socket = watch(&mut core, 4096, None);
    pass(&mut core, 100);
    assert!(!socket.is_reset.load(Ordering::Relaxed), "it takes what there is");
    for number in 1..=100 {
        say(&mut core, number);
    }
    assert!(core.held(WATCHER).unwrap().is_blocked);
    pass(&mut core, 29);
    assert!(!socket.is_reset.load(Ordering::Relaxed), "too early");
    pass(&mut core, 26);
    assert!(socket.is_reset.load(Ordering::Relaxed), "{:?}", core.held(WATCHER));
    assert!(core.held(WATCHER).is_none());
}

#[test]
fn who_takes_nothing_costs_the_rest_of_a_frame() {
    let mut core = core();
    watch(&mut core, HEAD.len() + 100, None);
    let frame = say(&mut core, 1);
    for number in 2..=5000 {
        say(&mut core, number);
    }
    pass(&mut core, 30);
    let held = core.held(WATCHER).unwrap();
    assert!(held.is_blocked && !held.has_page, "{held:?}");
    assert!(held.bytes <= frame + 1024, "{held:?}");
}

#[test]
fn at_the_end_what_is_pending_comes_first_and_then_when_to_come_back() {
    let mut core = core();
    let socket = watch(&mut core, usize::MAX, None);
    socket.taken();
    let bye = Bye { reason: ByeReason::Restart, retry_after_ms: Some(1500) };
    let frame = Box::new(ServerFrame::Bye(bye));
    core.take(Command::Reply { session: WATCHER, frame, answers: false });
    core.take(Command::Close { session: WATCHER, code: 1012, reason: "again" });
    core.sweep();
    assert_eq!(socket.taken(), "retry: 1500\n\n");
    assert!(socket.is_finished.load(Ordering::Relaxed) && core.held(WATCHER).is_none());
}

#[test]
fn an_end_without_a_word_is_one_too() {
    let mut core = core();
    let socket = watch(&mut core, usize::MAX, None);
    core.take(Command::Close { session: WATCHER, code: 1001, reason: "" });
    core.sweep();
    assert!(socket.is_finished.load(Ordering::Relaxed) && core.held(WATCHER).is_none());
}
