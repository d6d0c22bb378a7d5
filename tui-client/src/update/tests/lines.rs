//! The connection: status words, names, passwords, coming back.

use protocol::RoomName;

use super::{BOB, EPOCH, PRIVATE, User, name, sent};
use crate::{
    effect::Effect,
    event::{Event, LinkEvent},
    separator::Tone,
};

#[test]
fn the_first_time_one_comes_into_the_lobby() {
    let mut user = User::starts();
    assert_eq!(user.status(), "connecting");
    let effects = user.connects();
    assert_eq!(sent(&effects), [r#"{"room":"lobby","type":"join"}"#]);
    assert_eq!(user.status(), "live");
    let effects = user.joined("lobby", 0);
    assert_eq!(sent(&effects), Vec::<String>::new());
    assert_eq!(user.shown(), "lobby");
}

#[test]
fn one_returns_to_ones_rooms_in_order_and_to_the_one_shown() {
    let room = |name| RoomName::parse(name).unwrap();
    let mut user = User::starts_with(|settings| {
        settings.rooms = vec![room("lobby"), room("games"), room("tea")];
        settings.current = Some(room("games"));
    });
    let effects = user.connects();
    assert_eq!(
        sent(&effects),
        [
            r#"{"room":"games","type":"join"}"#,
            r#"{"room":"lobby","type":"join"}"#,
            r#"{"room":"tea","type":"join"}"#
        ]
    );
    assert_eq!(user.titles(), ["lobby", "games", "tea"]);
    assert_eq!(user.shown(), "games");
}

#[test]
fn after_a_loss_each_room_goes_on_from_what_one_has() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    user.lost();
    assert_eq!(user.status(), "offline since 14:05, retrying");
    user.waits(90_000);
    user.link(LinkEvent::Connecting);
    assert_eq!(user.status(), "offline since 14:05, retrying");
    let effects = user.welcomed_as("Ana");
    let join = format!(r#"{{"after":1,"epoch":"{EPOCH}","room":"lobby","type":"join"}}"#);
    assert_eq!(sent(&effects), [join]);
    user.joined("lobby", 1205);
    assert_eq!(user.status(), "catching up 1,204");
    for seq in 2..=1205 {
        user.bob_says("lobby", seq, "meanwhile");
    }
    assert_eq!(user.status(), "live");
}

#[test]
fn a_gap_ends_catching_up() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    user.lost();
    user.welcomed_as("Ana");
    user.joined("lobby", 50);
    assert_eq!(user.status(), "catching up 49");
    user.hears(r#"{"type":"gap","room":"lobby","from":2,"to":40,"reason":"retention"}"#);
    assert_eq!(user.status(), "catching up 10");
}

#[test]
fn a_taken_name_is_asked_for_and_enter_accepts_the_free_one() {
    let mut user = User::starts();
    user.link(LinkEvent::Introduced { name: name("Ana") });
    user.hears(r#"{"type":"error","code":"name_taken","text":"taken","suggest":"Ana2"}"#);
    let field = user.state.field();
    assert_eq!(format!("{}{}", field.label, field.draft.text()), "Ana is taken. Your name: Ana2");
    let effects = user.types("<ret>");
    assert_eq!(effects, [Effect::Introduce { name: name("Ana2") }]);
    user.link(LinkEvent::Introduced { name: name("Ana2") });
    user.welcomed_as("Ana2");
    assert_eq!(user.state.field().label, "> ");
}

#[test]
fn a_name_in_use_by_another_client_here_is_asked_for_too() {
    let mut user = User::starts();
    user.link(LinkEvent::NeedsName { tried: name("Ana"), suggest: name("Ana2") });
    assert_eq!(user.types("<c-u>Bea!<ret>"), []);
    assert_eq!(user.tone(), Some(Tone::Error));
    assert_eq!(user.types("<bs><ret>"), [Effect::Introduce { name: name("Bea") }]);
}

#[test]
fn what_is_typed_as_an_answer_stays_when_the_question_comes_again() {
    let mut user = User::starts();
    let needs = LinkEvent::NeedsName { tried: name("Ana"), suggest: name("Ana2") };
    user.link(needs.clone());
    user.types("<c-u>Be");
    user.link(needs);
    assert_eq!(user.state.field().draft.text(), "Be");
}

#[test]
fn a_password_is_masked_and_never_leaves_the_question() {
    let mut user = User::starts();
    let error = r#"{"type":"error","code":"password_required","text":"the password is wrong"}"#;
    user.hears(error);
    assert!(user.state.field().is_masked);
    assert_eq!(user.types("tea pot<ret>"), [Effect::Password("tea pot".into())]);
    user.hears(error);
    assert_eq!(user.separator(), "the password is wrong");
    user.types("other<c-u>");
    user.welcomed_as("Ana");
    user.types("<c-y><up>");
    assert_eq!(user.draft(), "");
}

#[test]
fn only_a_yes_confirms_a_hub_at_a_new_address() {
    for (typed, is_yes) in [("y", true), ("Yes", true), ("", false), ("n", false), ("what", false)]
    {
        let mut user = User::starts();
        let known_as = "192.168.1.20".to_owned();
        user.link(LinkEvent::ConfirmHub { known_as, loses_tls: false, name: name("Ana") });
        assert_eq!(
            user.state.field().label,
            "This says it is the hub you knew as 192.168.1.20. Be Ana there? [y/N] "
        );
        let effects = user.types(&format!("{typed}<ret>"));
        if is_yes {
            assert_eq!(effects, [Effect::ConfirmHub(true)]);
        } else {
            assert_eq!(effects, [Effect::Disconnect]);
            assert_eq!(user.status(), "stopped: not joined; /reconnect asks again");
        }
    }
}

#[test]
fn another_name_than_asked_for_is_told_and_filed() {
    let mut user = User::starts();
    user.link(LinkEvent::Introduced { name: name("ana") });
    let effects = user.welcomed_as("Ally");
    assert!(effects.contains(&Effect::AlsoKnownAs { name: name("Ally") }));
    assert_eq!(user.separator(), "you are Ally on this hub; /name takes another name");
}

#[test]
fn when_to_come_back_is_left_to_the_connection_which_adds_its_jitter() {
    let mut user = User::in_lobby();
    assert_eq!(user.hears(r#"{"type":"bye","reason":"restart","retry_after_ms":1500}"#), []);
}

#[test]
fn who_is_kicked_stays_out_until_reconnect() {
    let mut user = User::in_lobby();
    let effects = user.hears(r#"{"type":"bye","reason":"kicked"}"#);
    assert_eq!(effects, [Effect::Disconnect]);
    user.lost();
    assert_eq!(user.status(), "stopped: you were kicked");
    assert_eq!(user.types("/reconnect<ret>"), [Effect::Reconnect]);
    assert_eq!(user.status(), "offline since 14:05, retrying");
}

#[test]
fn a_final_refusal_of_hello_stops() {
    let mut user = User::starts();
    let effects =
        user.hears(r#"{"type":"error","code":"banned","text":"you are banned from this hub"}"#);
    assert_eq!(effects, [Effect::Disconnect]);
    assert_eq!(user.status(), "stopped: you are banned from this hub");
}

#[test]
fn private_rooms_that_began_meanwhile_are_joined_too() {
    let mut user = User::starts();
    user.link(LinkEvent::Introduced { name: name("Ana") });
    let rooms = format!(
        r#"[{{"room":"{PRIVATE}","peer":"Bob","topic":"","members":2,"head":1,"mine":true}},
        {{"room":"tea","topic":"","members":5,"head":9,"mine":false}}]"#
    );
    let effects = user.welcomed("Ana", &rooms);
    assert_eq!(user.titles(), ["lobby", "@Bob"]);
    assert_eq!(sent(&effects).len(), 2);
    assert_eq!(user.shown(), "lobby");
    user.joined_in_private(1);
    user.event(PRIVATE, 2, "Bob", BOB, "b", "hi");
    assert_eq!(user.state.rooms[1].unread, 1);
}

#[test]
fn away_is_told_again_after_a_loss() {
    let mut user = User::in_lobby();
    user.types("/away at lunch<ret>");
    user.lost();
    let effects = user.welcomed_as("Ana");
    assert!(sent(&effects).contains(&r#"{"text":"at lunch","type":"away"}"#.to_owned()));
}

#[test]
fn a_command_without_an_answer_comes_back_when_the_connection_is_lost() {
    let mut user = User::in_lobby();
    user.types("/topic tea<ret>");
    assert_eq!(user.draft(), "");
    user.lost();
    assert_eq!(user.draft(), "/topic tea");
    assert_eq!(user.separator(), "the connection is gone; try that again");
}

#[test]
fn nothing_is_scheduled_while_nothing_changes() {
    let mut user = User::in_lobby();
    assert_eq!(user.state.next_deadline(), None);
    user.lost();
    assert_eq!(user.state.next_deadline(), None);
    user.types("a draft");
    user.waits(500);
    assert_eq!(user.state.next_deadline(), None);
    user.event_is(Event::Continued);
    assert_eq!(user.state.next_deadline(), None);
}

#[test]
fn who_was_idle_stays_away_until_a_key_is_pressed() {
    let mut user = User::in_lobby();
    let effects = user.hears(r#"{"type":"bye","reason":"idle"}"#);
    assert_eq!(effects, [Effect::Disconnect]);
    assert_eq!(user.status(), "stopped: idle; press a key");
    assert_eq!(user.waits(60_000), []);
    assert_eq!(user.types("x"), [Effect::Reconnect]);
    assert_eq!((user.draft(), user.status().as_str()), ("x", "offline since 14:06, retrying"));
    assert_eq!(user.types("y"), []);
}

#[test]
fn a_hub_that_was_full_is_not_full_any_more() {
    let mut user = User::starts();
    user.hears(r#"{"type":"error","code":"server_full","text":"it is full","retry_after_ms":9}"#);
    assert_eq!(user.separator(), "it is full");
    user.connects();
    assert_eq!(user.separator(), "");
}
