//! What who is not looking is told.

use super::*;
use crate::notify::window_title;

/// The notices among these effects, as `title: body`.
pub(super) fn notices(effects: Vec<Effect>) -> Vec<String> {
    let notices = effects.into_iter().filter_map(|effect| match effect {
        Effect::Notify(notice) => {
            Some(format!("{}: {}", notice.title.as_str(), notice.body.as_str()))
        }
        _ => None,
    });
    notices.collect()
}

fn title(user: &User) -> String {
    window_title(&user.state).as_str().to_owned()
}

#[test]
fn who_has_not_the_focus_is_told_of_mentions_and_private_messages_only() {
    let mut user = User::in_lobby();
    user.event_is(Event::Focus(false));
    assert_eq!(notices(user.bob_says("lobby", 1, "hi all")), [""; 0]);
    assert_eq!(notices(user.bob_says("lobby", 2, "hi Ana\nthere")), ["Bob in lobby: hi Ana↵there"]);
    user.joined_in_private(0);
    user.waits(10_000);
    let effects = user.event(PRIVATE, 1, "Bob", BOB, "b1", "just \u{202e}us");
    assert_eq!(notices(effects), ["Bob: just <U+202E>us"]);
}

#[test]
fn who_has_the_focus_is_told_nothing_whatever_room_is_shown() {
    let mut user = User::in_two_rooms();
    user.event_is(Event::Focus(true));
    user.waits(600_000);
    assert_eq!(notices(user.bob_says("lobby", 1, "hi Ana")), [""; 0]);
    assert_eq!(notices(user.bob_says("games", 1, "hi Ana")), [""; 0]);
}

#[test]
fn where_the_terminal_tells_no_focus_who_pressed_no_key_for_a_minute_is_told() {
    let mut user = User::in_lobby();
    user.types("a");
    user.waits(30_000);
    assert_eq!(notices(user.bob_says("lobby", 1, "Ana?")), [""; 0]);
    user.waits(30_000);
    assert_eq!(notices(user.bob_says("lobby", 2, "Ana!")), ["Bob in lobby: Ana!"]);
}

#[test]
fn a_flood_of_mentions_is_one_notice_and_a_count() {
    let mut user = User::in_lobby();
    assert_eq!(title(&user), "lobby · hubbub");
    user.event_is(Event::Focus(false));
    let told = (1..=20).flat_map(|seq| notices(user.bob_says("lobby", seq, "Ana")));
    assert_eq!(told.count(), 1);
    assert_eq!(title(&user), "(20) lobby · hubbub");
    user.event_is(Event::Focus(true));
    assert_eq!(title(&user), "lobby · hubbub");
}

#[test]
fn what_was_said_while_one_was_not_connected_is_no_notice() {
    let mut user = User::in_lobby();
    user.event_is(Event::Focus(false));
    user.lost();
    user.connects();
    user.joined("lobby", 1);
    assert_eq!(notices(user.bob_says("lobby", 1, "hi Ana")), [""; 0]);
}

#[test]
fn a_long_message_is_told_in_short() {
    let mut user = User::in_lobby();
    user.event_is(Event::Focus(false));
    let told = notices(user.bob_says("lobby", 1, &format!("Ana {}", "日".repeat(1_000))));
    assert!(told[0].ends_with("日…") && told[0].chars().count() < 130, "{told:?}");
}
