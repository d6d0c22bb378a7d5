//! Questions of who has no connection.

use protocol::{RoomName, server::ByeReason};

use super::harness::{HubHarness, direct, room_of};
use crate::hub::asking::{Answer, Question};

fn exists(hub: &mut HubHarness, room: &str) -> bool {
    let ask = hub.question(Question::RoomExists(RoomName::parse(room).unwrap()));
    hub.answer_to(ask) == Some(Answer::RoomExists(true))
}

#[test]
fn rooms_are_there_once_somebody_made_them_and_those_of_the_hub_always() {
    let mut hub = HubHarness::new();
    assert!(exists(&mut hub, "lobby"));
    assert!(exists(&mut hub, "announcements"));
    assert!(!exists(&mut hub, "games"));
    hub.person_in("Ana", &["games"]);
    assert!(exists(&mut hub, "games"));
}

#[test]
fn a_private_room_is_not_there_for_others() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    hub.person("Bob");
    hub.send(ana, &direct("Bob", "1", "psst"));
    assert!(!exists(&mut hub, &room_of("Ana", "Bob")));
}

#[test]
fn a_hub_that_drains_answers_that_it_stops() {
    let mut hub = HubHarness::new();
    hub.drain(ByeReason::Restart);
    let ask = hub.question(Question::RoomExists(RoomName::lobby()));
    assert_eq!(hub.answer_to(ask), Some(Answer::Stopping));
}
