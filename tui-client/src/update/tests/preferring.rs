//! The settings file, read again while the client runs.

use super::User;
use crate::{
    config::{Reading, Reread},
    event::Event,
    keymap::Prefix,
    separator::Tone,
};

fn rereads(user: &mut User, outcome: Result<&str, &str>, waits: bool) {
    let outcome = outcome.map(|text| Reading::of(text.as_bytes())).map_err(str::to_owned);
    let file = "client.toml".to_owned();
    let effects = user.event_is(Event::Preferences(Box::new(Reread { file, outcome, waits })));
    assert_eq!(effects, []);
}

fn reads(user: &mut User, text: &str) {
    rereads(user, Ok(text), false);
}

#[test]
fn what_is_read_again_counts_at_once() {
    let mut user = User::in_two_rooms();
    assert_eq!(user.shown(), "lobby");
    reads(&mut user, "typing = false\n[keys]\n\"Ctrl+T\" = \"next-room\"\n\"Ctrl+N\" = \"none\"\n");
    assert_eq!(user.separator(), "settings read again");
    assert!(!user.state.settings.preferences.typing);
    user.types("<c-n>");
    assert_eq!(user.shown(), "lobby");
    user.types("<c-t>");
    assert_eq!(user.shown(), "games");
    reads(&mut user, "");
    user.types("<c-n>");
    assert_eq!(user.shown(), "lobby");
    assert!(user.state.settings.preferences.typing);
}

#[test]
fn the_rows_after_esc_and_ctrl_x_and_the_help_say_what_counts() {
    let mut user = User::in_lobby();
    reads(
        &mut user,
        "[keys]\n\"Alt+Z\" = \"quit\"\n\"Alt+A\" = \"none\"\n\"Ctrl+X s\" = \"send\"\n",
    );
    user.types("<esc>");
    let hints = user.state.keymap().hints(Prefix::Esc);
    let has = |key: &str, does: &str| hints.iter().any(|one| one.keys == key && one.does == does);
    assert!(has("z", "quit") && !has("a", "unread"), "{hints:?}");
    user.types("<esc>hello<c-x>");
    assert_eq!(user.separator(), "Ctrl+X: s send  Ctrl+U undo  Ctrl+E editor");
    assert_eq!(super::said(&user.types("s")), ["hello"]);
    user.types("/help keys<ret>");
    assert!(user.panel().contains(&"Alt+Z                       leave the hub".to_owned()));
}

#[test]
fn a_key_for_quitting_leaves_the_draft_for_the_next_time() {
    let mut user = User::in_lobby();
    reads(&mut user, "[keys]\n\"Ctrl+Q\" = \"quit\"\n");
    let effects = user.types("not yet<c-q>");
    assert!(effects.contains(&crate::effect::Effect::Quit));
    assert_eq!(user.draft(), "not yet");
}

#[test]
fn a_selection_moves_by_the_keys_that_are_bound() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    user.bob_says("lobby", 2, "two");
    reads(&mut user, "[keys]\n\"Ctrl+P\" = \"up\"\n\"F5\" = \"select\"\n");
    user.event_is(Event::Key(super::plain(crate::event::KeyCode::F(5))));
    user.types("<c-p>r");
    assert!(user.separator().ends_with(" · one"), "{}", user.separator());
}

#[test]
fn faults_are_told_and_the_rest_counts() {
    let mut user = User::in_lobby();
    reads(&mut user, "mouse = 3\ntyping = false\n");
    let fault = "client.toml line 1: mouse: takes true or false, not 3";
    assert_eq!((user.separator(), user.tone()), (fault.to_owned(), Some(Tone::Error)));
    assert!(!user.state.settings.preferences.typing);
}

#[test]
fn what_is_half_written_or_gone_changes_nothing() {
    let mut user = User::in_lobby();
    reads(&mut user, "typing = false\n");
    let stays = "settings stay as they were; client.toml line 2: key with no value, expected `=`";
    reads(&mut user, "typing = true\nmou");
    assert_eq!(user.separator(), stays);
    assert!(!user.state.settings.preferences.typing);
    rereads(&mut user, Err("client.toml is gone"), false);
    assert_eq!(user.separator(), "client.toml is gone; the settings stay as they were");
    assert!(!user.state.settings.preferences.typing);
}

#[test]
fn what_counts_only_at_the_start_is_told_as_such() {
    let mut user = User::in_lobby();
    rereads(&mut user, Ok("name = \"Bob\"\n"), true);
    let waits = "settings read again; name, host, port and rooms count from the next start";
    assert_eq!(user.separator(), waits);
}

#[test]
fn words_with_a_key_name_the_key_that_counts() {
    let mut user = User::in_two_rooms();
    reads(&mut user, "[keys]\n\"Alt+A\" = \"none\"\n\"Alt+U\" = \"next-unread\"\n");
    user.bob_says("games", 1, "Ana, are you there?");
    assert_eq!(user.separator(), "Bob (games): Ana, are you there? · Alt+U");
    reads(&mut user, "[keys]\n\"Alt+A\" = \"none\"\n");
    user.types("x<bs>");
    user.bob_says("games", 2, "Ana?");
    assert_eq!(user.separator(), "Bob (games): Ana?");
    user.types("/help settings<ret>");
    assert!(user.panel()[0].starts_with("name  "), "{:?}", user.panel());
}

#[test]
fn every_action_can_be_on_any_key_whatever_is_on_the_screen() {
    let scenes = [
        "",
        "a draft",
        "a draft<a-m>",
        "<c-g>",
        "<a-w>",
        "/help keys<ret>",
        "<c-r>x",
        "<esc>",
        "<c-x>",
    ];
    let names: Vec<&str> = crate::keymap::actions().map(|(name, ..)| name).collect();
    for (scene, name) in scenes.iter().flat_map(|scene| names.iter().map(move |name| (scene, name)))
    {
        let mut user = User::in_two_rooms();
        reads(
            &mut user,
            &format!("[keys]\n\"Ctrl+O\" = \"{name}\"\n\"Ctrl+X Ctrl+O\" = \"{name}\"\n"),
        );
        user.bob_says("lobby", 1, "one");
        user.types(scene);
        user.types("<c-o>");
        user.types("<esc><esc><c-c>");
        assert!(!user.state.rooms.is_empty(), "{name} after {scene:?}");
    }
}
