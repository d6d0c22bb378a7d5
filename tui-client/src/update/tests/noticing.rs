//! What one wants to notice: keywords, whom one ignores, and not to be disturbed.

use super::{notices::notices, *};
use crate::{ignoring::Ignored, timeline::Row, view::layout};

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

/// The rows of the room that is shown.
fn rows(user: &User) -> Vec<String> {
    let view = layout::viewport(&user.state);
    let rows = user.state.room().timeline().rows(&view);
    rows.iter().map(Row::to_text).map(|row| row.trim().to_owned()).collect()
}

/// What is to be kept of whom one ignores.
fn kept(effects: &[Effect]) -> Vec<(Ignored, bool)> {
    let kept = effects.iter().filter_map(|effect| match effect {
        Effect::KeepIgnored { whom, is_ignored } => Some((whom.clone(), *is_ignored)),
        _ => None,
    });
    kept.collect()
}

fn bob(name: &str) -> Ignored {
    Ignored::new(Some(identity_of(BOB)), super::name(name))
}

#[test]
fn who_is_ignored_is_not_seen_not_counted_and_rings_for_nothing() {
    let mut user = User::in_two_rooms();
    user.bob_says("games", 1, "Ana?");
    user.bob_says("games", 2, "hello");
    user.event("games", 3, "cyd", ANA.replace('1', "3").as_str(), "c3", "hi");
    assert_eq!(user.separator(), "Bob (games): Ana? · Alt+A");
    let effects = user.types("/ignore bob<ret>");
    assert_eq!(kept(&effects), [(bob("Bob"), true)]);
    assert_eq!(user.separator(), "you ignore Bob; /unignore Bob ends it");
    user.types("x<c-u>");
    assert_eq!(user.separator(), "", "no preview is left");
    let games = &user.state.rooms[1];
    assert_eq!((games.unread, games.mentions), (1, 0));
    assert_eq!(games.timeline().unread().map(|line| line.count), Some(1));
    user.event_is(Event::Focus(false));
    assert_eq!(notices(user.bob_says("games", 4, "Ana!!")), [""; 0]);
    user.hears(r#"{"type":"typing","room":"lobby","names":["Bob"]}"#);
    assert_eq!(user.state.typing_line(), None);
    let left = r#"{"type":"presence","room":"lobby","count":1,"joined":[],"left":["Bob"],"#;
    user.hears(&format!(r#"{left}"renamed":[]}}"#));
    assert_eq!((user.state.rooms[1].unread, user.separator()), (1, String::new()));
    assert!(rows(&user).is_empty(), "{:?}", rows(&user));
    user.types("<c-n>");
    let wanted = ["2 messages of people you ignore", "1 message of people you ignore"];
    assert_eq!([&rows(&user)[1], &rows(&user)[4]], wanted, "{:?}", rows(&user));
}

#[test]
fn a_person_is_ignored_not_a_name_and_is_heard_again_at_once() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    user.types("/ignore Bob<ret>");
    user.event("lobby", 2, "Robert", BOB, "b2", "two");
    let other = "~00000000000000000000000000000009";
    user.event("lobby", 3, "Bob", other, "b3", "I am another Bob");
    assert_eq!(
        rows(&user)[1..],
        ["2 messages of people you ignore", "00:00 Bob         I am another Bob"]
    );
    user.types("/ignore<ret>");
    assert_eq!(user.panel(), ["Robert"]);
    user.types("<esc><a-w>");
    assert_eq!(user.panel(), ["Ana", "Bob"], "that is another one");
    user.types("<esc>/ignore robert<ret>");
    assert_eq!(user.separator(), "you ignore Robert already; /unignore Robert ends it");
    let effects = user.types("/unignore Robert<ret>");
    assert_eq!(kept(&effects), [(bob("Robert"), false)]);
    assert_eq!(user.separator(), "you see and hear Robert again");
    assert_eq!(rows(&user).len(), 4);
    user.types("/ignore<ret>");
    assert_eq!(user.separator(), "you ignore nobody; /ignore NAME hides what someone says");
}

#[test]
fn whoever_has_said_nothing_yet_is_ignored_from_the_first_word_on() {
    let mut user = User::in_lobby();
    assert_eq!(kept(&user.types("/ignore @bob<ret>")).len(), 1);
    user.types("/ignore<ret>");
    assert_eq!(user.panel(), ["Bob  (from their first word on)"]);
    user.types("<esc><a-w>");
    assert_eq!(user.panel(), ["Ana", "Bob  ignored"]);
    user.types("<esc>");
    user.event_is(Event::Focus(false));
    let effects = user.bob_says("lobby", 1, "Ana?");
    assert_eq!(kept(&effects), [(bob("Bob"), true)], "who that is, is known from now on");
    assert_eq!(notices(effects), [""; 0]);
    let effects = user.event("lobby", 2, "Bobby", BOB, "b2", "Ana?");
    assert_eq!((kept(&effects), notices(effects)), (vec![], vec![]));
    assert_eq!(rows(&user)[1..], ["2 messages of people you ignore"]);
}

#[test]
fn whom_one_cannot_ignore_is_told_in_one_sentence() {
    let mut user = User::in_lobby();
    for (line, why) in [
        ("/ignore Ana", "that is you; choose somebody else"),
        ("/ignore Nobody", "nobody here is called Nobody; /who lists who is here"),
        ("/unignore Bob", "you do not ignore Bob; /ignore alone lists whom you do"),
        ("/unignore", "a name is missing: /unignore NAME"),
    ] {
        user.types(&format!("{line}<ret>"));
        assert_eq!(user.separator(), why);
        assert_eq!(user.draft(), line);
        user.types("<c-u>");
    }
}

#[test]
fn whom_one_ignores_is_known_from_the_disk_and_their_private_room_does_not_open() {
    let mut user = User::starts();
    user.link(LinkEvent::Ignoring { people: vec![bob("Bob")] });
    user.connects();
    user.joined("lobby", 0);
    user.joined_in_private(1);
    user.event_is(Event::Focus(false));
    let effects = user.event(PRIVATE, 1, "Bob", BOB, "b1", "just us");
    assert_eq!(notices(effects), [""; 0]);
    assert_eq!((user.titles(), user.separator()), (vec!["lobby".to_owned()], String::new()));
    user.types("/unignore <tab>");
    assert_eq!(user.draft(), "/unignore Bob");
    user.types("<ret>");
    user.event(PRIVATE, 2, "Bob", BOB, "b2", "now?");
    assert_eq!(user.state.noticing.ignoring.people().count(), 0);
}

#[test]
fn nothing_that_an_ignored_person_said_is_answered_by_mistake() {
    let mut user = User::in_lobby();
    user.event("lobby", 1, "cyd", "~00000000000000000000000000000009", "c1", "tea?");
    user.bob_says("lobby", 2, "coffee!");
    user.types("/reply Bob<ret>");
    assert_eq!(user.separator(), "→ Bob 00:00 · Esc cancels · coffee!");
    user.types("/ignore Bob<ret>x");
    assert_eq!(user.separator(), "→ an ignored message · Esc cancels");
    user.types("<esc><c-u>/reply Bob no<ret>");
    assert_eq!(user.separator(), "you ignore Bob; /unignore Bob first");
    user.types("<c-u>/reply yes<ret>");
    let sent = user.state.outbox.tail(&user.state.room().place).next().unwrap();
    assert_eq!(sent.reply_to.map(protocol::Seq::get), Some(1));
}

#[test]
fn what_one_reads_beside_them_stays_where_it_is() {
    let mut user = User::in_lobby();
    let cyd = "~00000000000000000000000000000009";
    for seq in (1..=90).step_by(3) {
        user.bob_says("lobby", seq, &format!("bob {seq}"));
        user.event("lobby", seq + 1, "cyd", cyd, &format!("c{seq}"), &format!("cyd {seq}"));
        user.bob_says("lobby", seq + 2, &format!("bob {}", seq + 2));
    }
    user.types("<pgup><pgup>");
    let before = rows(&user);
    let first = before.iter().position(|row| row.contains("cyd ")).unwrap();
    user.types("/ignore bob<ret>");
    let during = rows(&user);
    assert_eq!(during[first], before[first]);
    assert!(during.iter().any(|row| row.ends_with("of people you ignore")), "{during:?}");
    user.types("/unignore bob<ret>");
    assert_eq!(rows(&user)[first..], before[first..]);
}
