//! Pages, rooms, people.

use protocol::{Seq, ServerFrame, SessionId};

use super::harness::{HubHarness, join, name, room, say};

fn history(range: &str, limit: u32) -> String {
    format!(r#"{{"type":"history","room":"lobby","limit":{limit}{range}}}"#)
}

fn with_lines(number: u32, text: &str) -> (HubHarness, SessionId) {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    for number in 1..=number {
        hub.ask(ana, &say("lobby", &format!("m{number}"), text));
    }
    (hub, ana)
}

#[test]
fn history_is_read_from_the_end_before_and_after() {
    let (mut hub, ana) = with_lines(9, "x");
    assert_eq!(hub.ask(ana, &history("", 4)), ["page lobby 6..9 as of 9 more"]);
    assert_eq!(hub.ask(ana, &history(r#","before":4"#, 9)), ["page lobby 1..3 as of 9"]);
    assert_eq!(hub.ask(ana, &history(r#","before":4"#, 2)), ["page lobby 2..3 as of 9 more"]);
    assert_eq!(hub.ask(ana, &history(r#","after":7"#, 9)), ["page lobby 8..9 as of 9"]);
    assert_eq!(hub.ask(ana, &history(r#","after":2"#, 2)), ["page lobby 3..4 as of 9 more"]);
    assert_eq!(hub.ask(ana, &history(r#","after":9"#, 2)), ["page lobby - as of 9"]);
    assert_eq!(hub.ask(ana, &history(r#","before":1"#, 2)), ["page lobby - as of 9"]);
    let both = history(r#","after":2,"before":5"#, 2);
    assert_eq!(hub.ask(ana, &both), ["error bad_frame in lobby"]);
}

#[test]
fn history_that_is_no_longer_kept_is_a_gap() {
    let (mut hub, _) = with_lines(9, "x");
    hub.ledger.forget_before(&room("lobby"), Seq::new(5).unwrap());
    hub.restart();
    let ana = hub.person_in("Ana", &["lobby"]);
    assert_eq!(hub.ask(ana, &history("", 3)), ["page lobby 7..9 as of 9 more"]);
    assert_eq!(hub.ask(ana, &history("", 9)), ["page lobby 5..9 as of 9 gap 1..4"]);
    assert_eq!(hub.ask(ana, &history(r#","before":3"#, 9)), ["page lobby - as of 9 gap 1..2"]);
    assert_eq!(
        hub.ask(ana, &history(r#","after":1"#, 2)),
        ["page lobby 5..6 as of 9 gap 2..4 more"]
    );
    assert_eq!(hub.ask(ana, &history(r#","after":4"#, 9)), ["page lobby 5..9 as of 9"]);
}

/// The page that comes, and the oldest that it names.
fn page(hub: &mut HubHarness, session: SessionId) -> (String, u64) {
    let frames = hub.frames(session);
    let [frame @ ServerFrame::Page(page)] = &frames[..] else { panic!("{frames:?}") };
    (super::show::line(frame), page.oldest.get())
}

#[test]
fn a_page_tells_what_its_log_no_longer_had_before_the_hub_hears_of_it() {
    let (mut hub, ana) = with_lines(9, "x");
    hub.ledger.forget_before(&room("lobby"), Seq::new(5).unwrap());
    for (range, expected) in [
        (r#","after":1"#, "page lobby 5..9 as of 9 gap 2..4"),
        (r#","before":7"#, "page lobby 5..6 as of 9 gap 1..4"),
        (r#","before":5"#, "page lobby - as of 9 gap 1..4"),
    ] {
        hub.send(ana, &history(range, 9));
        assert_eq!(page(&mut hub, ana), (expected.to_owned(), 5), "{range}");
    }
    hub.ledger.forget_before(&room("lobby"), Seq::new(10).unwrap());
    hub.send(ana, &history(r#","after":2"#, 9));
    assert_eq!(page(&mut hub, ana), ("page lobby - as of 9 gap 3..9".to_owned(), 10));
}

#[test]
fn a_page_that_was_read_before_a_trim_has_no_gap_where_it_has_events() {
    let (mut hub, ana) = with_lines(9, "x");
    hub.trimmed(&room("lobby"), Seq::new(5).unwrap());
    hub.send(ana, &history("", 9));
    assert_eq!(page(&mut hub, ana), ("page lobby 1..9 as of 9".to_owned(), 1));
}

#[test]
fn the_hub_learns_what_the_ledger_no_longer_keeps() {
    let (mut hub, _) = with_lines(3, "x");
    let bob = hub.person("Bob");
    hub.ledger.forget_before(&room("lobby"), Seq::new(3).unwrap());
    hub.trimmed(&room("lobby"), Seq::new(3).unwrap());
    let resume = r#"{"type":"join","room":"lobby","after":0}"#;
    assert_eq!(
        hub.ask(bob, resume),
        ["joined lobby 3..3 n=2 [Ana,Bob]", "gap lobby 1..2 retention", "lobby 3 Ana: x"]
    );
    // What is not known of, or known already, changes nothing.
    hub.trimmed(&room("nowhere"), Seq::new(7).unwrap());
    hub.trimmed(&room("lobby"), Seq::new(2).unwrap());
    assert_eq!(hub.ask(bob, &join("lobby")), ["joined lobby 3..3 n=2 [Ana,Bob]"]);
}

#[test]
fn a_page_that_does_not_fit_keeps_what_is_nearest() {
    let (mut hub, ana) = with_lines(20, &"\\\"".repeat(4096));
    hub.send(ana, &history("", 200));
    let ServerFrame::Page(page) = hub.frames(ana).pop().unwrap() else { panic!("no page") };
    assert_eq!(page.events.last().unwrap().seq.get(), 20);
    assert!(page.more && page.events.len() < 20);
    hub.send(ana, &history(r#","after":0"#, 200));
    let ServerFrame::Page(page) = hub.frames(ana).pop().unwrap() else { panic!("no page") };
    assert_eq!(page.events.first().unwrap().seq.get(), 1);
    assert!(page.more && page.events.len() < 20);
}

#[test]
fn a_page_shows_the_room_as_it_was_when_it_was_asked_for() {
    let (mut hub, ana) = with_lines(2, "x");
    hub.holds_ledger = true;
    hub.send(ana, &say("lobby", "later", "x"));
    hub.send(ana, &history("", 9));
    hub.answer_all();
    assert_eq!(hub.news(ana), ["ack later lobby 3", "lobby 3 Ana: x", "page lobby 1..2 as of 2"]);
}

#[test]
fn a_page_for_a_connection_that_went_is_dropped() {
    let (mut hub, ana) = with_lines(2, "x");
    hub.holds_ledger = true;
    hub.send(ana, &history("", 9));
    hub.close(ana, true);
    hub.answer_all();
    hub.check_settled();
}

#[test]
fn rooms_are_ones_own_then_lively_then_quiet_and_can_be_narrowed() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["games", "garden", "quiet"]);
    hub.person_in("Cyd", &["games"]);
    hub.ask(bob, &say("quiet", "m1", "hi"));
    hub.ask(bob, r#"{"type":"leave","room":"quiet"}"#);
    let ana = hub.person_in("Ana", &["zoo"]);
    let list = |prefix: &str, limit: u32| {
        format!(r#"{{"type":"rooms","prefix":"{prefix}","limit":{limit}}}"#)
    };
    let all = "rooms zoo*(1,0) games(2,0) garden(1,0) lobby(0,0) quiet(0,1)";
    assert_eq!(hub.ask(ana, &list("", 9)), [all]);
    assert_eq!(hub.ask(ana, &list("#", 9)), [all]);
    assert_eq!(hub.ask(ana, &list("", 2)), ["rooms zoo*(1,0) games(2,0) …"]);
    assert_eq!(hub.ask(ana, &list("#Ga", 9)), ["rooms games(2,0) garden(1,0)"]);
    assert_eq!(hub.ask(ana, &list("q", 9)), ["rooms quiet(0,1)"]);
    assert_eq!(hub.ask(ana, &list("dm:", 9)), ["rooms "]);
}

#[test]
fn who_pages_through_a_room_by_name() {
    let mut hub = HubHarness::new();
    for who in ["bea", "Ana", "Cyd"] {
        hub.person_in(who, &["lobby"]);
    }
    let dan = hub.person("Dan");
    let who = |more: &str| format!(r#"{{"type":"who","room":"lobby"{more}}}"#);
    assert_eq!(hub.ask(dan, &who("")), ["members lobby [Ana,bea,Cyd]"]);
    assert_eq!(hub.ask(dan, &who(r#","limit":2"#)), ["members lobby [Ana,bea,…]"]);
    assert_eq!(hub.ask(dan, &who(r#","limit":2,"after":"Bea""#)), ["members lobby [Cyd]"]);
    assert_eq!(hub.ask(dan, r#"{"type":"who","room":"nowhere"}"#), ["members nowhere []"]);
    assert_eq!(hub.ask(dan, r#"{"type":"who"}"#), ["error bad_frame"]);
    let both = r#"{"type":"who","room":"lobby","name":"Ana"}"#;
    assert_eq!(hub.ask(dan, both), ["error bad_frame"]);
}

#[test]
fn who_tells_of_one_person_and_when_they_were_here() {
    let mut hub = HubHarness::new();
    let dan = hub.person("Dan");
    let ana = hub.person("Ana");
    hub.ask(ana, &name("Ally"));
    let who = |name: &str| format!(r#"{{"type":"who","name":"{name}"}}"#);
    assert_eq!(hub.ask(dan, &who("ally")), ["members - [Ally]"]);
    assert_eq!(hub.ask(dan, &who("Ana")), ["members - [Ally]"]);
    hub.advance_ms(1234);
    hub.close(ana, true);
    hub.advance_ms(5000);
    assert_eq!(hub.ask(dan, &who("Ally")), ["members - [Ally@1700000001234]"]);
    assert_eq!(hub.ask(dan, &who("Nobody")), ["error no_such_user"]);
    hub.restart();
    let dan = hub.person("Dan");
    assert_eq!(hub.ask(dan, &who("Ally")), ["members - [Ally@1700000001234]"]);
}

#[test]
fn ping_is_answered_with_its_nonce() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    assert_eq!(hub.ask(ana, r#"{"type":"ping","nonce":"7"}"#), ["pong 7"]);
    assert_eq!(hub.ask(ana, r#"{"type":"ping"}"#), ["pong -"]);
    hub.ask(ana, &join("lobby"));
    hub.check_settled();
}
