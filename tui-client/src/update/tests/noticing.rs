//! What one wants to notice: keywords, whom one ignores, and not to be disturbed.

use super::{notices::notices, *};

/// Ana listens for `lunch` and `release day` too, and is in the lobby and in `games`.
fn with_keywords() -> User {
    let mut user = User::starts_with(|settings| {
        settings.preferences.keywords = vec!["Lunch".into(), "release day".into()];
    });
    user.connects();
    user.joined("lobby", 0);
    user.types("/join games<ret>");
    user.joined("games", 0);
    user.types("/join music<ret>");
    user.joined("music", 0);
    user.types("<a-1>");
    user
}

#[test]
fn a_keyword_counts_as_ones_name_does() {
    let mut user = with_keywords();
    user.bob_says("games", 1, "launch");
    user.bob_says("music", 1, "LUNCH, anybody?");
    assert_eq!(user.separator(), "Bob (music): LUNCH, anybody? · Alt+A");
    let counts = |user: &User| -> Vec<(u32, u32)> {
        user.state.rooms.iter().map(|room| (room.unread, room.mentions)).collect()
    };
    assert_eq!(counts(&user), [(0, 0), (1, 0), (1, 1)]);
    user.types("<a-a>");
    assert_eq!(user.shown(), "music", "mentions come first");
    user.event_is(Event::Focus(false));
    let told = notices(user.bob_says("games", 2, "is it release\nday?"));
    assert_eq!(told, ["Bob in games: is it release↵day?"]);
    assert_eq!(notices(user.bob_says("games", 3, "Ana: launch day")), [""; 0], "just told");
    assert_eq!(counts(&user), [(0, 0), (3, 2), (0, 0)]);
}

#[test]
fn other_keywords_and_another_name_are_listened_for_at_once() {
    let mut user = with_keywords();
    user.state.settings.preferences.keywords = vec!["tea".into()];
    user.waits(1);
    user.bob_says("games", 1, "lunch");
    user.bob_says("games", 2, "tea");
    assert_eq!((user.state.rooms[1].unread, user.state.rooms[1].mentions), (2, 1));
    user.types("/name Ally<ret>");
    user.hears(r#"{"type":"renamed","from":"Ana","to":"Ally"}"#);
    user.bob_says("games", 3, "ana");
    user.bob_says("games", 4, "ally");
    assert_eq!((user.state.rooms[1].unread, user.state.rooms[1].mentions), (4, 2));
}

#[test]
fn who_does_not_want_to_be_disturbed_hears_nothing_and_misses_nothing() {
    let mut user = User::in_two_rooms();
    user.types("/dnd on<ret>");
    assert_eq!(user.separator(), "do not disturb: nothing rings, all is counted; /dnd off ends it");
    user.event_is(Event::Focus(false));
    assert_eq!(notices(user.bob_says("games", 1, "Ana?")), [""; 0]);
    assert_eq!(user.separator(), "Bob (games): Ana? · Alt+A", "that is silent");
    assert_eq!(crate::notify::window_title(&user.state).as_str(), "(1) lobby · hubbub");
    user.types("/dnd off<ret>");
    assert_eq!(notices(user.bob_says("games", 2, "Ana!")), ["Bob in games: Ana!"]);
}

#[test]
fn the_settings_say_whether_one_is_disturbed_until_one_says_so_oneself() {
    let mut user = User::starts_with(|settings| settings.preferences.do_not_disturb = true);
    user.connects();
    user.joined("lobby", 0);
    user.event_is(Event::Focus(false));
    assert_eq!(notices(user.bob_says("lobby", 1, "Ana?")), [""; 0]);
    user.types("/quiet<ret>");
    assert_eq!(notices(user.bob_says("lobby", 2, "Ana?")), ["Bob in lobby: Ana?"]);
    user.types("/dnd<ret>/dnd perhaps<ret>");
    assert_eq!(user.separator(), "do not disturb is on or off: /dnd on, /dnd off");
    assert_eq!(user.draft(), "/dnd perhaps");
    user.waits(10_000);
    assert_eq!(notices(user.bob_says("lobby", 3, "Ana?")), [""; 0], "still on");
}
