//! What a shard asks of the ledger.

use std::{
    io::{self, IoSlice},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::future::AbortHandle;
use protocol::{
    Deleted, Epoch, EventKind, Identity, MessageText, RequestId, RoomEvent, Timestamp, Topic,
    UserName, server::Joined,
};

use super::*;
use crate::{
    dialect::Dialect,
    fanout::{
        clock::Clock,
        command::{Attach, Open},
        gate::{Gate, Hints},
    },
    ledger::PageRows,
};

/// A socket that takes everything, counts it, and keeps it.
#[derive(Debug, Default)]
struct Sink(AtomicUsize, Mutex<Vec<u8>>);

impl Sink {
    fn has(&self, words: &str) -> bool {
        let taken = self.1.lock().unwrap();
        taken.windows(words.len()).any(|window| window == words.as_bytes())
    }
}

impl Socket for Sink {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes = slices.iter().map(|slice| slice.len()).sum();
        self.0.fetch_add(bytes, Ordering::Relaxed);
        self.1.lock().unwrap().extend(slices.iter().flat_map(|slice| slice.iter()));
        Ok(bytes)
    }

    fn reset(&self) {}

    fn finish(&self) {}
}

/// Keeps what is asked of the ledger.
#[derive(Debug, Default)]
struct Asked {
    pages: Vec<PageWanted>,
    members: usize,
}

impl Around for Asked {
    type Socket = Sink;

    fn seconds(&self) -> u32 {
        0
    }

    fn read(&mut self, page: PageWanted) -> Result<(), ReadRefused> {
        self.pages.push(page);
        Ok(())
    }

    fn await_writable(&mut self, _: Arc<Sink>, _: Waiter) -> AbortHandle {
        unreachable!("it takes everything")
    }

    fn offer(&mut self, _: Input) -> Result<(), Input> {
        self.members += 1;
        Ok(())
    }

    fn finish(&mut self, _: Duration) {}
}

const HEAD: u64 = 100;

fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

fn event(number: u64) -> RoomEvent {
    RoomEvent {
        room: RoomName::lobby(),
        seq: seq(number),
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
    }
}

/// Somebody resumes the lobby, of which they have everything up to `after`.
fn resume(core: &mut Core<Asked>, number: u64, after: u64) -> Arc<Sink> {
    resume_in(Dialect::Typed, core, number, after)
}

/// Somebody resumes the lobby in a dialect.
fn resume_in(dialect: Dialect, core: &mut Core<Asked>, number: u64, after: u64) -> Arc<Sink> {
    let hints = Arc::new(Hints::new(Clock::Standing(0.into())));
    let (session, socket) = (SessionId(number), Arc::new(Sink::default()));
    let gate = Arc::new(Gate::new(session, hints));
    let open = Open { gate, socket: Arc::clone(&socket), dialect, first: None };
    core.take(Command::Open(Box::new(open)));
    let joined = Joined {
        id: None,
        room: RoomName::lobby(),
        peer: None,
        topic: Topic::default(),
        head: seq(HEAD),
        oldest: seq(1),
        read: None,
        epoch: Epoch::from_bytes([0; 8]),
        count: 0,
        members: Vec::new(),
        more: false,
    };
    let joined = Box::new(joined);
    let attach =
        Attach { session, joined, gap: None, after: seq(after), reader: None, answers: false };
    core.take(Command::Attach(Box::new(attach)));
    core.sweep();
    socket
}

#[test]
fn all_who_resume_after_a_restart_cost_one_read() {
    let mut core = Core::new(Sizes::of_one_in(1), Asked::default());
    let sockets: Vec<_> = (0..HEAD).map(|number| resume(&mut core, number, number)).collect();
    assert_eq!(core.around.pages.len(), 1);

    let told = |socket: &Arc<Sink>| socket.0.load(Ordering::Relaxed);
    let before: Vec<_> = sockets.iter().map(told).collect();
    let page = core.around.pages.remove(0);
    let rows = PageRows { events: (1..=HEAD).map(event).collect(), more: false };
    core.take_page(page.read(Ok(rows)));
    core.sweep();
    let after: Vec<_> = sockets.iter().map(told).collect();
    let grown = before.iter().zip(&after).filter(|(before, after)| before < after).count();
    assert_eq!(grown as u64, HEAD, "each was told what they lacked");
    resume(&mut core, HEAD, 50);
    assert!(core.around.pages.is_empty(), "the ring has it now");
}

#[test]
fn who_waited_for_the_ring_is_not_told_the_members_again() {
    let mut core = Core::new(Sizes::of_one_in(1), Asked::default());
    resume(&mut core, 1, 50);
    let page = core.around.pages.remove(0);
    let rows = PageRows { events: (1..=HEAD).map(event).collect(), more: false };
    core.take_page(page.read(Ok(rows)));
    core.sweep();
    core.tend();
    assert_eq!(core.around.members, 0);
}

/// The event of this number, with this text.
fn saying(number: u64, text: &str) -> RoomEvent {
    RoomEvent { text: Some(MessageText::parse(text).unwrap()), ..event(number) }
}

/// What is left of it when the event after the head deleted it.
fn left_of(number: u64) -> RoomEvent {
    let deleted = Some(Deleted { seq: seq(HEAD + 1), by: Identity::from_bytes([1; 16]) });
    RoomEvent { text: None, deleted, ..event(number) }
}

/// The event of this number is deleted by the one after the head.
fn delete(core: &mut Core<Asked>, number: u64) {
    let left = vec![(seq(number), Encoded::event(&Arc::new(left_of(number))))];
    core.take(Command::Erase { room: RoomName::lobby(), left });
    let kind = EventKind::Delete;
    let deletion = RoomEvent { kind, text: None, target: Some(seq(number)), ..event(HEAD + 1) };
    let (room, frame) = (RoomName::lobby(), Encoded::event(&Arc::new(deletion)));
    core.take(Command::Append { room, seq: seq(HEAD + 1), frame });
}

/// The log, in which one event says `secret`.
fn with_secret(at: u64) -> PageRows {
    let events = (1..=HEAD).map(|it| if it == at { saying(it, "secret") } else { event(it) });
    PageRows { events: events.collect(), more: false }
}

#[test]
fn what_was_erased_is_not_in_the_ring_for_those_who_come_later() {
    let mut core = Core::new(Sizes::of_one_in(1), Asked::default());
    let first = resume(&mut core, 1, 0);
    let page = core.around.pages.remove(0);
    core.take_page(page.read(Ok(with_secret(50))));
    core.sweep();
    assert!(first.has("secret"));
    delete(&mut core, 50);
    let later = resume(&mut core, 2, 0);
    core.sweep();
    assert!(core.around.pages.is_empty(), "the ring has it all");
    assert!(!later.has("secret") && later.has("\"deleted\":{\"seq\":101"));
    let seqs = |sink: &Sink| (1..=HEAD + 1).all(|it| sink.has(&format!("\"seq\":{it},\"at\"")));
    assert!(seqs(&first) && seqs(&later), "no hole");
}

#[test]
fn a_page_that_was_on_its_way_when_something_was_erased_is_asked_for_again() {
    let mut core = Core::new(Sizes::of_one_in(1), Asked::default());
    let first = resume(&mut core, 1, 0);
    let page = core.around.pages.remove(0);
    delete(&mut core, 50);
    // Who comes now waits for the same page.
    let later = resume(&mut core, 2, 0);
    assert!(core.around.pages.is_empty());
    core.take_page(page.read(Ok(with_secret(50))));
    core.sweep();
    assert!(!first.has("secret") && !later.has("secret"));
    let page = core.around.pages.remove(0);
    let mut rows = with_secret(50);
    rows.events[49] = left_of(50);
    core.take_page(page.read(Ok(rows)));
    core.sweep();
    for sink in [first, later] {
        assert!(sink.has("\"deleted\"") && !sink.has("secret") && sink.has("\"seq\":101,\"at\""));
    }
}

#[test]
fn a_page_that_a_connection_keeps_is_forgotten_when_something_was_erased() {
    // Without room for a ring, it reads pages of its own.
    let sizes = Sizes { rings_bytes: 0, ..Sizes::of_one_in(1) };
    let mut core = Core::new(sizes, Asked::default());
    let socket = resume(&mut core, 1, 0);
    let page = core.around.pages.remove(0);
    let long = "x".repeat(4000);
    let events = (1..=HEAD).map(|it| saying(it, if it == 90 { "secret" } else { &long }));
    core.take_page(page.read(Ok(PageRows { events: events.collect(), more: false })));
    core.sweep();
    assert!(socket.has("\"seq\":1,") && !socket.has("\"seq\":90,"), "more than one write");
    delete(&mut core, 90);
    core.sweep();
    assert!(!socket.has("secret"));
    assert_eq!(core.around.pages.len(), 1, "it asks for another one");
}

/// An event that lines say nothing of.
fn reaction(number: u64) -> RoomEvent {
    RoomEvent { kind: EventKind::Reaction, target: Some(seq(1)), ..event(number) }
}

fn append(core: &mut Core<Asked>, event: RoomEvent) {
    let (room, seq, frame) = (event.room.clone(), event.seq, Encoded::event(&Arc::new(event)));
    core.take(Command::Append { room, seq, frame });
}

/// Lets everything out; a shard that goes on for ever with nothing is a fault.
fn sweep_all(core: &mut Core<Asked>) {
    let sweeps = (0..1000).take_while(|_| {
        core.sweep();
        core.is_dirty()
    });
    assert!(sweeps.count() < 1000, "there is always something left");
}

#[test]
fn what_says_nothing_in_lines_is_passed_live() {
    let mut core = Core::new(Sizes::of_one_in(1), Asked::default());
    let text = resume_in(Dialect::Text, &mut core, 1, HEAD);
    let typed = resume(&mut core, 2, HEAD);
    (HEAD + 1..HEAD + 301).for_each(|number| append(&mut core, reaction(number)));
    sweep_all(&mut core);
    assert_eq!(text.0.load(Ordering::Relaxed), 0);
    append(&mut core, saying(HEAD + 301, "at last"));
    sweep_all(&mut core);
    assert!(text.has("Ana: at last") && core.around.pages.is_empty());
    assert!(typed.has("\"seq\":400,\"at\"") && typed.has("at last"));
}

#[test]
fn what_says_nothing_in_lines_is_passed_in_pages() {
    // Without room for a ring, it reads pages of its own.
    let sizes = Sizes { rings_bytes: 0, ..Sizes::of_one_in(1) };
    let mut core = Core::new(sizes, Asked::default());
    let text = resume_in(Dialect::Text, &mut core, 1, 0);
    let page = core.around.pages.remove(0);
    let rows = PageRows { events: (1..HEAD).map(reaction).collect(), more: true };
    core.take_page(page.read(Ok(rows)));
    sweep_all(&mut core);
    assert_eq!(text.0.load(Ordering::Relaxed), 0);
    let page = core.around.pages.remove(0);
    let rows = PageRows { events: vec![saying(HEAD, "at last")], more: false };
    core.take_page(page.read(Ok(rows)));
    sweep_all(&mut core);
    assert!(text.has("Ana: at last"));
    assert!(core.around.pages.is_empty(), "it has all there is");
}

#[test]
fn what_was_erased_is_not_said_in_lines() {
    let mut core = Core::new(Sizes::of_one_in(1), Asked::default());
    let first = resume_in(Dialect::Text, &mut core, 1, 0);
    let page = core.around.pages.remove(0);
    core.take_page(page.read(Ok(with_secret(50))));
    core.sweep();
    assert!(first.has("Ana: secret"));
    delete(&mut core, 50);
    let later = resume_in(Dialect::Text, &mut core, 2, 0);
    sweep_all(&mut core);
    assert!(!later.has("secret") && later.has("System: Ana deleted a message"));
}
