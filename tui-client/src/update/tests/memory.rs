//! Memory is bounded over all rooms, and what is dropped is read again.

use super::*;
use crate::update::memory::{KEPT_BYTES_MAX, bytes};

/// Long enough that some thousand of these are too much.
fn long(number: u64) -> String {
    format!("{number} {}", "long ".repeat(800))
}

/// Ana reads a few rooms in which too much was said.
fn reads_too_much() -> User {
    let mut user = User::in_two_rooms();
    for number in 1..=3_000 {
        user.bob_says("lobby", number, &long(number));
    }
    user.types("/join lobby<ret>");
    for number in 1..=9_000 {
        user.bob_says("games", number, &long(number));
    }
    user
}

#[test]
fn rooms_that_are_not_looked_at_keep_what_is_around_the_reading_position() {
    let user = reads_too_much();
    assert!(bytes(&user.state) <= KEPT_BYTES_MAX, "{}", bytes(&user.state));
    let [lobby, games] = [0, 1].map(|index| user.state.rooms[index].timeline());
    assert!(games.event(seq(9_000)).is_some() && games.is_at_newest());
    assert!(games.is_missing(seq(1)), "it can be read again");
    assert_eq!(lobby.len(), 3_000, "the one that is looked at stays as it is");
}

#[test]
fn what_was_dropped_is_asked_for_again_when_one_is_back() {
    let mut user = reads_too_much();
    let effects = user.types("<c-n><home><home>");
    let is_page = |effect: &Effect| matches!(effect, Effect::Send(ClientFrame::History(_)));
    assert!(effects.iter().any(is_page), "{effects:?}");
}

#[test]
fn a_crowd_beyond_what_a_hub_tells_is_counted_and_not_kept() {
    let mut user = User::in_lobby();
    for group in 0..30 {
        let people: Vec<String> = (0..100)
            .map(|number| format!(r#"{{"name":"p{group}x{number}","role":"member"}}"#))
            .collect();
        user.hears(&format!(
            r#"{{"type":"presence","room":"lobby","joined":[{}],"left":[],"renamed":[],"away":[],
            "count":{}}}"#,
            people.join(","),
            (group + 1) * 100
        ));
    }
    assert_eq!(user.state.room().members().count(), crate::room::MEMBERS_MAX);
    assert_eq!(user.state.room().count, 3_000);
}

#[test]
fn of_a_million_rooms_a_list_is_kept() {
    let room = |number| {
        let room =
            format!(r#"{{"room":"r{number}","topic":"","members":0,"head":0,"mine":false}}"#);
        serde_json::from_str(&room).unwrap()
    };
    let mut user = User::in_lobby();
    user.state.know_rooms((0..5_000).map(room).collect());
    assert_eq!(user.state.known_rooms.len(), crate::state::KNOWN_ROOMS_MAX);
}

fn seq(number: u64) -> protocol::Seq {
    protocol::Seq::new(number).unwrap()
}
