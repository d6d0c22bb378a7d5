//! A hub that does not answer.

use super::*;

const UNANSWERED: &str = "the hub has not answered for 30 seconds; connecting again";

fn hangs_up(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| **effect == Effect::HangUp).count()
}

#[test]
fn a_request_without_an_answer_ends_the_connection_with_a_sentence_once() {
    let mut user = User::in_lobby();
    user.types("/topic tea<ret>");
    assert_eq!(hangs_up(&user.waits(29_000)), 0);
    assert!(user.state.next_deadline() <= Some(Duration::from_secs(30)));
    assert_eq!(hangs_up(&user.waits(1_000)), 1);
    assert_eq!(user.separator(), UNANSWERED);
    assert_eq!(hangs_up(&user.waits(60_000)), 0, "it was done");
    user.lost();
    assert_eq!(user.draft(), "/topic tea", "and can be tried again");
    user.connects();
    assert!(user.state.requests.since() >= Some(Duration::from_mins(1)), "all is asked anew");
}

#[test]
fn a_message_without_an_answer_is_sent_again_on_the_next_connection() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("hello<ret>"));
    assert_eq!(hangs_up(&user.waits(30_000)), 1);
    user.lost();
    user.connects();
    assert_eq!(message_id(&user.joined("lobby", 0)), id);
}

#[test]
fn who_is_answered_waits_for_nothing() {
    let mut user = User::in_lobby();
    user.types("/rooms<ret>");
    let id = user.state.requests.only_id();
    user.hears(&format!(r#"{{"type":"rooms","id":"{id}","rooms":[],"more":false}}"#));
    assert_eq!(hangs_up(&user.waits(600_000)), 0);
}

#[test]
fn a_hub_cannot_have_a_message_wait_for_ever() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("hello<ret>"));
    user.refused(&id, "storage", Some(u64::MAX));
    assert!(user.state.next_deadline() <= Some(Duration::from_mins(10)));
}

#[test]
fn what_is_wrong_with_the_connection_is_said_until_the_hub_lets_one_in() {
    let mut user = User::starts();
    user.link(LinkEvent::Trouble { why: "A does not answer; it is tried again".into() });
    assert_eq!(user.separator(), "A does not answer; it is tried again");
    user.connects();
    assert_eq!(user.separator(), "");
}
