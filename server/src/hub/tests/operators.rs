//! Who is an operator, and who is told.

use protocol::{Addressee, ErrorCode, Identity, ServerFrame, server::Role};

use super::harness::{HubHarness, secret};
use crate::hub::asking::{Answer, Question};

fn identity(who: &str) -> Addressee {
    Addressee::Identity(Identity::of(&secret(who)))
}

fn ask(hub: &mut HubHarness, whom: Addressee, role: Role) -> Option<Answer> {
    let ask = hub.question(Question::Appoint { whom, role });
    hub.answer_to(ask)
}

/// Has somebody who was here appointed. What they are called.
pub(super) fn appoint(hub: &mut HubHarness, name: &str, role: Role) -> String {
    match ask(hub, Addressee::parse(name).unwrap(), role) {
        Some(Answer::Appointed { name, role: given }) if given == role => name.to_string(),
        other => panic!("{name} was not appointed: {other:?}"),
    }
}

/// As what somebody is welcomed.
fn welcomed_as(hub: &mut HubHarness, name: &str) -> Role {
    let session = hub.connect();
    hub.send(session, &HubHarness::hello(name, name));
    match hub.frames(session).into_iter().next() {
        Some(ServerFrame::Welcome(welcome)) => welcome.role,
        other => panic!("not welcomed: {other:?}"),
    }
}

#[test]
fn who_has_been_here_is_appointed_by_a_name_they_have_or_had() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    hub.ask(ana, r#"{"type":"name","name":"Ally"}"#);
    hub.close(ana, true);
    assert_eq!(appoint(&mut hub, "ana", Role::Operator), "Ally");
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Operator);
    hub.restart();
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Operator);
    assert_eq!(appoint(&mut hub, "Ally", Role::Member), "Ally");
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Member);
}

#[test]
fn who_is_here_sees_at_once_who_is_an_operator() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    appoint(&mut hub, "Ana", Role::Operator);
    hub.advance_ms(200);
    for session in [ana, bob] {
        let frame = hub.frames(session).pop();
        let Some(ServerFrame::Presence(presence)) = frame else { panic!("{frame:?}") };
        let [member] = &*presence.joined else { panic!("{presence:?}") };
        assert_eq!((member.name.as_str(), member.role), ("Ana", Role::Operator));
        assert_eq!((presence.count, presence.left.len()), (2, 0));
    }
    hub.check_settled();
}

#[test]
fn an_identity_that_was_never_here_is_welcomed_as_an_operator() {
    let mut hub = HubHarness::new();
    let awaited = Some(Answer::Awaited { role: Role::Operator });
    assert_eq!(ask(&mut hub, identity("Ana"), Role::Operator), awaited);
    assert_eq!(welcomed_as(&mut hub, "Bob"), Role::Member);
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Operator);
    // It is done once: what is said later counts.
    assert_eq!(appoint(&mut hub, "Ana", Role::Member), "Ana");
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Member);
    hub.restart();
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Member);
    hub.check_settled();
}

#[test]
fn an_identity_that_is_known_is_appointed_at_once() {
    let mut hub = HubHarness::new();
    hub.person("Ana");
    let appointed = ask(&mut hub, identity("Ana"), Role::Operator);
    assert!(matches!(appointed, Some(Answer::Appointed { role: Role::Operator, .. })));
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Operator);
}

#[test]
fn who_is_awaited_may_be_no_more() {
    let mut hub = HubHarness::new();
    ask(&mut hub, identity("Ana"), Role::Operator);
    let awaited = Some(Answer::Awaited { role: Role::Member });
    assert_eq!(ask(&mut hub, identity("Ana"), Role::Member), awaited);
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Member);
}

#[test]
fn no_more_than_so_many_are_awaited() {
    let mut hub = HubHarness::new();
    let who = |number: u8| Addressee::Identity(Identity::from_bytes([number; 16]));
    for number in 0..64 {
        let answer = ask(&mut hub, who(number), Role::Operator);
        assert!(matches!(answer, Some(Answer::Awaited { .. })), "{number}");
    }
    assert!(matches!(ask(&mut hub, who(64), Role::Operator), Some(Answer::Refused { .. })));
    assert!(matches!(ask(&mut hub, who(0), Role::Operator), Some(Answer::Awaited { .. })));
}

#[test]
fn a_full_disk_keeps_no_operator_out_for_good() {
    let mut hub = HubHarness::new();
    ask(&mut hub, identity("Ana"), Role::Operator);
    let session = hub.connect();
    hub.holds_ledger = true;
    hub.send(session, &HubHarness::hello("Ana", "Ana"));
    hub.answer_one();
    hub.ledger.is_full = true;
    hub.answer_all();
    assert_eq!(hub.news(session), ["error storage after 1000"]);
    hub.ledger.is_full = false;
    hub.holds_ledger = false;
    hub.send(session, &HubHarness::hello("Ana", "Ana"));
    let Some(ServerFrame::Welcome(welcome)) = hub.frames(session).into_iter().next() else {
        panic!("not welcomed")
    };
    assert_eq!(welcome.role, Role::Operator);
    hub.check_settled();
}

#[test]
fn who_goes_before_the_appointment_is_decided_is_one_the_next_time() {
    let mut hub = HubHarness::new();
    ask(&mut hub, identity("Ana"), Role::Operator);
    let session = hub.connect();
    hub.holds_ledger = true;
    hub.send(session, &HubHarness::hello("Ana", "Ana"));
    hub.answer_one();
    hub.close(session, false);
    hub.answer_all();
    hub.holds_ledger = false;
    assert_eq!(welcomed_as(&mut hub, "Ana"), Role::Operator);
    hub.check_settled();
}

#[test]
fn who_cannot_be_appointed_is_said_with_what_to_do() {
    let mut hub = HubHarness::new();
    hub.guest("Gil");
    for (name, code, words) in
        [("Nobody", ErrorCode::NoSuchUser, "join once"), ("Gil", ErrorCode::Forbidden, "a guest")]
    {
        let whom = Addressee::parse(name).unwrap();
        let Some(Answer::Refused { refusal, .. }) = ask(&mut hub, whom, Role::Operator) else {
            panic!("{name} was not refused")
        };
        assert!(refusal.code == code && refusal.text.contains(words), "{refusal:?}");
    }
}

#[test]
fn who_lost_their_name_is_still_what_they_are() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    appoint(&mut hub, "Ana", Role::Operator);
    hub.close(ana, true);
    hub.advance(std::time::Duration::from_hours(31 * 24));
    let eve = hub.connect();
    hub.send(eve, &HubHarness::hello("Eve", "Ana"));
    assert!(hub.news(eve)[0].starts_with("welcome Ana"));
    hub.restart();
    let ana = hub.connect();
    hub.send(ana, &HubHarness::hello("Ana", "Anna"));
    let Some(ServerFrame::Welcome(welcome)) = hub.frames(ana).into_iter().next() else {
        panic!("not welcomed")
    };
    assert_eq!((welcome.name.as_str(), welcome.role), ("Anna", Role::Operator));
}
