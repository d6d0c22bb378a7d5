//! How far people have read.

use std::time::Duration;

use protocol::{Seq, SessionId};

use super::harness::{HubHarness, direct, join, read, room, room_of, say};

const NONE: [&str; 0] = [];

/// So many messages in the lobby, said by somebody who is gone again.
fn talk(hub: &mut HubHarness, count: usize) {
    let eve = hub.person_in("Eve", &["lobby"]);
    for number in 1..=count {
        hub.ask(eve, &say("lobby", &format!("e{number}"), "hi"));
    }
    hub.close(eve, true);
    hub.settle();
}

/// A new connection of somebody, in the lobby; the line of its `joined`.
fn device(hub: &mut HubHarness, name: &str) -> (SessionId, String) {
    let session = hub.person(name);
    let joined = hub.ask(session, &join("lobby")).remove(0);
    hub.settle();
    (session, joined)
}

#[test]
fn what_one_device_has_read_the_others_are_told() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let (laptop, _) = device(&mut hub, "Ana");
    let (phone, _) = device(&mut hub, "Ana");
    let (bob, _) = device(&mut hub, "Bob");
    assert_eq!(hub.ask(laptop, &read("lobby", 3)), NONE);
    assert_eq!(hub.news(phone), ["read lobby 3"]);
    assert_eq!(hub.news(bob), NONE);
    hub.check_settled();
}

#[test]
fn only_devices_that_are_in_the_room_are_told() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let (laptop, _) = device(&mut hub, "Ana");
    let elsewhere = hub.person_in("Ana", &["games"]);
    hub.ask(laptop, &read("lobby", 3));
    assert_eq!(hub.news(elsewhere), NONE);
    assert_eq!(hub.ask(elsewhere, &join("lobby")), ["joined lobby read 3 1..5 n=1 [Ana]"]);
}

#[test]
fn a_marker_never_goes_back_and_never_beyond_the_head() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let (laptop, _) = device(&mut hub, "Ana");
    let (phone, _) = device(&mut hub, "Ana");
    for seq in [4, 4, 2, 0] {
        hub.ask(laptop, &read("lobby", seq));
    }
    assert_eq!(hub.news(phone), ["read lobby 4"]);
    hub.ask(phone, &read("lobby", 99));
    assert_eq!(hub.news(laptop), ["read lobby 5"]);
}

#[test]
fn one_is_told_how_far_one_has_read_when_one_comes() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let (ana, joined) = device(&mut hub, "Ana");
    assert_eq!(joined, "joined lobby 1..5 n=1 [Ana]");
    hub.ask(ana, &read("lobby", 5));
    let rooms = r#"{"type":"rooms","limit":9}"#;
    assert_eq!(hub.ask(ana, rooms), ["rooms lobby* read 5(1,5)"]);
    let phone = hub.connect();
    hub.send(phone, &HubHarness::hello("Ana", "Ana"));
    assert_eq!(hub.news(phone)[0], "welcome Ana: lobby* read 5(1,5)");
    let bob = hub.person("Bob");
    assert_eq!(hub.ask(bob, rooms), ["rooms lobby(1,5)"], "it is nobody else's");
}

#[test]
fn who_is_not_in_a_room_has_not_read_it() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let ana = hub.person_in("Ana", &["games"]);
    assert_eq!(hub.ask(ana, &read("lobby", 3)), ["error not_in_room in lobby"]);
    assert_eq!(hub.ask(ana, &join("lobby")), ["joined lobby 1..5 n=1 [Ana]"]);
}

#[test]
fn announcements_and_private_rooms_are_read_too() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &[]);
    let bob = hub.person_in("Bob", &[]);
    hub.ask(ana, &direct("Bob", "d1", "hi"));
    let private = room_of("Ana", "Bob");
    let phone = hub.person("Bob");
    assert_eq!(hub.ask(bob, &read(&private, 1)), NONE);
    assert_eq!(hub.news(phone), NONE, "it is not attached to it yet");
    let joined = hub.ask(phone, &join(&private)).remove(0);
    assert_eq!(joined, "joined dm with Ana read 1 1..1 n=2 [Ana,Bob]");
    assert_eq!(hub.ask(ana, &read("announcements", 7)), NONE, "there is nothing to be read");
}

#[test]
fn a_restart_keeps_what_was_flushed() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let (ana, _) = device(&mut hub, "Ana");
    hub.ask(ana, &read("lobby", 2));
    hub.advance(Duration::from_secs(5));
    hub.ask(ana, &read("lobby", 4));
    hub.restart();
    let (ana, joined) = device(&mut hub, "Ana");
    assert_eq!(joined, "joined lobby read 2 1..5 n=1 [Ana]", "4 was read too late for this one");
    hub.ask(ana, &read("lobby", 4));
    hub.drain(protocol::server::ByeReason::Restart);
    hub.restart();
    let (_, joined) = device(&mut hub, "Ana");
    assert_eq!(joined, "joined lobby read 4 1..5 n=1 [Ana]", "a stop keeps all");
}

#[test]
fn a_marker_is_kept_once_in_five_seconds() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 9);
    let (ana, _) = device(&mut hub, "Ana");
    for seq in 1..=9 {
        hub.ask(ana, &read("lobby", seq));
        hub.advance_ms(900);
    }
    assert_eq!(hub.ledger.kept_markers, 1);
    hub.advance(Duration::from_mins(1));
    assert_eq!(hub.ledger.kept_markers, 2);
}

#[test]
fn a_guest_is_forgotten_with_the_connection() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let gus = hub.guest("Gus");
    hub.ask(gus, &join("lobby"));
    hub.ask(gus, &read("lobby", 3));
    assert_eq!(hub.ask(gus, &join("lobby")), ["joined lobby read 3 1..5 n=1 [Gus]"]);
    let person = hub.hub.sessions[&gus].person().unwrap();
    let identity = hub.hub.people.get(person).unwrap().identity.clone();
    hub.close(gus, true);
    assert_eq!(hub.hub.markers.get(&identity, &room("lobby")), None);
    hub.advance(Duration::from_mins(1));
    assert_eq!(hub.ledger.kept_markers, 0);
    let gus = hub.guest("Gus");
    assert_eq!(hub.ask(gus, &join("lobby")), ["joined lobby 1..5 n=1 [Gus]"]);
}

#[test]
fn who_lagged_is_told_how_far_the_room_was_read() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let (ana, _) = device(&mut hub, "Ana");
    hub.ask(ana, &read("lobby", 3));
    hub.caught_up(ana, &room("lobby"));
    assert_eq!(hub.news(ana), ["members lobby [Ana]", "read lobby 3"]);
}

#[test]
fn a_marker_outlives_what_it_marks() {
    let mut hub = HubHarness::new();
    talk(&mut hub, 5);
    let (ana, _) = device(&mut hub, "Ana");
    hub.ask(ana, &read("lobby", 2));
    let oldest = Seq::new(5).unwrap();
    hub.ledger.forget_before(&room("lobby"), oldest);
    hub.trimmed(&room("lobby"), oldest);
    assert_eq!(hub.ask(ana, &join("lobby")), ["joined lobby read 2 5..5 n=1 [Ana]"]);
}
