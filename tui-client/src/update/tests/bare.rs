//! The bare view.

use super::User;
use crate::{
    effect::Effect,
    event::{Event, Size},
};

fn shown(user: &User) -> Vec<String> {
    let bare = user.state.bare.as_ref().expect("the bare view");
    bare.rows.iter().map(|row| row.text.as_str().to_owned()).collect()
}

fn talk() -> User {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one\u{202e}");
    user.bob_says("lobby", 2, "/me waves");
    user.own_event("lobby", 3, "a", "two\nlines");
    user
}

#[test]
fn only_what_was_said_is_there_and_the_mouse_is_the_terminals() {
    let mut user = talk();
    assert_eq!(user.types("a draft<a-l>"), [Effect::Mouse(false)]);
    assert_eq!(shown(&user), ["Bob: one<U+202E>", "* Bob waves", "Ana: two", "lines"]);
    assert_eq!(user.types("<a-l>"), [Effect::Mouse(true)]);
    assert_eq!((user.state.bare.is_none(), user.draft()), (true, "a draft"));
}

#[test]
fn it_stands_still_and_counts_what_comes() {
    let mut user = talk();
    user.types("/bare<ret>");
    let before = shown(&user);
    user.bob_says("lobby", 4, "news");
    user.bob_says("lobby", 5, "more news");
    assert_eq!(shown(&user), before);
    let words = user.state.bare.as_ref().unwrap().words(&user.state);
    assert!(words.starts_with("Esc returns · 2 new"), "{words}");
    user.types("<esc>");
    assert!(user.state.bare.is_none());
    let unread = user.state.room().timeline().unread().map(|line| line.count);
    assert_eq!(unread, Some(2), "it was not seen, so there is a line above it");
}

#[test]
fn what_is_there_is_not_read_before_one_is_back() {
    let mut user = talk();
    user.waits(10_000);
    user.told.clear();
    user.types("<a-l>");
    user.bob_says("lobby", 4, "news");
    user.waits(10_000);
    assert_eq!(user.told, [""; 0]);
    user.types("<esc>");
    user.waits(10_000);
    assert_eq!(user.told, ["read lobby 4"]);
}

#[test]
fn a_key_that_does_something_only_ends_it_and_what_is_typed_is_written() {
    for keys in ["<ret>", "<c-c>", "<c-k>", "<c-n>", "<tab>", "<esc>"] {
        let mut user = talk();
        user.types("draft<a-l>");
        assert_eq!(user.types(keys), [Effect::Mouse(true)], "{keys}");
        assert_eq!((user.state.bare.is_none(), user.draft()), (true, "draft"), "{keys}");
    }
    let mut user = talk();
    user.types("draft<a-l>!");
    assert_eq!((user.state.bare.is_none(), user.draft()), (true, "draft!"));
    user.types("<a-l>");
    user.pastes("?");
    assert_eq!((user.state.bare.is_none(), user.draft()), (true, "draft!?"));
}

#[test]
fn one_moves_in_it_as_in_the_room() {
    let mut user = User::in_lobby();
    for seq in 1..=100 {
        user.bob_says("lobby", seq, &format!("line {seq}"));
    }
    user.types("<a-l>");
    assert_eq!(shown(&user).last().map(String::as_str), Some("Bob: line 100"));
    user.types("<pgup><pgup>");
    let rows = shown(&user);
    assert_eq!(rows.len(), 23);
    assert!(!rows.contains(&"Bob: line 90".to_owned()), "{rows:?}");
    user.types("<end>");
    assert_eq!(shown(&user).last().map(String::as_str), Some("Bob: line 100"));
    user.event_is(Event::Resize(Size { columns: 10, rows: 4 }));
    assert_eq!(shown(&user), ["99", "Bob: line ", "100"]);
}
