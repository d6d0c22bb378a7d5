//! Undo and redo, by the keys.

use proptest::prelude::*;

use super::User;

/// What the draft is after these keys, step by step back.
fn steps_back(user: &mut User) -> Vec<String> {
    let mut steps = Vec::new();
    loop {
        user.types("<c-_>");
        if user.separator() == "nothing to undo" {
            return steps;
        }
        steps.push(user.draft().to_owned());
    }
}

#[test]
fn every_way_to_change_a_draft_can_be_undone_and_redone() {
    for (keys, steps) in [
        ("one two", &["one ", ""][..]),
        ("one two<c-w>", &["one two", "one ", ""]),
        ("one two<c-w><c-y>", &["one ", "one two", "one ", ""]),
        ("ab<c-t>", &["ab", ""]),
        ("a<c-j>b", &["a\n", ""]),
        ("bo<tab>", &["bo", ""]),
        ("b<tab><esc>x", &[""]),
        ("mine<up>", &["mine", ""]),
        ("mine<up><up>", &["mine", ""]),
        ("mine<up>!", &["sent", "mine", ""]),
        ("mine<up><down>", &[""]),
        ("mine<c-r>sen<c-e>", &["mine", ""]),
        ("mine<c-c>", &["mine", ""]),
        ("mine<bs><bs>", &["mine", ""]),
    ] {
        let mut user = User::in_lobby();
        user.types("first<ret>sent<ret>");
        user.types(keys);
        let last = user.draft().to_owned();
        assert_eq!(steps_back(&mut user), steps, "{keys}");
        user.types(&"<a-_>".repeat(steps.len()));
        assert_eq!(user.draft(), last, "{keys}");
        user.types("<a-_>");
        assert_eq!(user.separator(), "nothing to redo", "{keys}");
    }
}

#[test]
fn a_paste_is_one_step() {
    let mut user = User::in_lobby();
    user.types("a");
    user.pastes("b c\nd");
    assert_eq!(steps_back(&mut user), ["a", ""]);
}

#[test]
fn the_byte_of_ctrl_underscore_is_undo_under_each_of_its_names() {
    for key in ["<c-_>", "<c-/>", "<c-7>"] {
        let mut user = User::in_lobby();
        user.types("x");
        user.types(key);
        assert_eq!(user.draft(), "", "{key}");
    }
}

#[test]
fn undone_out_of_the_history_one_is_out_of_it() {
    let mut user = User::in_lobby();
    user.types("sent<ret>mine<up><c-_>");
    assert_eq!(user.draft(), "mine");
    user.types("<down>");
    assert_eq!(user.draft(), "mine");
    user.types("<ret>");
    assert_eq!((user.draft(), user.state.outbox.unsent()), ("", 2));
}

#[test]
fn each_room_has_its_own_steps() {
    let mut user = User::in_two_rooms();
    user.types("here<c-u><c-n>there<c-p>");
    assert_eq!(user.draft(), "");
    assert_eq!(steps_back(&mut user), ["here", ""]);
    user.types("<c-n>");
    assert_eq!(steps_back(&mut user), [""]);
}

#[test]
fn what_was_sent_is_not_undone() {
    let mut user = User::in_lobby();
    user.types("sent<ret>");
    assert_eq!(steps_back(&mut user), Vec::<String>::new());
}

#[test]
fn what_the_disk_did_not_take_is_not_undone_away() {
    let mut user = User::in_lobby();
    user.is_disk_full = true;
    user.types("precious<ret>");
    assert_eq!(user.draft(), "precious");
    user.types("<c-_>");
    assert_eq!(user.draft(), "precious");
}

#[test]
fn a_password_is_not_had_again_by_undoing() {
    let mut user = User::starts();
    user.hears(r#"{"type":"error","code":"password_required","text":"say it"}"#);
    user.types("secret<ret><c-_><a-_>");
    assert_eq!(user.state.field().draft.text(), "");
}

/// Everything that is done in a draft without sending it.
const KEYS: [&str; 27] = [
    "a",
    "b",
    "日",
    "e\u{301}",
    "👩‍👩‍👧",
    " ",
    " ",
    "<bs>",
    "<del>",
    "<left>",
    "<right>",
    "<a-b>",
    "<c-a>",
    "<c-j>",
    "<c-w>",
    "<c-u>",
    "<c-k>",
    "<a-d>",
    "<c-y>",
    "<c-t>",
    "<tab>",
    "<up>",
    "<down>",
    "<c-r>",
    "<c-c>",
    "<c-_>",
    "<a-_>",
];

proptest! {
    #[test]
    fn whatever_was_done_all_undone_is_the_first_draft_and_all_redone_the_last(
        keys in prop::collection::vec(prop::sample::select(KEYS.to_vec()), 0..80),
        pasted in "[ab \n]{0,20}", paste_at in 0usize..80,
    ) {
        let mut user = User::in_lobby();
        user.types("sent<ret>b and a<ret>");
        for (index, key) in keys.iter().enumerate() {
            user.types(key);
            if index == paste_at {
                user.pastes(&pasted);
            }
        }
        user.types("<c-e>");
        while user.separator() != "nothing to redo" {
            user.types("<a-_>");
        }
        let last = user.draft().to_owned();
        let steps = steps_back(&mut user);
        prop_assert_eq!(user.draft(), "");
        user.types(&"<a-_>".repeat(steps.len()));
        prop_assert_eq!(user.draft(), last);
    }
}
