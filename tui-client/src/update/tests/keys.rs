//! The composer and the key table.

use super::{User, said};
use crate::effect::Effect;

#[test]
fn three_ways_to_a_new_line() {
    let mut user = User::in_lobby();
    user.types("a<c-j>b<a-ret>c<s-ret>d<esc><ret>e");
    assert_eq!(user.draft(), "a\nb\nc\nd\ne");
    assert_eq!(said(&user.types("<ret>")), ["a\nb\nc\nd\ne"]);
}

#[test]
fn readline_keys_do_as_in_bash() {
    for (keys, draft) in [
        ("one two<c-a>X", "Xone two"),
        ("one two<c-a><c-e>X", "one twoX"),
        ("one<c-b><c-b>X", "oXne"),
        ("one<c-a><c-f>X", "oXne"),
        ("one<c-a><c-d>", "ne"),
        ("one two<c-a><a-f><c-k>", "one"),
        ("one two<c-u>", ""),
        ("one two<c-w>", "one "),
        ("one two.three<a-bs>", "one two."),
        ("one two<c-a><a-d>", " two"),
        ("one two<a-b>X", "one Xtwo"),
        ("ab<c-t>", "ba"),
        ("abc<c-a><c-f><c-t>", "bac"),
        ("one two<c-w><c-a><c-y>", "twoone "),
        ("one two three<c-w><c-w><c-y>", "one two three"),
        ("one two<c-a><a-d><a-d><c-y>", "one two"),
        ("one two<a-b><c-k><c-u><c-y>", "one two"),
        ("one two<c-w>x<c-w><c-y>", "one x"),
        ("one<c-u><c-y><c-y>", "oneone"),
        ("one<esc><bs>", ""),
        ("a<c-h>", ""),
        ("ab<left>X<right>Y", "aXbY"),
        ("ab<c-a><del>", "b"),
        ("a<c-j>b<c-a>X<c-u>Y", "a\nYb"),
        ("a<c-j>b<up><c-k>", "ab"),
        ("a<c-a><c-t>", "a"),
    ] {
        let mut user = User::in_lobby();
        user.types(keys);
        assert_eq!(user.draft(), draft, "{keys}");
    }
}

#[test]
fn backspace_takes_a_whole_grapheme() {
    let mut user = User::in_lobby();
    user.types("a👨‍👩‍👧‍👦<bs>");
    assert_eq!(user.draft(), "a");
    user.types("e\u{301}<bs>");
    assert_eq!(user.draft(), "a");
}

#[test]
fn up_and_down_move_in_the_draft_and_from_its_ends_in_the_history() {
    let mut user = User::in_lobby();
    user.types("first<ret>second<ret>");
    user.types("one<c-j>two<up>X");
    assert_eq!(user.draft(), "oneX\ntwo");
    user.types("<up>");
    assert_eq!(user.draft(), "second");
    user.types("<up><up><up>");
    assert_eq!(user.draft(), "first");
    user.types("<down>");
    assert_eq!(user.draft(), "second");
    user.types("<down>");
    assert_eq!(user.draft(), "oneX\ntwo");
    user.types("<down>");
    assert_eq!(user.draft(), "oneX\ntwo");
}

#[test]
fn the_cursor_keeps_its_column_over_wide_characters() {
    let mut user = User::in_lobby();
    user.types("日本語<c-j>ab<c-j>日本語<up><up>X");
    assert_eq!(user.draft(), "日本語X\nab\n日本語");
}

#[test]
fn ctrl_r_searches_the_history() {
    let mut user = User::in_lobby();
    user.types("tea at four<ret>coffee<ret>tea at five<ret>");
    user.types("draft<c-r>tea");
    assert_eq!(user.draft(), "tea at five");
    assert_eq!(user.state.field().label, "(search) tea: ");
    user.types("<c-r>");
    assert_eq!(user.draft(), "tea at four");
    user.types("<esc>");
    assert_eq!(user.draft(), "draft");
    user.types("<c-r>cof<c-e>!");
    assert_eq!(user.draft(), "coffee!");
    assert_eq!(user.state.field().label, "> ");
    user.types("<down><c-r>teax");
    assert_eq!(user.draft(), "tea at five");
    assert_eq!(user.state.field().label, "(nothing sent has) teax: ");
    user.types("<bs><c-r><up>");
    assert_eq!(user.draft(), "tea at four", "the oldest one");
    user.types("<down>");
    assert_eq!(user.draft(), "coffee", "from where the search was");
    assert_eq!(user.state.field().label, "> ");
}

#[test]
fn a_draft_goes_to_the_history_with_ctrl_c_and_an_empty_one_quits_with_the_second() {
    let mut user = User::in_lobby();
    assert_eq!(user.types("draft<c-c>"), []);
    assert_eq!(user.draft(), "");
    assert_eq!(user.types("<up>"), []);
    assert_eq!(user.draft(), "draft");
    user.types("<c-c><c-c>");
    assert_eq!(user.separator(), "Ctrl+C again quits");
    user.waits(2000);
    assert_eq!(user.separator(), "");
    assert_eq!(user.state.next_deadline(), None);
    assert_eq!(user.types("<c-c>"), []);
    user.waits(1999);
    assert_eq!(user.types("<c-c>"), [Effect::Quit]);
}

#[test]
fn typing_between_two_ctrl_c_takes_the_first_back() {
    let mut user = User::in_lobby();
    assert_eq!(user.types("<c-c>x<bs><c-c>"), []);
}

#[test]
fn esc_is_the_prefix_of_alt_keys_and_a_second_one_cancels() {
    let mut user = User::in_two_rooms();
    user.types("text<esc>");
    assert!(user.separator().starts_with("Esc, then"), "{}", user.separator());
    user.types("<esc>2");
    assert_eq!((user.shown().as_str(), user.draft()), ("lobby", "text2"));
    user.types("<esc>2");
    assert_eq!(user.shown(), "games");
}

#[test]
fn esc_closes_the_panel_first() {
    let mut user = User::in_two_rooms();
    user.types("text<a-w>");
    assert_eq!(user.panel(), ["Ana", "Bob"]);
    user.types("<esc>2");
    assert_eq!(user.panel(), Vec::<String>::new());
    assert_eq!((user.shown().as_str(), user.draft()), ("lobby", "text2"));
}

#[test]
fn tab_completes_and_esc_restores() {
    let mut user = User::in_two_rooms();
    user.types("bo<tab>");
    assert_eq!(user.draft(), "Bob: ");
    user.types("hi B<tab>");
    assert_eq!(user.draft(), "Bob: hi Bob ");
    user.types("<c-u>/jo<tab>");
    assert_eq!(user.draft(), "/join ");
    user.types("<tab>");
    assert_eq!(user.draft(), "/join lobby");
    user.types("<tab>");
    assert_eq!(user.draft(), "/join games");
    user.types("<backtab>");
    assert_eq!(user.draft(), "/join lobby");
    user.types("<esc>");
    assert_eq!(user.draft(), "/join ");
    user.types("<c-u>/msg b<tab>");
    assert_eq!(user.draft(), "/msg Bob ");
    user.types("<c-u>/help ke<tab>");
    assert_eq!(user.draft(), "/help keys");
    user.types("<c-u>zzz<tab>");
    assert_eq!(user.draft(), "zzz");
}

#[test]
fn names_are_offered_by_who_spoke_last() {
    let mut user = User::in_lobby();
    user.event("lobby", 1, "Bea", "~00000000000000000000000000000003", "x1", "hi");
    user.types("b<tab>");
    assert_eq!(user.draft(), "Bea: ");
    user.types("<tab>");
    assert_eq!(user.draft(), "Bob: ");
    user.types("<c-u>");
    user.bob_says("lobby", 2, "hi");
    user.types("b<tab>");
    assert_eq!(user.draft(), "Bob: ");
}

#[test]
fn a_paste_is_a_draft_and_its_last_enter_is_swallowed() {
    let mut user = User::in_lobby();
    let lines = "line\r\n".repeat(40);
    assert_eq!(user.pastes(&lines), []);
    assert_eq!(user.separator(), "pasted 40 lines");
    assert_eq!(user.draft(), "line\n".repeat(40));
    assert_eq!(user.types("<ret>"), []);
    user.pastes("x");
    user.waits(300);
    assert_eq!(said(&user.types("<ret>")).len(), 1);
}

#[test]
fn a_long_draft_is_counted_and_sent_as_several_after_a_second_enter() {
    let mut user = User::in_lobby();
    user.pastes(&"word ".repeat(2000));
    user.waits(300);
    assert_eq!(user.separator(), "10,000 bytes: 3 messages");
    assert_eq!(user.types("<ret>"), []);
    assert_eq!(user.separator(), "Enter again sends 3 messages");
    assert_eq!(user.types("x<ret>"), []);
    assert_eq!(said(&user.types("<ret>")).len(), 1);
    assert_eq!(user.state.outbox.unsent(), 3);
    assert_eq!(user.draft(), "");
}

#[test]
fn a_paste_that_is_too_long_for_any_draft_is_refused_whole() {
    let mut user = User::in_lobby();
    user.types("kept");
    user.pastes(&"x".repeat(300_000));
    assert_eq!(user.draft(), "kept");
    assert_eq!(user.separator(), "that is too long: a draft has at most 262,144 bytes");
}

#[test]
fn blank_drafts_are_not_sent() {
    let mut user = User::in_lobby();
    assert_eq!(user.types("  <c-j> <ret><ret>"), []);
}

#[test]
fn home_and_end_are_line_ends_while_something_is_written() {
    let mut user = User::in_lobby();
    user.types("one<c-j>two<home>X<end>Y");
    assert_eq!(user.draft(), "one\nXtwoY");
}

#[test]
fn page_up_leaves_the_draft_and_end_in_an_empty_one_follows_again() {
    let mut user = User::in_lobby();
    for seq in 1..=60 {
        user.bob_says("lobby", seq, "hi");
    }
    user.types("text<pgup>");
    assert!(!user.state.room().timeline().is_at_newest());
    assert_eq!(user.draft(), "text");
    user.types("<c-c><end>");
    assert!(user.state.room().timeline().is_at_newest());
}

#[test]
fn home_in_an_empty_draft_goes_back_page_keys_go_by_pages_and_end_follows() {
    let mut user = User::in_lobby();
    for seq in 1..=60 {
        user.bob_says("lobby", seq, "hi");
    }
    for (back, forth) in [("<home>", "<end>"), ("<pgup>", "<pgdn>")] {
        user.types(back);
        assert!(!user.state.room().timeline().is_at_newest(), "{back}");
        user.types(forth);
        assert!(user.state.room().timeline().is_at_newest(), "{forth}");
    }
}

#[test]
fn ctrl_l_draws_again_and_ctrl_z_suspends_with_the_draft_untouched() {
    let mut user = User::in_lobby();
    assert_eq!(user.types("text<c-l>"), [Effect::Repaint]);
    assert_eq!(user.types("<c-z>"), [Effect::Suspend]);
    assert_eq!(user.draft(), "text");
}

#[test]
fn sending_shows_the_newest() {
    let mut user = User::in_lobby();
    for seq in 1..=60 {
        user.bob_says("lobby", seq, "hi");
    }
    user.types("<pgup>hello<ret>");
    assert!(user.state.room().timeline().is_at_newest());
}

/// As in bash: what was written is not lost by looking at what was sent.
#[test]
fn a_draft_outlives_a_look_at_the_history() {
    for (keys, how) in [
        ("<up>!<down>", "typing"),
        ("<up><ret>", "Enter"),
        ("<up><c-e><c-u>/who<ret>", "a command"),
        ("<up><c-e><c-u>/nothing<ret><down>", "a command that is none"),
        ("<up><c-n><c-p>", "another room"),
        ("<c-r>sen<c-e><down>", "a search"),
        ("<c-r>sen<ret>", "a search and Enter"),
        ("<c-r>sen!<c-c><c-r>sent<up><down><down>", "a search and a walk"),
        ("<c-r>none<c-e><down>", "a search that found other words"),
        ("<c-r>zzz<c-e>", "a search for nothing"),
    ] {
        let mut user = User::in_two_rooms();
        user.types("sent<ret>draft");
        user.types(keys);
        assert_eq!(user.draft(), "draft", "{how}");
    }
}

#[test]
fn a_line_of_the_history_that_was_changed_is_had_again_too() {
    let mut user = User::in_lobby();
    user.types("sent<ret>draft<up>!<down>");
    assert_eq!(user.draft(), "draft");
    user.types("<up>");
    assert_eq!(user.draft(), "sent!");
}

#[test]
fn what_comes_back_during_a_search_or_a_completion_is_lost_by_neither() {
    let mut user = User::in_lobby();
    let lobby = user.state.room().place.clone();
    user.types("sent<ret>draft<c-r>sen");
    user.state.composer.put_back(&lobby, "back", &lobby);
    user.types("<esc><esc>");
    assert_eq!(user.draft(), "back\nsent");
    user.types("<down>");
    assert_eq!(user.draft(), "draft");
    user.types("<c-u>/<tab>");
    user.state.composer.put_back(&lobby, "back", &lobby);
    user.types("<tab><esc>");
    assert!(user.draft().starts_with("back\n/name "), "{}", user.draft());
}
