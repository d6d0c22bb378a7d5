//! Selecting a message, and what keys do with it.

use super::{User, sent};
use crate::{effect::Effect, event::Event, timeline::Selected};
use protocol::Seq;

/// Bob said one and two, Ana answered one.
fn talk() -> User {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    user.bob_says("lobby", 2, "two");
    user.hears(
        r#"{"type":"event","room":"lobby","seq":3,"at":0,"from":"Ana","kind":"message","id":"a3",
        "by":"~00000000000000000000000000000001","text":"three","reply_to":1}"#,
    );
    user
}

fn selected(user: &User) -> Option<u64> {
    match user.state.selection.as_ref().map(|selection| &selection.at) {
        Some(Selected::Event(seq) | Selected::Gap(seq)) => Some(seq.get()),
        Some(Selected::Outgoing(_)) | None => None,
    }
}

#[test]
fn it_begins_at_the_newest_and_goes_from_message_to_message() {
    let mut user = talk();
    user.types("a draft<a-m>");
    assert_eq!(selected(&user), Some(3));
    user.types("<up><up><up>");
    assert_eq!(selected(&user), Some(1));
    user.types("j<end>k<home><pgdn>");
    assert_eq!(selected(&user), Some(3));
    user.types("<esc>");
    assert_eq!((selected(&user), user.draft()), (None, "a draft"));
    assert!(user.state.room().timeline().is_at_newest(), "it follows again");
    user.types("!<esc>m");
    assert_eq!(selected(&user), Some(3), "Esc m is Alt+M");
    user.types("<c-c>");
    assert_eq!((selected(&user), user.draft()), (None, "a draft!"));
}

#[test]
fn what_comes_while_one_selects_moves_nothing() {
    let mut user = talk();
    for seq in 4..=60 {
        user.bob_says("lobby", seq, "more");
    }
    user.types("<a-m>");
    let view = crate::view::layout::viewport(&user.state);
    let before = user.state.room().timeline().rows(&view);
    user.bob_says("lobby", 61, "news");
    assert_eq!(user.state.room().timeline().rows(&view), before);
    assert_eq!(user.state.room().timeline().below(), 1);
    assert_eq!(selected(&user), Some(60));
    user.types("<down>");
    assert_eq!(selected(&user), Some(61));
    assert_eq!(user.state.room().timeline().below(), 0);
}

#[test]
fn r_answers_and_the_draft_is_as_it_was() {
    let mut user = talk();
    user.types("a draft<a-m><up>r");
    assert_eq!((selected(&user), user.draft()), (None, "a draft"));
    let effects = user.types("<ret>");
    let say = r#"{"reply_to":2,"room":"lobby","text":"a draft","type":"say"}"#;
    assert_eq!(sent(&effects), [say]);
}

#[test]
fn e_edits_ones_own_and_says_so_of_others() {
    let mut user = talk();
    user.types("<a-m><up>e");
    assert_eq!(user.separator(), "only your own messages can be edited");
    user.types("<down>e");
    assert_eq!((selected(&user), user.draft()), (None, "three"));
}

#[test]
fn d_asks_once_and_any_other_key_keeps_it() {
    let mut user = talk();
    assert_eq!(user.types("<a-m>d<esc>d<up>"), []);
    assert_eq!(user.types("<down>d"), []);
    assert!(user.separator().starts_with("d again deletes"), "{}", user.separator());
    let effects = user.types("d");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","seq":3,"type":"delete"}"#]);
    user.types("<up>d");
    assert_eq!(user.separator(), "only your own messages can be deleted");
}

#[test]
fn y_copies_the_words() {
    let mut user = talk();
    assert_eq!(user.types("<a-m><up>y"), [Effect::Copy("two".into())]);
    assert_eq!(selected(&user), Some(2), "one may go on");
}

#[test]
fn enter_goes_to_what_is_answered_and_esc_back() {
    let mut user = talk();
    user.types("<a-m><ret>");
    assert_eq!(selected(&user), Some(1));
    assert!(user.separator().ends_with("Esc back"), "{}", user.separator());
    user.types("<esc>");
    assert_eq!(selected(&user), Some(3));
    user.types("<esc>");
    assert_eq!(selected(&user), None);
}

#[test]
fn what_is_answered_is_fetched_where_it_is_not_here() {
    let mut user = User::starts();
    user.connects();
    user.joined("lobby", 1000);
    user.hears(
        r#"{"type":"event","room":"lobby","seq":1001,"at":0,"from":"Ana","kind":"message",
        "id":"a","by":"~00000000000000000000000000000001","text":"far","reply_to":7}"#,
    );
    user.refused("none", "storage", None);
    let before = user.state.room().timeline().bookmark();
    user.hears(&page(&user, 801, 1000));
    let effects = user.types("<a-m><ret>");
    let history = r#"{"after":6,"limit":200,"room":"lobby","type":"history"}"#;
    assert_eq!(sent(&effects), [history]);
    user.hears(&page(&user, 7, 206));
    let view = crate::view::layout::viewport(&user.state);
    let rows = user.state.room().timeline().rows(&view);
    let is_there = rows.iter().any(|row| row.is_selected && row.to_text().contains("m7"));
    assert!(is_there, "{:?}", rows.iter().map(crate::timeline::Row::to_text).collect::<Vec<_>>());
    user.types("<esc><esc>");
    assert_eq!(user.state.room().timeline().bookmark(), before, "it follows the newest again");
}

/// The answer to the last question for a page.
fn page(user: &User, from: u64, to: u64) -> String {
    let id = user.state.requests.id_of_page().unwrap();
    let events: Vec<String> = (from..=to)
        .map(|seq| {
            format!(
                r#"{{"room":"lobby","seq":{seq},"at":0,"from":"Bob","kind":"message",
                "by":"~00000000000000000000000000000002","id":"b{seq}","text":"m{seq}"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"type":"page","id":"{id}","room":"lobby","events":[{}],"oldest":1,"as_of":1001,
        "more":true}}"#,
        events.join(",")
    )
}

#[test]
fn enter_on_a_gap_asks_again_for_what_the_hub_did_not_give() {
    let mut user = User::starts();
    user.connects();
    let effects = user.joined("lobby", 1000);
    let id = super::frames(&effects).find_map(|frame| frame.id()).unwrap().to_string();
    user.refused(&id, "forbidden", None);
    user.types("<a-m>");
    assert_eq!(selected(&user), Some(1000));
    let effects = user.types("<ret>");
    assert_eq!(sent(&effects).len(), 1, "{effects:?}");
    let id = super::frames(&effects).find_map(|frame| frame.id()).unwrap().to_string();
    user.refused(&id, "forbidden", None);
}

#[test]
fn going_elsewhere_or_writing_ends_it() {
    for keys in ["<c-n>", "<c-g>", "<a-1>", "<c-k>"] {
        let mut user = User::in_two_rooms();
        user.bob_says("lobby", 1, "one");
        user.types("<a-m>");
        assert_eq!(selected(&user), Some(1));
        user.types(keys);
        assert_eq!(selected(&user), None, "{keys}");
    }
    let mut user = talk();
    user.types("<a-m>");
    user.pastes("pasted");
    assert_eq!((selected(&user), user.draft()), (None, "pasted"));
}

#[test]
fn an_own_message_stays_selected_when_it_has_arrived() {
    let mut user = talk();
    let effects = user.types("mine<ret>");
    let id = super::message_id(&effects);
    user.types("<a-m>");
    assert!(matches!(
        user.state.selection.as_ref().map(|selection| &selection.at),
        Some(Selected::Outgoing(_))
    ));
    user.own_event("lobby", 4, &id, "mine");
    assert_eq!(selected(&user), Some(4));
    user.event_is(Event::Resize(crate::event::Size { columns: 30, rows: 9 }));
    assert_eq!(selected(&user), Some(Seq::new(4).unwrap().get()));
}

#[test]
fn in_an_empty_room_there_is_nothing_to_select() {
    let mut user = User::in_lobby();
    user.types("<a-m>");
    assert_eq!(user.separator(), "there is no message to select here");
    user.types("typed");
    assert_eq!(user.draft(), "typed");
}
