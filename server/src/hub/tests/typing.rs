//! Who is writing.

use super::harness::{HubHarness, direct, join, name, room_of, say, typing};

const NONE: [&str; 0] = [];

#[test]
fn who_writes_is_told_at_once_and_again_after_a_second() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.guest("Bob");
    hub.ask(bob, &join("lobby"));
    hub.settle();
    assert_eq!(hub.ask(bob, &typing("lobby")), ["typing lobby Bob"], "clients know themselves");
    assert_eq!(hub.news(ana), ["typing lobby Bob"]);
    hub.advance_ms(300);
    hub.send(bob, &typing("lobby"));
    hub.send(ana, &typing("lobby"));
    hub.advance_ms(699);
    assert_eq!(hub.news(ana), NONE);
    hub.advance_ms(1);
    assert_eq!(hub.news(ana), ["typing lobby Ana,Bob"]);
    hub.check_settled();
}

#[test]
fn a_room_gets_one_frame_a_second_however_much_is_written() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let writers: Vec<_> = ["Bob", "Cyd"].map(|who| hub.person_in(who, &["lobby"])).into();
    hub.settle();
    for _ in 0..50 {
        for writer in &writers {
            hub.send(*writer, &typing("lobby"));
        }
        hub.advance_ms(100);
    }
    let told = hub.news(ana);
    assert_eq!(told.len(), 6, "at once, and after each of five seconds: {told:?}");
    hub.advance_ms(5_000);
    assert_eq!(hub.news(ana), NONE);
}

#[test]
fn rooms_do_not_wait_for_each_other() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["games", "zoo"]);
    let bob = hub.person_in("Bob", &["games", "zoo"]);
    hub.settle();
    hub.send(bob, &typing("games"));
    hub.advance_ms(10);
    hub.send(bob, &typing("zoo"));
    assert_eq!(hub.news(ana), ["typing games Bob", "typing zoo Bob"]);
}

#[test]
fn who_is_not_in_a_room_is_not_writing_there() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["games"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.settle();
    assert_eq!(hub.ask(bob, &typing("games")), ["error not_in_room in games"]);
    assert_eq!(hub.ask(bob, &typing("nowhere")), ["error not_in_room in nowhere"]);
    assert_eq!(hub.ask(bob, &typing("announcements")), ["error not_in_room in announcements"]);
    assert_eq!(hub.news(ana), NONE);
}

#[test]
fn who_has_left_or_said_it_is_not_told_any_more() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let (bob, cyd) = (hub.person_in("Bob", &["lobby"]), hub.person_in("Cyd", &["lobby"]));
    let dan = hub.person_in("Dan", &["lobby"]);
    hub.send(dan, &typing("lobby"));
    for writer in [bob, cyd, dan] {
        hub.send(writer, &typing("lobby"));
    }
    hub.send(bob, &say("lobby", "b1", "here it is"));
    hub.send(cyd, r#"{"type":"leave","room":"lobby"}"#);
    hub.news(ana);
    hub.send(dan, &name("Dana"));
    hub.advance_ms(1_000);
    let told: Vec<_> = hub.news(ana).into_iter().filter(|it| it.starts_with("typing")).collect();
    assert_eq!(told, ["typing lobby Dana"]);
}

#[test]
fn above_a_hundred_members_nobody_is_told() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    for number in 1..100 {
        let guest = hub.guest(&format!("g{number}"));
        hub.send(guest, &join("lobby"));
    }
    hub.settle();
    assert_eq!(hub.ask(ana, &typing("lobby")), ["typing lobby Ana"], "a hundred");
    hub.ask(ana, &typing("lobby"));
    let one_more = hub.guest("g100");
    hub.send(one_more, &join("lobby"));
    hub.settle();
    hub.advance_ms(1_000);
    assert_eq!(hub.news(ana), NONE, "not even what has waited");
    assert_eq!(hub.ask(ana, &typing("lobby")), NONE);
    hub.close(one_more, true);
    hub.settle();
    assert_eq!(hub.ask(ana, &typing("lobby")), ["typing lobby Ana"]);
}

#[test]
fn nobody_is_told_where_nobody_else_is() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    assert_eq!(hub.ask(ana, &typing("lobby")), NONE);
    assert!(hub.hub.typing.next_deadline().is_none());
    hub.check_settled();
}

#[test]
fn only_the_two_of_a_private_room_are_told() {
    let mut hub = HubHarness::new();
    let (ana, bob) = (hub.person_in("Ana", &["lobby"]), hub.person_in("Bob", &["lobby"]));
    let eve = hub.person_in("Eve", &["lobby"]);
    hub.ask(ana, &direct("Bob", "d1", "hi"));
    let dm = room_of("Ana", "Bob");
    hub.settle();
    hub.send(bob, &typing(&dm));
    assert_eq!(hub.news(ana), ["typing dm Bob"]);
    assert_eq!(hub.ask(eve, &typing(&dm)), ["error not_in_room in dm"]);
}
