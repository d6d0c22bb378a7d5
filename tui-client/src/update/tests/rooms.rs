//! Going from room to room, unread counts, previews, drafts.

use super::{BOB, PRIVATE, User, message_id, said, sent};
use crate::{effect::Effect, event::Event, place::Place, separator::Tone};
use protocol::RoomName;

#[test]
fn joining_shows_the_room_and_remembers_it() {
    let mut user = User::in_lobby();
    let effects = user.types("/join #Games<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"games","type":"join"}"#]);
    assert_eq!(user.shown(), "lobby");
    user.joined("games", 0);
    assert_eq!(user.shown(), "games");
    let effects = user.waits(1000);
    let rooms = ["lobby", "games"].map(|name| RoomName::parse(name).unwrap());
    let current = Some(rooms[1].clone());
    assert!(effects.contains(&Effect::RememberRooms { rooms: rooms.to_vec(), current }));
    user.types("/join lobby<ret>");
    assert_eq!(user.shown(), "lobby");
}

#[test]
fn each_room_keeps_its_draft() {
    let mut user = User::in_two_rooms();
    user.types("for the lobby<c-n>");
    assert_eq!(user.draft(), "");
    user.types("for games<c-n>");
    assert_eq!(user.draft(), "for the lobby");
    user.types("<a-2>");
    assert_eq!(user.draft(), "for games");
}

#[test]
fn a_room_elsewhere_counts_and_looking_at_it_clears() {
    let mut user = User::in_two_rooms();
    user.bob_says("games", 1, "anyone?");
    user.bob_says("games", 2, "ana, you?");
    user.bob_says("lobby", 1, "hi");
    assert_eq!((user.state.rooms[1].unread, user.state.rooms[1].mentions), (2, 1));
    assert_eq!(user.state.rooms[0].unread, 0);
    user.types("<c-n>");
    assert_eq!((user.state.rooms[1].unread, user.state.rooms[1].mentions), (0, 0));
}

#[test]
fn without_the_focus_the_room_on_the_screen_counts_too() {
    let mut user = User::in_lobby();
    user.event_is(Event::Focus(false));
    user.bob_says("lobby", 1, "hi Ana");
    assert_eq!(user.state.rooms[0].unread, 1);
    user.event_is(Event::Focus(true));
    assert_eq!(user.state.rooms[0].unread, 0);
}

#[test]
fn a_private_message_previews_until_it_is_opened_and_never_switches_rooms() {
    let mut user = User::in_lobby();
    user.joined_in_private(0);
    user.event(PRIVATE, 1, "Bob", BOB, "b1", "just between us\nand more");
    assert_eq!(user.shown(), "lobby");
    assert_eq!(user.separator(), "Bob (private): just between us · Alt+A");
    assert_eq!(user.tone(), Some(Tone::Preview));
    user.types("typing");
    assert_eq!(user.separator(), "Bob (private): just between us · Alt+A");
    user.types("<a-a>");
    assert_eq!(user.shown(), "@Bob");
    assert_eq!(user.separator(), "");
}

#[test]
fn ones_next_send_clears_a_preview() {
    let mut user = User::in_two_rooms();
    user.bob_says("games", 1, "Ana?");
    assert_eq!(user.separator(), "Bob (games): Ana? · Alt+A");
    user.types("yes<ret>");
    assert_eq!(user.separator(), "");
}

#[test]
fn a_preview_is_newer_than_an_answer_but_not_more_than_an_error() {
    let mut user = User::in_two_rooms();
    user.types("/away lunch<ret>");
    user.bob_says("games", 1, "Ana?");
    assert_eq!(user.separator(), "Bob (games): Ana? · Alt+A");
    user.types("/nothing<ret>");
    user.bob_says("games", 2, "Ana??");
    assert_eq!(user.tone(), Some(Tone::Error));
    user.types("<c-c>/me nods<ret>");
    assert_eq!(user.separator(), "");
}

#[test]
fn alt_a_goes_to_mentions_first_then_the_rest_then_back() {
    let mut user = User::in_two_rooms();
    user.types("/join tea<ret>");
    user.joined("tea", 0);
    user.types("<a-1>");
    user.bob_says("games", 1, "anyone?");
    user.bob_says("tea", 1, "Ana, tea?");
    user.types("<a-a>");
    assert_eq!(user.shown(), "tea");
    user.types("<esc>a");
    assert_eq!(user.shown(), "games");
    user.types("<a-a>");
    assert_eq!(user.shown(), "lobby");
    user.types("<a-a>");
    assert_eq!(user.shown(), "lobby");
    assert_eq!(user.separator(), "nothing unread");
}

#[test]
fn leaving_goes_to_a_neighbour_and_the_last_room_stays() {
    let mut user = User::in_two_rooms();
    let effects = user.types("/leave<ret>");
    assert!(sent(&effects).contains(&r#"{"room":"lobby","type":"leave"}"#.to_owned()));
    assert_eq!(user.titles(), ["games"]);
    user.types("/leave<ret>");
    assert_eq!(user.titles(), ["games"]);
    assert_eq!(user.draft(), "/leave");
    assert_eq!(user.separator(), "this is your only room; /join another one, or /quit");
}

#[test]
fn a_room_that_the_hub_takes_away_closes() {
    let mut user = User::in_two_rooms();
    user.hears(r#"{"type":"left","room":"lobby"}"#);
    assert_eq!(user.shown(), "games");
    assert_eq!(user.separator(), "you are no longer in lobby");
    let effects = user.hears(r#"{"type":"left","room":"games"}"#);
    assert_eq!(sent(&effects), [r#"{"room":"lobby","type":"join"}"#]);
    assert_eq!(user.titles(), ["lobby"]);
}

#[test]
fn go_to_finds_rooms_people_commands_and_keys_by_typing() {
    let mut user = User::in_two_rooms();
    user.types("a draft<c-g>gam<ret>");
    assert_eq!(user.shown(), "games");
    user.types("<c-g>bob");
    assert_eq!(user.panel(), ["@Bob"]);
    user.types("<ret>");
    assert_eq!(user.shown(), "@Bob");
    user.types("<c-g>/invi<ret>");
    assert_eq!(user.panel(), ["hubbub 192.168.1.20"]);
    user.types("<esc><c-g>/topic<ret>");
    assert_eq!(user.separator(), "a private conversation has no topic");
    user.types("<c-g>/name<ret>");
    assert_eq!(user.draft(), "/name ");
    assert_eq!(user.types("<c-g>everything again<ret>"), [Effect::Repaint]);
    user.types("<a-1>");
    assert_eq!(user.draft(), "a draft");
}

#[test]
fn go_to_finds_everybody_one_knows_of_by_a_few_letters_and_each_of_them_once() {
    let mut user = User::in_two_rooms();
    user.event("games", 1, "Cydonia", BOB, "c", "elsewhere");
    user.types("<c-g>cdn");
    assert_eq!(user.panel(), ["@Cydonia"]);
    user.types("<ret><c-g>cydo");
    assert_eq!(user.panel(), ["@Cydonia"], "the open room is the one way there");
    user.types("<c-u>gs");
    assert_eq!(user.panel()[0], "games  1");
}

#[test]
fn history_is_asked_for_once_while_it_is_missing() {
    let mut user = User::starts();
    user.connects();
    let effects = user.joined("lobby", 500);
    assert_eq!(sent(&effects), [r#"{"before":501,"limit":200,"room":"lobby","type":"history"}"#]);
    assert_eq!(user.types("x<pgup>"), []);
}

#[test]
fn a_private_room_that_the_hub_forgot_begins_anew() {
    let mut user = User::in_lobby();
    user.joined_in_private(1);
    user.lost();
    user.welcomed_as("Ana");
    let id = user.id_of_last_join(PRIVATE).unwrap();
    user.refused(&id, "room_invalid", None);
    assert_eq!(user.titles(), ["lobby", "@Bob"]);
    let effects = user.types("<c-n>hi<ret>");
    assert!(sent(&effects).contains(&r#"{"text":"hi","to":"Bob","type":"direct"}"#.to_owned()));
}

#[test]
fn a_room_that_is_not_there_is_told() {
    let mut user = User::in_lobby();
    user.types("<a-5>");
    assert_eq!(user.separator(), "there is no room 5");
}

#[test]
fn what_was_written_stays_where_it_is_when_the_hub_closes_the_room() {
    let mut user = User::in_two_rooms();
    user.types("<c-n>hello<ret>and more");
    user.hears(r#"{"type":"left","room":"games"}"#);
    assert_eq!((user.shown().as_str(), user.draft()), ("games", "and more"));
    assert_eq!((user.state.outbox.unsent(), user.state.outbox.failed()), (0, 1));
    let effects = user.types("<c-c>/retry<ret>");
    assert_eq!(sent(&effects).len(), 1, "it is asked again: {effects:?}");
    assert_eq!(said(&user.joined("games", 0)), ["hello"]);
}

#[test]
fn the_draft_to_a_person_joins_the_one_of_the_private_room() {
    let mut user = User::in_lobby();
    user.joined_in_private(0);
    user.types("<c-n>second<c-p>");
    let private = user.state.rooms[1].place.clone();
    let bob = Place::Peer(super::name("Bob"));
    let index = crate::update::places::open(&mut user.state, bob.clone());
    crate::update::places::show(&mut user.state, index);
    user.types("first");
    crate::update::places::moved(&mut user.state, &bob, &private);
    assert_eq!((user.shown(), user.draft()), ("@Bob".into(), "first\nsecond"));
}

#[test]
fn the_rooms_are_written_once_a_second_however_often_they_change() {
    let mut user = User::in_two_rooms();
    let is_it = |effect: &Effect| matches!(effect, Effect::RememberRooms { .. });
    user.waits(1000);
    let effects = user.types("<c-n><c-p><c-n><c-p><c-n>");
    assert_eq!(effects.into_iter().filter(is_it).count(), 0, "a second is not over");
    assert_eq!(user.waits(1000).into_iter().filter(is_it).count(), 1);
    user.types("<c-p>");
    let effects = user.event_is(Event::Ending);
    assert_eq!(effects.into_iter().filter(is_it).count(), 1, "the last word does not wait");
}

#[test]
fn a_hub_that_invents_private_rooms_opens_no_more_than_a_screen_can_use() {
    let mut user = User::in_lobby();
    for number in 0..1000 {
        user.hears(&format!(
            r#"{{"type":"joined","room":"dm:{number:032}","peer":"Bob{number}","topic":"",
            "head":0,"oldest":1,"epoch":"00000000000000aa","count":2,"members":[],"more":false}}"#
        ));
    }
    assert_eq!(user.state.rooms.len(), crate::update::places::OPEN_MAX);
    user.lost();
    let joins = sent(&user.welcomed_as("Ana"));
    assert_eq!(joins.len(), crate::update::places::OPEN_MAX);
}

#[test]
fn a_hub_that_throws_one_out_again_and_again_is_asked_once() {
    let mut user = User::in_lobby();
    let effects: Vec<Effect> =
        (0..1000).flat_map(|_| user.hears(r#"{"type":"left","room":"lobby"}"#)).collect();
    assert_eq!(sent(&effects), [r#"{"room":"lobby","type":"join"}"#]);
}

/// Ana is back after a loss, and was not let into `games` where she had said something.
fn refused_in_games(retry_after_ms: Option<u64>) -> User {
    let mut user = User::in_two_rooms();
    user.types("<c-n>hello<ret>");
    user.lost();
    user.welcomed_as("Ana");
    user.joined("lobby", 0);
    let id = user.id_of_last_join("games").unwrap();
    user.refused(&id, "storage", retry_after_ms);
    user
}

#[test]
fn a_room_that_cannot_be_joined_now_is_joined_later() {
    let mut user = refused_in_games(Some(2000));
    assert_eq!(user.state.outbox.unsent(), 1);
    assert_eq!(sent(&user.waits(1999)), [""; 0]);
    let effects = user.waits(1);
    assert_eq!(
        sent(&effects),
        [r#"{"after":0,"epoch":"00000000000000aa","room":"games","type":"join"}"#]
    );
    assert_eq!(said(&user.joined("games", 0)), ["hello"]);
}

#[test]
fn a_room_that_is_closed_stays_open_here_and_fails_what_was_said_in_it() {
    let mut user = refused_in_games(None);
    assert_eq!(user.titles(), ["lobby", "games"]);
    assert_eq!(user.separator(), "games: why not");
    assert_eq!((user.state.outbox.unsent(), user.state.outbox.failed()), (0, 1));
    user.types("and more<ret>");
    assert_eq!(user.state.outbox.failed(), 2);
    let effects = user.types("/retry<ret>");
    assert_eq!(sent(&effects).len(), 1, "it is asked again: {effects:?}");
    assert_eq!(user.state.outbox.unsent(), 2);
    assert_eq!(said(&user.joined("games", 0)), ["hello"]);
}

/// The hub refused the room, not the message, which it may have stored before.
#[test]
fn what_may_be_stored_goes_again_under_its_id() {
    let mut user = User::in_two_rooms();
    let id = message_id(&user.types("<c-n>hello<ret>"));
    user.lost();
    user.welcomed_as("Ana");
    user.joined("lobby", 0);
    let join = user.id_of_last_join("games").unwrap();
    user.refused(&join, "too_many_rooms", None);
    let mut user = user.crashes();
    user.connects();
    user.types("<a-2>/retry<ret>");
    let effects = user.joined("games", 0);
    assert_eq!((said(&effects), message_id(&effects)), (vec!["hello"], id));
}

#[test]
fn a_room_that_one_left_is_not_joined_again() {
    let mut user = User::in_two_rooms();
    user.lost();
    user.welcomed_as("Ana");
    let join = user.id_of_last_join("games").unwrap();
    user.types("<a-2>/leave<ret>");
    user.refused(&join, "storage", Some(1000));
    assert_eq!(sent(&user.waits(2000)), [""; 0]);
}

#[test]
fn what_was_written_to_a_person_opens_its_room_however_many_are_open() {
    let mut user = User::in_lobby();
    for number in 0..1000 {
        crate::update::places::open(
            &mut user.state,
            Place::Room(RoomName::parse(&format!("room{number}")).unwrap()),
        );
    }
    let first = message_id(&user.types("/msg Bob one<ret>"));
    user.types("/msg Bob two<ret>");
    user.joined_in_private(0);
    assert_eq!(said(&user.acked(&first, PRIVATE, 1)), ["two"]);
    assert!(user.titles().contains(&"@Bob".to_owned()));
}

#[test]
fn leaving_with_unsent_messages_wants_a_second_leave_and_gives_them_up() {
    let mut user = User::in_two_rooms();
    user.lost();
    user.types("one<ret>two<ret>");
    user.types("/leave<ret>");
    assert_eq!(user.separator(), "2 messages here not sent yet; /leave again gives that up");
    assert_eq!(user.titles(), ["lobby", "games"]);
    user.types("/help leave<ret>/leave<ret>");
    assert_eq!(user.titles(), ["lobby", "games"], "the second one must follow the first");
    user.types("/leave<ret>");
    assert_eq!(user.titles(), ["games"]);
    assert!(user.disk.messages.is_empty());
    user.types("<up>");
    assert_eq!(user.draft(), "two");
}

#[test]
fn leaving_with_failed_messages_does_too() {
    let mut user = User::in_two_rooms();
    let id = message_id(&user.types("one<ret>"));
    user.refused(&id, "muted", None);
    user.types("/leave<ret>");
    assert_eq!(user.separator(), "1 message here failed; /leave again gives that up");
    user.types("/leave<ret>");
    assert_eq!((user.titles(), user.state.outbox.failed()), (vec!["games".to_owned()], 0));
}

#[test]
fn a_page_that_nobody_asked_for_fills_nothing() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    user.bob_says("lobby", 9, "nine");
    user.hears(r#"{"type":"page","room":"lobby","events":[],"oldest":1,"as_of":9,"more":false}"#);
    assert!(user.state.room().timeline().is_missing(protocol::Seq::new(5).unwrap()));
}

#[test]
fn a_page_that_the_hub_cannot_give_now_is_asked_for_later() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    let effects = user.bob_says("lobby", 9, "nine");
    let id = super::frames(&effects).find_map(|frame| frame.id()).unwrap().to_string();
    assert_eq!(sent(&user.refused(&id, "storage", Some(2000))), [""; 0]);
    assert_eq!(user.state.next_deadline(), Some(std::time::Duration::from_secs(2)));
    assert_eq!(sent(&user.waits(1999)), [""; 0]);
    let effects = user.waits(1);
    let history = r#"{"before":9,"limit":200,"room":"lobby","type":"history"}"#;
    assert_eq!(sent(&effects), [history]);
}
