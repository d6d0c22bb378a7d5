//! What is on disk when: nothing that was typed is lost, and nothing goes twice.

use std::time::Duration;

use super::{BOB, PRIVATE, User, message_id, said, sent};
use crate::{
    effect::Effect,
    event::{Event, LinkEvent},
    outbox::Stage,
    update::update,
};

/// The texts in the tail of the room that is shown.
fn tail(user: &User) -> Vec<String> {
    let place = user.state.room().place.clone();
    user.state.outbox.tail(&place).map(|message| message.text.to_string()).collect()
}

#[test]
fn nothing_is_sent_before_it_is_on_disk() {
    let mut user = User::in_lobby();
    user.types("hello");
    let enter = super::parse_keys("<ret>").remove(0);
    let effects = update(&mut user.state, Event::Key(enter), user.now);
    assert!(matches!(effects[..], [Effect::Keep(_)]), "{effects:?}");
    assert_eq!(tail(&user), [""; 0]);
    let effects = update(&mut user.state, Event::Kept, user.now);
    assert_eq!(said(&effects), ["hello"]);
    assert_eq!(tail(&user), ["hello"]);
}

#[test]
fn a_message_costs_one_write_and_its_ack_another() {
    let mut user = User::in_lobby();
    let before = user.writes;
    let id = message_id(&user.types("hello<ret>"));
    assert_eq!(user.writes, before + 1);
    user.acked(&id, "lobby", 1);
    user.own_event("lobby", 1, &id, "hello");
    user.waits(10_000);
    assert_eq!(user.writes, before + 2);
    assert!(user.disk.is_empty());
}

#[test]
fn a_full_disk_leaves_the_line_in_the_composer_and_sends_nothing() {
    let mut user = User::in_lobby();
    user.is_disk_full = true;
    assert_eq!(user.types("hello<ret>"), []);
    assert_eq!(user.draft(), "hello");
    assert!(user.separator().ends_with("no space left"), "{}", user.separator());
    assert_eq!(tail(&user), [""; 0]);
    user.is_disk_full = false;
    assert_eq!(said(&user.types("<ret>")), ["hello"]);
    assert_eq!(user.draft(), "");
}

#[test]
fn a_command_that_the_disk_does_not_take_comes_back_too() {
    let mut user = User::in_lobby();
    user.is_disk_full = true;
    assert_eq!(user.types("/msg Bob psst<ret>"), []);
    assert_eq!(user.draft(), "/msg Bob psst");
}

#[test]
fn what_was_typed_goes_out_after_a_crash_in_order_and_under_its_ids() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.types("two<ret>");
    user.lost();
    user.types("three<ret>");
    let mut user = user.crashes();
    assert_eq!(tail(&user), ["one", "two", "three"]);
    user.connects();
    let effects = user.joined("lobby", 0);
    assert_eq!(said(&effects), ["one"]);
    assert_eq!(message_id(&effects), id);
    let effects = user.acked(&id, "lobby", 1);
    assert_eq!(said(&effects), ["two"]);
}

#[test]
fn what_the_hub_had_stored_before_the_crash_is_seen_once() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    let mut user = user.crashes();
    user.connects();
    assert_eq!(message_id(&user.joined("lobby", 1)), id);
    user.acked(&id, "lobby", 1);
    assert_eq!(tail(&user), [""; 0]);
    assert!(user.disk.is_empty());
}

#[test]
fn the_room_of_a_message_is_joined_again() {
    let mut user = User::in_two_rooms();
    user.types("<c-n>to games<ret>");
    let mut user = user.crashes();
    assert_eq!(user.titles(), ["lobby", "games"]);
    user.connects();
    assert_eq!(said(&user.joined("games", 0)), ["to games"]);
}

#[test]
fn a_failed_message_stays_failed_and_a_retry_has_its_new_id_on_disk() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.refused(&id, "muted", None);
    let mut user = user.crashes();
    user.connects();
    assert_eq!(said(&user.joined("lobby", 0)), [""; 0]);
    let place = user.state.room().place.clone();
    let stage = user.state.outbox.tail(&place).next().unwrap().stage.clone();
    assert_eq!(stage, Stage::Failed { why: "why not".into(), is_refused: true });
    let again = message_id(&user.types("/retry<ret>"));
    assert_ne!(again, id);
    let mut user = user.crashes();
    user.connects();
    assert_eq!(message_id(&user.joined("lobby", 0)), again);
}

#[test]
fn a_retry_that_the_disk_does_not_take_stays_failed() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.refused(&id, "muted", None);
    user.is_disk_full = true;
    assert_eq!(user.types("/retry<ret>"), []);
    assert_eq!((user.state.outbox.failed(), user.state.outbox.unsent()), (1, 0));
}

#[test]
fn what_was_given_up_does_not_come_back() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.refused(&id, "muted", None);
    user.types("/discard<ret>");
    assert_eq!(tail(&user.crashes()), [""; 0]);
}

#[test]
fn a_direct_that_was_tried_stays_one_though_its_room_is_known() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("/msg Bob psst<ret>"));
    user.joined_in_private(0);
    user.types("/msg Bob again<ret>");
    user.lost();
    user.welcomed_as("Ana");
    let effects = user.joined_in_private(0);
    assert_eq!(sent(&effects), [r#"{"text":"psst","to":"Bob","type":"direct"}"#]);
    assert_eq!(message_id(&effects), id);
    let effects = user.acked(&id, PRIVATE, 1);
    assert_eq!(sent(&effects), [format!(r#"{{"room":"{PRIVATE}","text":"again","type":"say"}}"#)]);
}

#[test]
fn a_direct_keeps_its_room_over_a_crash() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("/msg Bob psst<ret>"));
    user.joined_in_private(0);
    let mut user = user.crashes();
    user.connects();
    let effects = user.joined_in_private(0);
    assert_eq!(sent(&effects), [r#"{"text":"psst","to":"Bob","type":"direct"}"#]);
    assert_eq!(message_id(&effects), id);
    assert_eq!(user.titles(), ["lobby", "@Bob"]);
}

#[test]
fn a_draft_is_on_disk_half_a_second_after_the_last_key() {
    let mut user = User::in_lobby();
    user.types("hel");
    user.waits(400);
    user.types("lo");
    user.waits(499);
    assert!(user.disk.is_empty());
    assert_eq!(user.state.next_deadline(), Some(Duration::from_millis(900)));
    user.waits(1);
    assert_eq!(user.state.next_deadline(), None);
    assert_eq!(user.crashes().draft(), "hello");
}

#[test]
fn who_types_without_a_pause_has_a_draft_on_disk_too() {
    let mut user = User::in_lobby();
    for _ in 0..51 {
        user.types("x");
        user.waits(100);
    }
    assert_eq!(user.crashes().draft().len(), 50);
}

#[test]
fn drafts_come_back_into_their_rooms() {
    let mut user = User::in_two_rooms();
    user.types("for the lobby<c-n>for games");
    user.types("/x<c-g>bob<ret>for Bob<a-1>");
    user.waits(500);
    let mut user = user.crashes();
    assert_eq!(
        (user.draft(), user.titles()),
        ("for the lobby", vec!["lobby".into(), "@Bob".into()])
    );
    user.types("<c-n>");
    assert_eq!(user.draft(), "for Bob");
    user.connects();
    user.types("<c-c>/join games<ret>");
    user.joined("games", 0);
    assert_eq!(user.draft(), "for games/x");
}

#[test]
fn what_was_sent_is_no_draft_any_more() {
    let mut user = User::in_lobby();
    user.types("hello");
    user.waits(500);
    user.types("<ret>");
    let user = user.crashes();
    assert_eq!((user.draft(), tail(&user)), ("", vec!["hello".to_owned()]));
}

#[test]
fn the_end_of_the_program_waits_for_no_draft() {
    let mut user = User::in_lobby();
    user.types("hello");
    user.event_is(Event::Ending);
    assert_eq!(user.crashes().draft(), "hello");
}

#[test]
fn a_program_that_is_stopped_has_written_its_draft() {
    let mut user = User::in_lobby();
    user.types("hello<c-z>");
    assert_eq!(user.crashes().draft(), "hello");
}

#[test]
fn a_password_is_never_written() {
    let mut user = User::starts();
    user.hears(r#"{"type":"error","code":"password_required","text":"a password"}"#);
    user.types("secret");
    user.waits(10_000);
    assert_eq!(user.writes, 0);
}

#[test]
fn before_it_is_settled_who_one_is_nothing_is_taken() {
    let mut user = User::in_lobby();
    user.state.keeping.owner = None;
    user.types("hello<ret>");
    assert_eq!(user.draft(), "hello");
}

#[test]
fn another_person_sends_nothing_of_this_one() {
    let mut user = User::starts();
    user.types("hello<ret>");
    user.disk = crate::outbox::Kept::default();
    user.becomes(BOB);
    user.connects();
    assert_eq!(said(&user.joined("lobby", 0)), [""; 0]);
    assert_eq!(user.separator(), "not sent under this name: 1 message of the one before");
}

#[test]
fn a_hub_that_takes_one_for_somebody_else_gets_nothing() {
    let mut user = User::starts();
    user.becomes(BOB);
    user.types("hello<ret>");
    user.connects();
    assert_eq!(said(&user.joined("lobby", 0)), [""; 0]);
}

#[test]
fn a_draft_that_the_disk_did_not_take_is_written_later() {
    let mut user = User::in_lobby();
    user.is_disk_full = true;
    user.types("hello");
    user.waits(500);
    assert!(user.separator().starts_with("what you write is not kept"));
    user.is_disk_full = false;
    user.waits(5000);
    assert_eq!(user.state.next_deadline(), None);
    assert_eq!(user.crashes().draft(), "hello");
}

#[test]
fn a_disk_that_takes_nothing_is_not_asked_all_the_time() {
    let mut user = User::in_lobby();
    user.is_disk_full = true;
    user.types("hello");
    user.waits(500);
    assert_eq!(user.state.next_deadline(), Some(Duration::from_millis(5500)));
}

/// A line that was said in a private room of which the hub knows nothing any more.
fn said_in_a_room_that_is_gone(is_disk_full: bool) -> (User, Vec<Effect>) {
    let mut user = User::in_lobby();
    user.joined_in_private(0);
    user.types("<c-n>");
    user.lost();
    user.types("hi<ret>");
    user.welcomed_as("Ana");
    user.is_disk_full = is_disk_full;
    let id = user.id_of_last_join(PRIVATE).unwrap();
    let effects = user.refused(&id, "room_invalid", None);
    (user, effects)
}

#[test]
fn to_whom_a_message_goes_now_is_on_disk_before_it_goes() {
    let direct = r#"{"text":"hi","to":"Bob","type":"direct"}"#;
    assert_eq!(sent(&said_in_a_room_that_is_gone(false).1), [direct]);
    let (mut user, effects) = said_in_a_room_that_is_gone(true);
    assert_eq!(sent(&effects), [""; 0]);
    user.is_disk_full = false;
    assert_eq!(sent(&user.waits(5000)), [direct]);
    let to = user.disk.messages[0].to.clone();
    assert_eq!(to.unwrap().to_string(), "Bob");
}

/// The room is of two people; the name may be another's before it goes.
#[test]
fn what_was_not_tried_by_name_is_for_the_person_once_known() {
    let mut user = User::in_lobby();
    let first = message_id(&user.types("/msg Bob psst<ret>"));
    user.types("/msg Bob again<ret>");
    user.joined_in_private(0);
    let disk = user.disk.clone();
    let effects = user.acked(&first, PRIVATE, 1);
    let again = format!(r#"{{"room":"{PRIVATE}","text":"again","type":"say"}}"#);
    assert_eq!(sent(&effects), [again.as_str()]);
    user.disk = disk;
    let mut user = user.crashes();
    user.connects();
    user.joined_in_private(0);
    assert_eq!(sent(&user.acked(&first, PRIVATE, 1)), [again]);
}

#[test]
fn in_a_room_that_is_gone_the_person_is_still_who_wrote_there() {
    let mut user = User::in_lobby();
    user.joined_in_private(0);
    user.bob_says(PRIVATE, 1, "it is me");
    user.types("<c-n>");
    user.lost();
    user.types("hi<ret>");
    user.welcomed_as("Ana");
    let id = user.id_of_last_join(PRIVATE).unwrap();
    let effects = user.refused(&id, "room_invalid", None);
    assert_eq!(sent(&effects), [format!(r#"{{"text":"hi","to":"{BOB}","type":"direct"}}"#)]);
    let effects = user.types("there<ret>");
    assert_eq!(sent(&effects), [""; 0], "one is in flight");
    let to = user.disk.messages[1].to.clone();
    assert_eq!(to.unwrap().to_string(), BOB);
}

#[test]
fn what_was_written_to_a_person_is_seen_after_a_crash() {
    let mut user = User::in_lobby();
    user.lost();
    user.types("/msg Bob psst<ret>");
    assert_eq!(user.crashes().titles(), ["lobby", "@Bob"]);
}

#[test]
fn a_refused_line_that_would_be_in_memory_only_stays_on_disk() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("/msg Cyd hi<ret>"));
    user.types("something else");
    user.refused(&id, "no_such_user", None);
    assert_eq!((user.draft(), user.separator().as_str()), ("something else", "why not"));
    assert_eq!(user.titles(), ["lobby", "@Cyd"]);
    let user = user.crashes();
    assert_eq!(user.state.outbox.failed(), 1);
    assert_eq!(user.titles(), ["lobby", "@Cyd"]);
}

#[test]
fn a_draft_is_on_disk_while_one_goes_through_what_was_sent() {
    let mut user = User::in_two_rooms();
    user.types("sent<ret>draft<up>");
    user.waits(500);
    assert_eq!(user.disk.drafts.values().collect::<Vec<_>>(), ["draft"]);
    user.types("!");
    user.waits(500);
    let kept: Vec<&String> = user.disk.drafts.values().collect();
    assert!(kept.iter().any(|text| text.contains("draft")), "{kept:?}");
}

#[test]
fn a_draft_is_on_disk_after_a_line_over_it_was_sent_or_run() {
    for keys in ["<up><ret>", "<up><up>!<ret>", "<up><c-e><c-u>/who<ret>", "<up>!<c-n>"] {
        let mut user = User::in_two_rooms();
        user.types("older<ret>sent<ret>draft");
        user.types(keys);
        user.waits(500);
        let kept = user.disk.drafts.values().next().unwrap();
        assert!(kept.contains("draft"), "{keys}: {kept}");
    }
}

#[test]
fn what_was_written_is_on_disk_before_one_is_somebody_else() {
    let mut user = User::in_lobby();
    user.types("hello");
    let claimed = Event::Link(LinkEvent::Claimed { identity: super::identity_of(BOB) });
    let effects = update(&mut user.state, claimed, user.now);
    assert!(matches!(effects[..], [Effect::Keep(_), Effect::Become { .. }]), "{effects:?}");
}

#[test]
fn a_leave_that_the_disk_does_not_take_leaves_nothing() {
    let mut user = User::in_two_rooms();
    user.lost();
    user.types("one<ret>/leave<ret>");
    user.is_disk_full = true;
    user.types("/leave<ret>");
    assert_eq!((user.titles().len(), user.state.outbox.unsent()), (2, 1));
    assert!(user.separator().starts_with("not done"), "{}", user.separator());
    user.is_disk_full = false;
    user.types("<c-c>/leave<ret>/leave<ret>");
    assert_eq!((user.titles(), user.state.outbox.unsent()), (vec!["games".to_owned()], 0));
}
