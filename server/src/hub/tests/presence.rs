//! Who came and went.

use super::harness::{HubHarness, join, name};

const NONE: [&str; 0] = [];

fn leave(room: &str) -> String {
    format!(r#"{{"type":"leave","room":"{room}"}}"#)
}

fn away(text: &str) -> String {
    format!(r#"{{"type":"away","text":"{text}"}}"#)
}

#[test]
fn those_who_come_in_one_window_are_told_in_one_frame() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let (bob, cyd) = (hub.person("Bob"), hub.person("Cyd"));
    hub.ask(bob, &join("lobby"));
    hub.advance_ms(60);
    hub.ask(cyd, &join("lobby"));
    hub.advance_ms(39);
    assert_eq!(hub.news(ana), NONE);
    hub.advance_ms(1);
    assert_eq!(hub.news(ana), ["presence lobby n=3 +[Bob,Cyd]"]);
    hub.check_settled();
}

#[test]
fn a_second_connection_is_not_told_and_neither_is_its_end() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    let bob_too = hub.person("Bob");
    hub.ask(bob_too, &join("lobby"));
    hub.advance_ms(200);
    hub.close(bob, true);
    hub.advance_ms(200);
    assert_eq!(hub.news(ana), NONE);
    hub.close(bob_too, true);
    hub.advance_ms(200);
    assert_eq!(hub.news(ana), ["presence lobby n=1 -Bob"]);
}

#[test]
fn a_clean_goodbye_is_told_at_once() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    hub.close(bob, true);
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=1 -Bob"]);
}

#[test]
fn who_is_lost_is_told_only_if_they_do_not_come_back() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    hub.close(bob, false);
    hub.advance_ms(9_900);
    let bob = hub.person("Bob");
    hub.ask(bob, &join("lobby"));
    hub.advance_ms(20_000);
    assert_eq!(hub.news(ana), NONE);
    hub.close(bob, false);
    hub.advance_ms(10_050);
    assert_eq!(hub.news(ana), NONE);
    hub.advance_ms(50);
    assert_eq!(hub.news(ana), ["presence lobby n=1 -Bob"]);
}

#[test]
fn who_is_lost_twice_has_the_whole_time_again() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    hub.close(bob, false);
    hub.advance_ms(8000);
    let bob = hub.person("Bob");
    hub.ask(bob, &join("lobby"));
    hub.close(bob, false);
    hub.advance_ms(9000);
    assert_eq!(hub.news(ana), NONE);
    hub.advance_ms(1100);
    assert_eq!(hub.news(ana), ["presence lobby n=1 -Bob"]);
}

#[test]
fn a_lost_guest_cannot_come_back_and_is_told_at_once() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let guest = hub.guest("Bob");
    hub.ask(guest, &join("lobby"));
    hub.settle();
    hub.close(guest, false);
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=1 -Bob"]);
}

#[test]
fn coming_and_going_within_a_window_is_nothing() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person("Bob");
    hub.ask(bob, &join("lobby"));
    hub.ask(bob, &leave("lobby"));
    hub.advance_ms(200);
    assert_eq!(hub.news(ana), NONE);
    hub.check_settled();
}

#[test]
fn going_and_coming_back_within_a_window_is_nothing() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    hub.ask(bob, &leave("lobby"));
    hub.ask(bob, &join("lobby"));
    hub.advance_ms(200);
    assert_eq!(hub.news(ana), NONE);
    hub.check_settled();
}

#[test]
fn what_a_newcomer_saw_is_taken_back_even_if_the_net_is_nothing() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let (bob, cyd) = (hub.person("Bob"), hub.person("Cyd"));
    hub.ask(bob, &join("lobby"));
    assert_eq!(hub.ask(cyd, &join("lobby")), ["joined lobby 1..0 n=3 [Ana,Bob,Cyd]"]);
    hub.ask(bob, &leave("lobby"));
    hub.advance_ms(200);
    assert_eq!(hub.news(ana), ["presence lobby n=2 -Bob +[Cyd]"]);
    hub.check_settled();
}

#[test]
fn what_a_newcomer_missed_is_told_even_if_the_net_is_nothing() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let cyd = hub.person("Cyd");
    hub.ask(bob, &leave("lobby"));
    assert_eq!(hub.ask(cyd, &join("lobby")), ["joined lobby 1..0 n=1 [Cyd]"]);
    hub.ask(bob, &join("lobby"));
    hub.advance_ms(200);
    assert_eq!(hub.news(cyd), ["presence lobby n=2 +[Bob,Cyd]"]);
    hub.check_settled();
}

#[test]
fn renames_of_one_window_are_one() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    hub.ask(bob, &name("B1"));
    hub.ask(bob, &name("B2"));
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=2 Bob>B2"]);
    hub.check_settled();
}

#[test]
fn away_is_told_with_a_name_that_is_there_already() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby", "games"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    assert_eq!(hub.ask(bob, &away("tea")), NONE);
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=2 +[Bob(tea)]"]);
    hub.ask(bob, &away("tea"));
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), NONE);
    hub.ask(bob, r#"{"type":"away"}"#);
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=2 +[Bob]"]);
    hub.check_settled();
}

#[test]
fn who_was_away_and_went_comes_back_as_here() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.ask(bob, &away("tea"));
    hub.close(bob, false);
    hub.advance_ms(5000);
    let bob = hub.person("Bob");
    assert_eq!(hub.ask(bob, &join("lobby")), ["joined lobby 1..0 n=1 [Bob(tea)]"]);
    hub.close(bob, false);
    hub.advance_ms(10_000);
    let bob = hub.person("Bob");
    assert_eq!(hub.ask(bob, &join("lobby")), ["joined lobby 1..0 n=1 [Bob]"]);
}

#[test]
fn a_cursor_that_caught_up_is_told_the_members_anew() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.news(ana);
    hub.caught_up(ana, &super::harness::room("lobby"));
    assert_eq!(hub.news(ana), ["members lobby [Ana,Bob]"]);
    hub.caught_up(ana, &super::harness::room("games"));
    hub.caught_up(ana, &super::harness::room("announcements"));
    assert_eq!(hub.news(ana), NONE);
    assert_eq!(hub.news(bob), NONE);
    hub.check_settled();
}

#[test]
fn a_crowd_is_counted_and_told_in_full_again_when_it_thins_out() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let mut crowd = Vec::new();
    for number in 1..1000 {
        let guest = hub.guest(&format!("g{number:04}"));
        hub.ask(guest, &join("lobby"));
        crowd.push(guest);
    }
    hub.settle();
    let last = hub.guest("last");
    assert_eq!(hub.ask(last, &join("lobby")), ["joined lobby 1..0 n=1001 [,…]"]);
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=1001"]);
    for _ in 0..101 {
        hub.close(crowd.pop().unwrap(), true);
    }
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=900"]);
    hub.close(crowd.pop().unwrap(), true);
    hub.advance_ms(100);
    let news = hub.news(ana);
    assert_eq!(news[0], "presence lobby n=899");
    assert!(news[1].starts_with("members lobby [Ana,g0001,g0002,"), "{}", news[1]);
    assert!(hub.news(last).pop().unwrap().starts_with("members lobby [Ana,g0001,g0002,"));
    hub.close(last, true);
    hub.advance_ms(100);
    assert_eq!(hub.news(ana), ["presence lobby n=898 -last"]);
}

#[test]
fn a_rush_of_long_names_is_told_in_frames_that_fit() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    for number in 0..250 {
        let guest = hub.guest(&format!("{number:03}{}", "\u{5b57}".repeat(29)));
        hub.ask(guest, &join("lobby"));
        hub.ask(guest, &away(&"\\\"".repeat(100)));
    }
    hub.advance_ms(100);
    assert_eq!(hub.news(ana).len(), 1);
    hub.advance_ms(1000);
    assert_eq!(hub.news(ana).len(), 1);
    let late = hub.person("Bob");
    let protocol::ServerFrame::Joined(joined) = ({
        hub.send(late, &join("lobby"));
        hub.frames(late).remove(0)
    }) else {
        panic!("not joined")
    };
    assert!(joined.more && joined.members.len() < 200 && joined.count == 252);
}

/// 10,000 who come at once are not 100,000,000 notices: everyone hears of them once in a window.
#[test]
fn ten_thousand_joins_cost_each_member_one_frame_a_window() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    for window in 1..=5 {
        for number in 0..2000 {
            let guest = hub.guest(&format!("g{window}-{number}"));
            hub.ask(guest, &join("lobby"));
        }
        hub.advance_ms(100);
        assert_eq!(hub.news(ana).len(), 1);
    }
    let last = hub.guest("last");
    let joined = hub.ask(last, &join("lobby"));
    assert_eq!(joined, ["joined lobby 1..0 n=10002 [,…]"], "whoever comes is told how many");
}
