//! The writer's thread, driven by hand.

use protocol::{RoomName, server::Role};

use super::*;
use crate::{
    hub::input::Ticket,
    ledger::{
        Decision, Outcome, Trimmed,
        tests::{Bench, directory, proposal, say, seq},
    },
};

/// A writer's thread on a log of ten events of which two are to be kept, and its news.
fn trimming(path: &std::path::Path) -> (WriterThread, mpsc::Receiver<News>) {
    let mut bench = Bench::open(&directory(path));
    for number in 1..=10 {
        bench.ask(1, say("lobby", &format!("id{number}"), "hi"));
    }
    bench.stop().unwrap();
    let (writer, ..) = open(&directory(path)).unwrap().into_parts();
    let (news, told) = mpsc::channel(PROPOSALS_MAX + 1);
    let (_, orders) = sync_channel(1);
    let trimmer = Trimmer::new("2".parse().unwrap(), Timestamp(0));
    let notes = Arc::default();
    let pace = Pace::default();
    (WriterThread { writer, checkpointer: None, pace, orders, notes, news, trimmer }, told)
}

#[test]
fn what_the_hub_has_no_room_to_be_told_is_not_removed_yet() {
    let home = tempfile::tempdir().unwrap();
    let (mut thread, mut told) = trimming(home.path());
    let name = protocol::UserName::parse("Ana").unwrap();
    let decision = Decision::Claimed { name, before: None, role: Role::Member };
    let outcome = News::Decided(vec![Outcome { ticket: Ticket(1), decision }]);
    thread.news.try_send(outcome.clone()).unwrap();
    for _ in 0..3 {
        thread.trim_if_told().unwrap();
    }
    assert_eq!(told.try_recv().unwrap(), outcome);
    assert!(told.try_recv().is_err());
    for _ in 0..3 {
        thread.trim_if_told().unwrap();
    }
    let trimmed = Trimmed { room: RoomName::lobby(), oldest: seq(9) };
    assert_eq!(told.try_recv().unwrap(), News::Trimmed(trimmed));
}

#[test]
fn without_a_moment_of_rest_as_much_is_removed_as_comes() {
    let home = tempfile::tempdir().unwrap();
    let (mut thread, _) = trimming(home.path());
    let (queue, orders) = sync_channel(BATCH_MAX);
    thread.orders = orders;
    let (news, _told) = mpsc::channel(2 * PROPOSALS_MAX);
    thread.news = news;
    for batch in 0..2 {
        for number in 0..BATCH_MAX {
            let act = say("lobby", &format!("{batch}-{number}"), "hi");
            queue.send(Order::Decide(vec![proposal(0, 1, act)])).unwrap();
        }
        let first = thread.orders.recv().unwrap();
        thread.commit(first).unwrap();
    }
    let room = &thread.writer.state().rooms[&RoomName::lobby()];
    assert!(room.head.get() - room.oldest.get() < 500, "less than a step of {room:?} is left");
}
