//! Tokens: made, revoked, listed; each a person who is never here.

use protocol::{ErrorCode, Refusal, RoomName, UserName};

use super::harness::{HubHarness, direct, join};
use crate::{
    hub::asking::{Answer, Question},
    ledger::{Token, TokenHash},
};

fn named(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

fn ask(hub: &mut HubHarness, question: Question) -> Answer {
    let ask = hub.question(question);
    hub.answer_to(ask).unwrap()
}

fn issue(hub: &mut HubHarness, secret: &str, name: &str) -> Answer {
    let (hash, name) = (TokenHash::of(secret), named(name));
    ask(hub, Question::IssueToken { hash, name, rooms: vec![RoomName::lobby()] })
}

fn issued(hub: &mut HubHarness, secret: &str, name: &str) -> Token {
    match issue(hub, secret, name) {
        Answer::TokenIssued(token) => token,
        other => panic!("not issued: {other:?}"),
    }
}

fn refused(answer: Answer) -> (Refusal, Option<UserName>) {
    match answer {
        Answer::Refused { refusal, suggest, .. } => (refusal, suggest),
        other => panic!("not refused: {other:?}"),
    }
}

fn list(hub: &mut HubHarness) -> Vec<String> {
    match ask(hub, Question::ListTokens) {
        Answer::Tokens(tokens) => tokens.iter().map(|token| token.name.to_string()).collect(),
        other => panic!("no list: {other:?}"),
    }
}

#[test]
fn a_secret_is_its_tokens_from_its_issue_until_it_is_revoked() {
    let mut hub = HubHarness::new();
    let token = issued(&mut hub, "s", "bot");
    issued(&mut hub, "t", "Alarm");
    let bearer = |hub: &HubHarness, secret| hub.hub.tokens.bearer(&TokenHash::of(secret)).cloned();
    assert_eq!(bearer(&hub, "s"), Some(token.clone()));
    assert_eq!((bearer(&hub, "u"), list(&mut hub)), (None, vec!["Alarm".into(), "bot".into()]));
    hub.restart();
    assert_eq!(bearer(&hub, "s"), Some(token));
    let revoked = ask(&mut hub, Question::RevokeToken(named("BOT")));
    assert!(matches!(revoked, Answer::TokenRevoked(token) if token.name == named("bot")));
    assert_eq!((bearer(&hub, "s"), list(&mut hub)), (None, vec!["Alarm".into()]));
    hub.restart();
    assert_eq!((bearer(&hub, "s"), list(&mut hub)), (None, vec!["Alarm".into()]));
}

#[test]
fn a_token_is_somebody_who_is_never_here() {
    let mut hub = HubHarness::new();
    issued(&mut hub, "s", "bot");
    let ana = hub.person("Ana");
    let who = hub.ask(ana, r#"{"type":"who","name":"bot"}"#);
    assert!(who[0].starts_with("members - [bot@"), "{who:?}");
    assert_eq!(hub.ask(ana, &join("lobby")), ["joined lobby 1..0 n=1 [Ana]"]);
    let told = hub.ask(ana, &direct("bot", "d", "psst"));
    assert_eq!(told[1..], ["ack d dm 1", "dm 1 Ana: psst"]);
    hub.check_settled();
}

#[test]
fn a_name_that_is_somebodys_is_no_tokens_and_another_is_suggested() {
    let mut hub = HubHarness::new();
    hub.person("Ana");
    hub.guest("Gil");
    issued(&mut hub, "s", "bot");
    for (name, other) in [("ana", "ana2"), ("Gil", "Gil2"), ("Bot", "Bot2")] {
        let (refusal, suggest) = refused(issue(&mut hub, "t", name));
        assert_eq!((refusal.code, suggest), (ErrorCode::NameTaken, Some(named(other))), "{name}");
    }
}

#[test]
fn the_name_of_a_token_is_nobody_elses_however_long_it_is_silent() {
    let mut hub = HubHarness::new();
    issued(&mut hub, "s", "bot");
    hub.advance(std::time::Duration::from_hours(400 * 24));
    let ana = hub.connect();
    let taken = ["error name_taken try bot2"];
    assert_eq!(hub.ask(ana, &HubHarness::hello("Ana", "bot")), taken);
    assert_eq!(hub.ask(ana, r#"{"type":"hello","name":"bot"}"#), taken);
    ask(&mut hub, Question::RevokeToken(named("bot")));
    assert_eq!(hub.ask(ana, &HubHarness::hello("Ana", "bot")), taken, "it was here just now");
    hub.advance(std::time::Duration::from_hours(31 * 24));
    assert!(hub.ask(ana, &HubHarness::hello("Ana", "bot"))[0].starts_with("welcome bot"));
}

#[test]
fn a_name_that_a_token_is_about_to_get_is_taken() {
    let mut hub = HubHarness::new();
    hub.holds_ledger = true;
    let (hash, name) = (TokenHash::of("s"), named("bot"));
    let asked = hub.question(Question::IssueToken { hash, name, rooms: Vec::new() });
    let gil = hub.connect();
    assert_eq!(hub.ask(gil, r#"{"type":"hello","name":"bot"}"#), ["error name_taken try bot2"]);
    hub.holds_ledger = false;
    hub.answer_all();
    assert!(matches!(hub.answer_to(asked), Some(Answer::TokenIssued(_))));
}

#[test]
fn a_revoked_token_leaves_its_name_to_the_next() {
    let mut hub = HubHarness::new();
    issued(&mut hub, "s", "bot");
    ask(&mut hub, Question::RevokeToken(named("bot")));
    issued(&mut hub, "t", "bot");
    assert_eq!(list(&mut hub), ["bot"]);
    let (refusal, _) = refused(ask(&mut hub, Question::RevokeToken(named("nobody"))));
    assert_eq!(refusal.code, ErrorCode::NoSuchUser);
    assert!(refusal.text.contains("token list"), "{}", refusal.text);
}
