//! Who is swept, and which rings go first.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*};
use protocol::{
    Epoch, Topic,
    server::{Joined, Pong, ReadMarker},
};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::fanout::{clock::Clock, command::Attach, gate::Hints};

fn room() -> RoomName {
    RoomName::parse("lobby").unwrap()
}

fn attach(session: SessionId) -> Attach {
    let joined = Joined {
        id: None,
        room: room(),
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
    let joined = Box::new(joined);
    Attach { session, joined, gap: None, after: Seq::ZERO, reader: None, answers: false }
}

/// A frame; which one does not matter.
fn something() -> Encoded {
    Encoded::notice(ServerFrame::Pong(Pong { id: None, nonce: None }))
}

/// A table, and a socket that all its connections share: nothing is written here.
struct World {
    table: Table<TcpStream>,
    socket: Arc<TcpStream>,
    hints: Arc<Hints>,
    sessions: u64,
    head: Seq,
}

impl World {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        Self {
            table: Table::new(Sizes::of_one_in(1)),
            socket: Arc::new(socket),
            hints: Arc::new(Hints::new(Clock::Running(tokio::time::Instant::now()))),
            sessions: 0,
            head: Seq::ZERO,
        }
    }

    fn join(&mut self) -> u32 {
        self.sessions += 1;
        let session = SessionId(self.sessions);
        let gate = Arc::new(Gate::new(session, Arc::clone(&self.hints)));
        let socket = Arc::clone(&self.socket);
        let place = self.table.open(Open { socket, gate, dialect: Dialect::Typed });
        self.table.attach(place, attach(session));
        place
    }

    fn append(&mut self) {
        self.head = self.head.next();
        self.table.append(&room(), self.head, &something());
    }

    /// Takes the next so many followers of a sweep, and all that are marked.
    fn sweep(&mut self, followers: usize) -> BTreeSet<u32> {
        let mut swept: BTreeSet<u32> = self.table.dirty_connections.drain(..).collect();
        for place in &swept {
            if let Some(connection) = self.table.connections.get_mut(*place) {
                connection.is_dirty = false;
            }
        }
        swept.extend((0..followers).map_while(|_| self.table.next_follower(0)));
        swept
    }
}

#[derive(Clone, Debug)]
enum Step {
    Join,
    Leave(usize),
    Sweep(usize),
    Append,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Join),
        (0..100_usize).prop_map(Step::Leave),
        (0..6_usize).prop_map(Step::Sweep),
        Just(Step::Append),
    ]
}

proptest! {
    /// Whoever comes and goes during it, a sweep passes nobody by.
    #[test]
    fn everyone_who_stays_is_swept_after_the_last_event(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let mut world = World::new().await;
            // One who stays, so that the room does.
            let mut here = vec![world.join()];
            let mut unswept = BTreeSet::new();
            for step in steps {
                match step {
                    Step::Join => here.push(world.join()),
                    Step::Leave(index) if here.len() > 1 => {
                        let gone = here.remove(1 + index % (here.len() - 1));
                        world.table.remove(gone);
                        unswept.remove(&gone);
                    }
                    Step::Leave(_) => {}
                    Step::Sweep(count) => unswept = &unswept - &world.sweep(count),
                    Step::Append => {
                        world.append();
                        unswept = here.iter().copied().collect();
                    }
                }
            }
            unswept = &unswept - &world.sweep(usize::MAX);
            assert!(unswept.is_empty(), "{unswept:?} of {here:?}");
        });
    }
}

#[tokio::test]
async fn the_rings_of_rooms_that_nobody_follows_go_first() {
    let mut table = World::new().await;
    table.join();
    table.append();
    let mut table = table.table;
    table.sizes.rings_bytes = 10_000;
    for n in 0..200 {
        let room = RoomName::parse(&format!("room{n}")).unwrap();
        table.append(&room, Seq::ZERO.next(), &something());
    }
    assert!(table.rings_bytes <= 10_000);
    assert!(table.rooms.iter().count() < 200, "rooms that nobody needs are forgotten");
    assert!(table.rooms.get(0).unwrap().ring.bytes() > 0);
}

/// Everything that waits for the connection at this place, without the frames' headers.
fn waiting(world: &World, place: u32) -> Vec<u8> {
    let mut write = crate::fanout::backlog::Write::new();
    world.table.connections.get(place).unwrap().backlog.pending(&mut write);
    write.slices().iter().flat_map(|slice| slice.iter().copied()).collect()
}

#[tokio::test]
async fn a_connection_that_the_ring_has_left_behind_ends_without_a_hole() {
    let mut world = World::new().await;
    let place = world.join();
    world.append();
    world.table.rooms.get_mut(0).unwrap().ring.clear();
    world.append();
    let before = waiting(&world, place);
    world.table.close(place, (1000, "close"), 0);
    let behind = waiting(&world, place).split_off(before.len());
    assert_eq!(
        behind, b"\x88\x07\x03\xe8close",
        "the second event must not come without the first"
    );
}

#[tokio::test]
async fn what_is_pending_in_rooms_comes_before_the_goodbye() {
    let mut world = World::new().await;
    let place = world.join();
    world.append();
    let before = waiting(&world, place);
    let reason = protocol::server::ByeReason::Restart;
    let bye = protocol::server::Bye { reason, retry_after_ms: None };
    world.table.reply(place, &ServerFrame::Bye(bye), false);
    let behind = waiting(&world, place).split_off(before.len());
    let event = something().typed();
    assert!(behind.starts_with(&event), "the event, then the goodbye");
    assert!(behind.len() > event.len());
}

/// So many markers of what was read elsewhere; what is unwritten then.
fn told_markers(world: &mut World, place: u32, count: u64) -> usize {
    for number in 1..=count {
        let seq = Seq::new(number).unwrap();
        let marker = ReadMarker { id: None, room: room(), seq };
        world.table.reply(place, &ServerFrame::Read(marker), false);
    }
    world.table.connections.get(place).unwrap().backlog.bytes()
}

#[tokio::test]
async fn read_markers_do_not_pile_up_before_a_full_socket() {
    let mut world = World::new().await;
    let (live, blocked) = (world.join(), world.join());
    world.table.connections.get_mut(blocked).unwrap().is_blocked = true;
    assert!(told_markers(&mut world, live, 1_000) > 40_000, "who takes bytes gets them all");
    let unwritten = told_markers(&mut world, blocked, 1_000);
    assert!(unwritten < UNASKED_BYTES_ENOUGH + 100, "{unwritten}");
    let pong = ServerFrame::Pong(Pong { id: None, nonce: None });
    world.table.reply(blocked, &pong, true);
    assert_eq!(told_markers(&mut world, blocked, 9), unwritten + 17, "answers are never left out");
}
