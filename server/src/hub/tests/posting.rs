//! What programs post with a token.

use protocol::{ErrorCode, MessageText, RequestId, RoomName, UserName, server::ByeReason};

use super::harness::HubHarness;
use crate::{
    hub::{
        asking::{Answer, AskId, Question},
        posting::{Post, Saying},
    },
    ledger::TokenHash,
};

/// A hub with Ana in the lobby and in `games`, and a token for these rooms.
fn hub_with_token(rooms: &[&str]) -> HubHarness {
    let mut hub = HubHarness::new();
    hub.person_in("Ana", &["lobby", "games"]);
    let name = builds();
    let rooms = rooms.iter().map(|room| RoomName::parse(room).unwrap()).collect();
    let ask = hub.question(Question::IssueToken { hash: TokenHash::of("t"), name, rooms });
    assert!(matches!(hub.answer_to(ask), Some(Answer::TokenIssued(_))));
    hub
}

fn builds() -> UserName {
    UserName::parse("Builds").unwrap()
}

fn post_as(hub: &mut HubHarness, token: &str, room: &str, id: &str, text: &str) -> AskId {
    let (room, id) = (RoomName::parse(room).unwrap(), RequestId::parse(id).unwrap());
    let (token, text) = (TokenHash::of(token), MessageText::parse(text).unwrap());
    let saying = Saying::Message { reply_to: None };
    hub.question(Question::Post(Post { token, room, id, text, saying }))
}

/// Where a post was stored, or why not.
fn outcome(hub: &mut HubHarness, ask: AskId) -> Result<u64, ErrorCode> {
    match hub.answer_to(ask) {
        Some(Answer::Told(ack)) => Ok(ack.seq.get()),
        Some(Answer::Refused { refusal, .. }) => Err(refusal.code),
        other => panic!("{other:?}"),
    }
}

fn post(hub: &mut HubHarness, room: &str, id: &str, text: &str) -> Result<u64, ErrorCode> {
    let ask = post_as(hub, "t", room, id, text);
    outcome(hub, ask)
}

#[test]
fn a_post_is_answered_when_it_is_durable_and_a_retry_adds_nothing() {
    let mut hub = hub_with_token(&[]);
    hub.holds_ledger = true;
    let ask = post_as(&mut hub, "t", "lobby", "p1", "done");
    assert_eq!(hub.answer_to(ask), None, "before the ledger has decided");
    hub.answer_all();
    assert_eq!(outcome(&mut hub, ask), Ok(1));
    hub.holds_ledger = false;
    assert_eq!(post(&mut hub, "lobby", "p1", "done"), Ok(1));
    assert_eq!(post(&mut hub, "lobby", "p1", "other"), Err(ErrorCode::IdReused));
    assert_eq!(post(&mut hub, "lobby", "p2", "done"), Ok(2));
}

#[test]
fn who_is_in_the_room_is_told_who_posted() {
    let mut hub = hub_with_token(&[]);
    let bob = hub.person_in("Bob", &["games"]);
    assert_eq!(post(&mut hub, "games", "p1", "done"), Ok(1));
    assert_eq!(hub.news(bob), ["games 1 Builds: done"]);
}

#[test]
fn a_token_posts_where_it_may_and_makes_no_rooms() {
    let mut hub = hub_with_token(&["games", "later"]);
    assert_eq!(post(&mut hub, "games", "p1", "a"), Ok(1));
    assert_eq!(post(&mut hub, "lobby", "p2", "b"), Err(ErrorCode::Forbidden));
    assert_eq!(post(&mut hub, "later", "p3", "c"), Err(ErrorCode::NotInRoom));
    let ask = post_as(&mut hub, "another", "games", "p4", "d");
    assert_eq!(outcome(&mut hub, ask), Err(ErrorCode::Forbidden));
}

#[test]
fn a_token_counts_no_more_from_the_moment_it_is_revoked() {
    let mut hub = hub_with_token(&[]);
    hub.holds_ledger = true;
    let before = post_as(&mut hub, "t", "lobby", "p1", "a");
    let revoked = hub.question(Question::RevokeToken(builds()));
    let behind = post_as(&mut hub, "t", "lobby", "p2", "b");
    hub.answer_all();
    assert_eq!(outcome(&mut hub, before), Ok(1));
    assert!(matches!(hub.answer_to(revoked), Some(Answer::TokenRevoked(_))));
    assert_eq!(outcome(&mut hub, behind), Err(ErrorCode::Forbidden));
    assert_eq!(post(&mut hub, "lobby", "p3", "c"), Err(ErrorCode::Forbidden));
}

#[test]
fn a_token_has_the_rate_of_a_connection() {
    let mut hub = hub_with_token(&[]);
    for number in 0..30 {
        assert!(post(&mut hub, "lobby", &format!("p{number}"), "a").is_ok());
    }
    let ask = post_as(&mut hub, "t", "lobby", "p30", "a");
    let Some(Answer::Refused { refusal, retry_after_ms, .. }) = hub.answer_to(ask) else {
        panic!("too fast")
    };
    assert_eq!((refusal.code, retry_after_ms), (ErrorCode::RateLimited, Some(100)));
    hub.advance_ms(100);
    assert_eq!(post(&mut hub, "lobby", "p30", "a"), Ok(31));
}

#[test]
fn a_post_in_flight_is_answered_before_the_hub_has_drained() {
    let mut hub = hub_with_token(&[]);
    hub.holds_ledger = true;
    let ask = post_as(&mut hub, "t", "lobby", "p1", "last words");
    hub.drain(ByeReason::Restart);
    hub.answer_all();
    assert_eq!(outcome(&mut hub, ask), Ok(1));
}
