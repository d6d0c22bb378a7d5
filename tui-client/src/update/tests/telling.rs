//! How far one has read, and who is typing.

use super::User;
use crate::{event::Event, preferences::ReadWhen};

fn told(user: &mut User) -> Vec<String> {
    std::mem::take(&mut user.told)
}

fn reads_when(when: ReadWhen) -> User {
    let mut user = User::starts_with(|settings| settings.preferences.read_when = when);
    user.connects();
    user.joined("lobby", 0);
    user
}

/// How much of the second room is unread, and after which seq its line stands.
fn unread(user: &User) -> (u32, Option<u64>) {
    let room = &user.state.rooms[1];
    (room.unread, room.timeline().unread().map(|line| line.after.get()))
}

#[test]
fn the_hub_is_told_what_was_read_and_no_more_often_than_every_two_seconds() {
    let mut user = User::in_lobby();
    assert_eq!(told(&mut user), Vec::<String>::new());
    user.bob_says("lobby", 1, "one");
    user.bob_says("lobby", 2, "two");
    user.bob_says("lobby", 3, "three");
    assert_eq!(told(&mut user), ["read lobby 1"]);
    user.waits(1_999);
    assert_eq!(told(&mut user), Vec::<String>::new());
    user.waits(1);
    assert_eq!(told(&mut user), ["read lobby 3"]);
    assert_eq!(user.state.next_deadline(), None);
}

#[test]
fn what_is_not_seen_is_not_read() {
    let mut user = User::in_two_rooms();
    user.bob_says("games", 1, "elsewhere");
    user.event_is(Event::Focus(false));
    user.bob_says("lobby", 1, "without the focus");
    user.event_is(Event::Focus(true));
    assert_eq!(told(&mut user), ["read lobby 1"]);
    for seq in 2..=60 {
        user.bob_says("lobby", seq, "more");
    }
    user.waits(2_000);
    user.types("<pgup>");
    told(&mut user);
    user.bob_says("lobby", 61, "below the view");
    user.waits(10_000);
    assert_eq!(told(&mut user), Vec::<String>::new());
    user.types("<end>");
    assert_eq!(told(&mut user), ["read lobby 61"]);
}

#[test]
fn who_wants_to_can_look_in_and_leave_no_trace() {
    let mut user = reads_when(ReadWhen::Written);
    user.bob_says("lobby", 1, "one");
    user.waits(9_000);
    assert_eq!(told(&mut user), Vec::<String>::new());
    user.types("/me waves<ret>");
    assert_eq!(told(&mut user), ["typing lobby", "read lobby 1"]);
}

#[test]
fn who_wants_to_reads_what_is_below_the_view_too() {
    let mut user = reads_when(ReadWhen::Shown);
    for seq in 1..=60 {
        user.bob_says("lobby", seq, "more");
    }
    user.types("<pgup>");
    user.waits(2_000);
    told(&mut user);
    user.bob_says("lobby", 61, "below the view");
    user.waits(2_000);
    assert_eq!(told(&mut user), ["read lobby 61"]);
}

#[test]
fn what_was_read_on_another_device_is_not_unread_here_and_never_goes_back() {
    let mut user = User::in_two_rooms();
    for seq in 1..=5 {
        user.bob_says("games", seq, "ana?");
    }
    assert_eq!(unread(&user), (5, Some(0)));
    user.hears(r#"{"type":"read","room":"games","seq":3}"#);
    assert_eq!(unread(&user), (2, Some(3)));
    user.hears(r#"{"type":"read","room":"games","seq":1}"#);
    assert_eq!(unread(&user), (2, Some(3)));
    user.hears(r#"{"type":"read","room":"games","seq":5}"#);
    assert_eq!(unread(&user), (0, None));
    assert_eq!(user.state.rooms[1].mentions, 0);
    user.bob_says("games", 6, "one more");
    assert_eq!(unread(&user), (1, Some(5)));
    user.types("<c-n>");
    assert_eq!(told(&mut user), ["read games 6"]);
}

#[test]
fn under_ones_eyes_the_line_stays_where_it_is() {
    let mut user = User::in_two_rooms();
    user.bob_says("games", 1, "one");
    user.bob_says("games", 2, "two");
    user.types("<c-n>");
    user.hears(r#"{"type":"read","room":"games","seq":2}"#);
    assert_eq!(unread(&user), (0, Some(0)));
}

#[test]
fn the_hub_says_at_the_beginning_how_far_one_has_read() {
    let mut user = User::in_two_rooms();
    user.bob_says("games", 1, "one");
    user.bob_says("games", 2, "two");
    user.lost();
    user.connects_to(r#"[{"room":"games","topic":"","members":2,"head":2,"read":1,"mine":true}]"#);
    assert_eq!(unread(&user), (1, Some(1)));
    user.hears(
        r#"{"type":"joined","room":"games","topic":"","head":2,"oldest":1,"read":2,
        "epoch":"00000000000000aa","count":1,"members":[],"more":false}"#,
    );
    assert_eq!(unread(&user), (0, None));
}

#[test]
fn what_a_lost_connection_did_not_tell_is_told_by_the_next_one() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    assert_eq!(told(&mut user), ["read lobby 1"]);
    user.lost();
    user.waits(9_000);
    user.connects();
    user.joined("lobby", 1);
    assert_eq!(told(&mut user), ["read lobby 1"]);
}

#[test]
fn in_another_life_of_the_room_reading_begins_anew() {
    let mut user = User::in_lobby();
    for seq in 1..=9 {
        user.bob_says("lobby", seq, "one");
    }
    user.waits(2_000);
    user.lost();
    user.connects();
    user.joined("lobby", 2);
    user.hears(r#"{"type":"gap","room":"lobby","from":1,"to":2,"reason":"epoch"}"#);
    user.waits(2_000);
    told(&mut user);
    user.bob_says("lobby", 3, "anew");
    user.waits(2_000);
    assert_eq!(told(&mut user), ["read lobby 3"]);
}

#[test]
fn an_older_hub_is_not_told_again_and_nobody_is_bothered() {
    let mut user = User::in_lobby();
    for (kind, seq) in [("read", 1), ("typing", 2)] {
        user.bob_says("lobby", seq, "one");
        user.types("x");
        user.hears(&format!(
            r#"{{"type":"error","id":"{kind}","code":"unknown_type","text":"not known"}}"#
        ));
        assert_eq!(user.separator(), "");
    }
    told(&mut user);
    user.waits(60_000);
    user.bob_says("lobby", 3, "two");
    user.types("x");
    user.waits(60_000);
    assert_eq!(told(&mut user), Vec::<String>::new());
    assert_eq!(user.state.next_deadline(), None);
    user.lost();
    user.connects();
    user.joined("lobby", 3);
    user.types("x");
    assert_eq!(told(&mut user), ["read lobby 3", "typing lobby"], "it may be a newer one");
}

#[test]
fn others_are_told_that_one_types_at_most_every_three_seconds_and_not_of_commands() {
    let mut user = User::in_lobby();
    user.types("/msg Bob<c-u>");
    assert_eq!(told(&mut user), Vec::<String>::new());
    user.types("hello");
    assert_eq!(told(&mut user), ["typing lobby"]);
    user.waits(2_999);
    user.types(" you");
    assert_eq!(told(&mut user), Vec::<String>::new());
    user.waits(1);
    assert_eq!(told(&mut user), Vec::<String>::new(), "nothing was typed since");
    user.types("!");
    assert_eq!(told(&mut user), ["typing lobby"]);
}

#[test]
fn who_does_not_want_it_tells_nobody_and_is_shown_nobody() {
    let mut user = User::starts_with(|settings| settings.preferences.typing = false);
    user.connects();
    user.joined("lobby", 0);
    user.types("hello");
    user.hears(r#"{"type":"typing","room":"lobby","names":["Bob"]}"#);
    assert_eq!(told(&mut user), Vec::<String>::new());
    assert_eq!(user.state.typing_line(), None);
}

#[test]
fn who_types_is_shown_for_five_seconds_or_until_it_is_said() {
    let mut user = User::in_lobby();
    user.hears(r#"{"type":"typing","room":"lobby","names":["Bob","Ana"]}"#);
    assert_eq!(user.state.typing_line().as_deref(), Some("Bob is typing"));
    user.waits(3_000);
    user.hears(r#"{"type":"typing","room":"lobby","names":["cyd"]}"#);
    assert_eq!(user.state.typing_line().as_deref(), Some("Bob and cyd are typing"));
    user.hears(r#"{"type":"typing","room":"lobby","names":["Bob","Dan","Eve"]}"#);
    let many = user.state.typing_line();
    assert_eq!(many.as_deref(), Some("cyd, Bob and 2 more are typing"));
    user.bob_says("lobby", 1, "hello");
    assert_eq!(user.state.typing_line().as_deref(), Some("cyd, Dan and 1 more are typing"));
    user.waits(5_000);
    assert_eq!(user.state.typing_line(), None);
    user.waits(2_000);
    assert_eq!(user.state.next_deadline(), None);
}
