//! What a shard asks of the ledger.

use std::{
    io::{self, IoSlice},
    sync::atomic::{AtomicUsize, Ordering},
};

use futures::future::AbortHandle;
use protocol::{
    Epoch, EventKind, Identity, MessageText, RequestId, RoomEvent, Timestamp, Topic, UserName,
    server::Joined,
};

use super::*;
use crate::{
    fanout::{
        clock::Clock,
        command::{Attach, Open},
        gate::{Gate, Hints},
    },
    ledger::PageRows,
};

/// A socket that takes everything and counts it.
#[derive(Debug, Default)]
struct Sink(AtomicUsize);

impl Socket for Sink {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes = slices.iter().map(|slice| slice.len()).sum();
        self.0.fetch_add(bytes, Ordering::Relaxed);
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
    let hints = Arc::new(Hints::new(Clock::Standing(0.into())));
    let (session, socket) = (SessionId(number), Arc::new(Sink::default()));
    let gate = Arc::new(Gate::new(session, hints));
    let open = Open { gate, socket: Arc::clone(&socket), dialect: Dialect::Typed };
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
    let attach = Attach { session, joined, gap: None, after: seq(after), answers: false };
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
