//! Private rooms, answers, and who may write where.

use super::*;

fn bench_with(names: &[(u8, &str)]) -> Bench {
    let mut bench = Bench::open(&Storage::Memory);
    for (by, name) in names {
        bench.ask(*by, hello(name));
    }
    bench
}

fn private_room(one: u8, other: u8) -> RoomName {
    RoomName::private(&person(one), &person(other))
}

fn people(private: Option<&Private>) -> Vec<&str> {
    private.unwrap().people.iter().map(|(_, name)| name.as_str()).collect()
}

#[test]
fn a_direct_goes_to_the_room_of_the_two_whoever_writes() {
    let mut bench = bench_with(&[(1, "Ana"), (2, "Bea")]);
    let decision = bench.ask(1, direct("bea", "a", "hi"));
    let (event, private) = stored(&decision);
    assert_eq!((&event.room, event.seq), (&private_room(1, 2), seq(1)));
    assert_eq!(people(private), ["Ana", "Bea"]);
    let back = bench.ask(2, direct(person(1).as_str(), "a", "hello"));
    let (event, private) = stored(&back);
    assert_eq!((&event.room, event.seq), (&private_room(1, 2), seq(2)));
    assert!(private.is_some(), "every direct names the two");
}

#[test]
fn a_former_name_still_reaches_its_owner() {
    let mut bench = bench_with(&[(1, "Ana"), (2, "Bea")]);
    bench.ask(2, claim("Cleo"));
    let decision = bench.ask(1, direct("Bea", "a", "hi"));
    assert_eq!(people(stored(&decision).1), ["Ana", "Cleo"]);
}

#[test]
fn a_direct_to_nobody_or_oneself_is_refused() {
    let mut bench = bench_with(&[(1, "Ana")]);
    for to in ["Nobody", person(9).as_str(), "ana", person(1).as_str()] {
        assert_eq!(refused(&bench.ask(1, direct(to, "a", "hi"))), ErrorCode::NoSuchUser, "{to}");
    }
    // A denial is not remembered: the id is still free.
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "a", "hi"))), 1);
}

#[test]
fn a_guest_is_reached_while_online_and_by_identity_afterwards() {
    let mut bench = bench_with(&[(1, "Ana")]);
    let mut act = direct("Zed", "a", "hi");
    if let Act::Direct { guest, .. } = &mut act {
        *guest = Some((person(2), UserName::parse("Zed").unwrap()));
    }
    assert_eq!(people(stored(&bench.ask(1, act)).1), ["Ana", "Zed"]);
    assert_eq!(refused(&bench.ask(1, direct("Zed", "b", "hi"))), ErrorCode::NoSuchUser);
    let decision = bench.ask(1, direct(person(2).as_str(), "b", "there?"));
    assert_eq!(stored(&decision).0.room, private_room(1, 2));
}

#[test]
fn only_the_two_say_something_in_a_private_room_once_it_is_there() {
    let mut bench = bench_with(&[(1, "Ana"), (2, "Bea"), (3, "Eve")]);
    let room = private_room(1, 2);
    let nothing_there = bench.ask(1, say(room.as_str(), "a", "hi"));
    bench.ask(1, direct("Bea", "b", "hi"));
    let foreign = bench.ask(3, say(room.as_str(), "a", "hi"));
    assert_eq!(refused(&foreign), ErrorCode::RoomInvalid);
    assert_eq!(foreign, nothing_there, "the answer must not say whether the room is there");
    assert_eq!(bench.ask(3, topic(room.as_str(), "b", "hi")), foreign);
    assert_eq!(stored_seq(&bench.ask(2, say(room.as_str(), "a", "hi"))), 2);
}

#[test]
fn the_two_are_named_at_the_first_message_after_a_start() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    bench.ask(2, hello("Bea"));
    bench.ask(1, direct("Bea", "a", "hi"));
    bench.ask(2, claim("Cleo"));
    bench.stop().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    let room = private_room(1, 2);
    let kept = bench.snapshot.rooms[0].private.clone();
    assert_eq!(people(kept.as_ref()), ["Ana", "Cleo"]);
    let first = bench.ask(2, say(room.as_str(), "b", "hi"));
    assert_eq!(people(stored(&first).1), ["Ana", "Cleo"]);
    let second = bench.ask(2, say(room.as_str(), "c", "hi"));
    assert_eq!(stored(&second).1, None);
    bench.stop().unwrap();
}

#[test]
fn an_answer_needs_a_message_that_is_there() {
    let mut bench = bench_with(&[]);
    bench.ask(1, say("lobby", "a", "hi"));
    for wrong in [0, 2, Seq::MAX.get()] {
        let decision = bench.ask(1, answer("lobby", "b", "yes", Some(wrong)));
        assert_eq!(refused(&decision), ErrorCode::NoSuchMessage, "{wrong}");
    }
    let elsewhere = bench.ask(1, answer("games", "b", "yes", Some(1)));
    assert_eq!(refused(&elsewhere), ErrorCode::NoSuchMessage);
    let decision = bench.ask(1, answer("lobby", "b", "yes", Some(1)));
    assert_eq!(stored(&decision).0.reply_to, Some(seq(1)));
}

#[test]
fn only_operators_write_announcements() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    let act = || say("announcements", "a", "tea at four");
    assert_eq!(refused(&bench.ask(1, act())), ErrorCode::Forbidden);
    let title = topic("announcements", "b", "x");
    assert_eq!(refused(&bench.ask(2, title)), ErrorCode::Forbidden);
    bench.stop().unwrap();
    let outside = database(home.path());
    outside.execute("UPDATE person SET role = 'operator'", []).unwrap();
    drop(outside);
    let mut bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.snapshot.people[0].role, Role::Operator);
    assert_eq!(stored_seq(&bench.ask(1, act())), 1);
    assert_eq!(refused(&bench.ask(2, act())), ErrorCode::Forbidden);
    bench.stop().unwrap();
}

#[test]
fn after_a_start_the_room_with_the_newest_event_is_the_last() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    for (by, name) in [(1, "Ana"), (2, "Bea"), (3, "Cleo"), (4, "Dan")] {
        bench.ask(by, hello(name));
    }
    for (at, to) in [(2, "Cleo"), (3, "Bea"), (1, "Dan")] {
        bench.ask_at(at, 1, direct(to, to, "hi"));
    }
    bench.ask_at(4, 1, say(private_room(1, 4).as_str(), "again", "hi"));
    bench.stop().unwrap();
    let bench = Bench::open(&directory(home.path()));
    let rooms: Vec<_> = bench.snapshot.rooms.iter().map(|record| record.room.clone()).collect();
    assert_eq!(rooms, [3, 2, 4].map(|other| private_room(1, other)));
    assert_eq!(bench.snapshot.newest, Timestamp(4));
    bench.stop().unwrap();
}
