//! Each setting, each fault, and its line.

use proptest::prelude::*;

use super::*;
use crate::{
    event::{Key, KeyCode},
    keymap::Action,
    preferences::{Background, ReadWhen},
};

fn sound(text: &str) -> Config {
    let reading = Reading::of(text.as_bytes());
    assert_eq!(faults(&reading), [""; 0], "{text}");
    assert!(reading.is_toml);
    reading.config
}

fn faults(reading: &Reading) -> Vec<String> {
    reading.faults.iter().map(|fault| fault.at("f")).collect()
}

fn faults_of(text: &str) -> Vec<String> {
    faults(&Reading::of(text.as_bytes()))
}

fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true, alt: false, shift: false }
}

#[test]
fn nothing_said_is_as_by_default() {
    for text in ["", "\n\n# a remark\n", "[keys]\n", "\u{feff}"] {
        assert_eq!(sound(text), Config::default());
    }
}

#[test]
fn every_setting_is_read() {
    let config = sound(
        r#"
name = "Ana"
host = "chat.example"
port = 9000
rooms = ["lobby", "games"]
read_when = "written"
typing = false
keywords = ["release", " lunch "]
do_not_disturb = true
mouse = false
background = "light"
[keys]
"Ctrl+T" = "next-room"
"Ctrl+N" = "none"
"#,
    );
    assert_eq!(config.name, UserName::parse("Ana").ok());
    assert_eq!((config.host.as_deref(), config.port), (Some("chat.example"), Some(9000)));
    assert_eq!(config.rooms, ["lobby", "games"].map(|room| RoomName::parse(room).unwrap()));
    let preferences = config.preferences;
    assert_eq!(preferences.read_when, ReadWhen::Written);
    assert_eq!(preferences.keywords, ["release", "lunch"]);
    assert_eq!(preferences.background, Background::Light);
    assert!(!preferences.typing && preferences.do_not_disturb && !preferences.mouse);
    let next_room = preferences.keys.action(ctrl('t'));
    assert!(matches!(next_room, Some(Action::Room(_))), "{next_room:?}");
    assert_eq!(preferences.keys.action(ctrl('n')), None);
}

#[test]
fn a_value_that_a_setting_does_not_take_is_told_with_what_it_takes() {
    for (text, fault) in [
        ("typing = \"yes\"", "typing: takes true or false, not \"yes\""),
        ("typing = yes", "typing: takes true or false, not yes"),
        ("port = 99999", "port: takes a number from 1 to 65535, not 99999"),
        ("port = 0", "port: takes a number from 1 to 65535, not 0"),
        (
            "read_when = \"nevr\"",
            "read_when: takes \"newest\", \"shown\" or \"written\", not \"nevr\"",
        ),
        (
            "background = 1979-05-27",
            "background: takes \"ask\", \"dark\" or \"light\", not 1979-05-27",
        ),
        (
            "rooms = \"lobby\"",
            "rooms: takes a list of rooms, like [\"lobby\", \"games\"], not \"lobby\"",
        ),
        ("keywords = [\" \"]", "keywords: a keyword has letters"),
        ("keys = 3", "keys: takes lines under [keys] like \"Ctrl+T\" = \"next-room\""),
    ] {
        assert_eq!(faults_of(text), [format!("f:1: {fault}")]);
    }
    let [name] = &faults_of("name = \"a b\"")[..] else { panic!("one fault") };
    assert!(name.starts_with("f:1: name: a name has only letters"), "{name}");
    let [host] = &faults_of("host = \"ftp://ana\"")[..] else { panic!("one fault") };
    assert!(host.starts_with("f:1: host: \"ftp://ana\" is no address"), "{host}");
}

#[test]
fn what_is_no_setting_is_told_with_what_was_meant() {
    let text = "read-when = \"shown\"\ncolour = 3\n\"Ctrl+T\" = \"next-room\"\n[key]\n";
    assert_eq!(
        faults_of(text),
        [
            "f:1: read-when: no such setting; did you mean read_when?",
            "f:2: colour: no such setting; hubbub --print-config lists them",
            "f:3: Ctrl+T: no such setting; keys go under the line [keys]",
            "f:4: key: no such setting; did you mean keys?",
        ]
    );
}

#[test]
fn faults_of_keys_have_their_line_and_key() {
    let text = r#"
[keys]
"Ctrl+Q" = "quit-all"
Enter = "new-line"
"Ctrl+PgUp" = "page-up"
"Ctrl+T" = true
"ctrl+/" = "redo"
"Ctrl+_" = "undo"
mouse = "off"
"#;
    assert_eq!(
        faults_of(text),
        [
            "f:3: keys.\"Ctrl+Q\": no action quit-all; did you mean quit?",
            "f:4: keys.\"Enter\": Enter sends and answers, and stays",
            "f:5: keys.\"Ctrl+PgUp\": no such key; did you mean Ctrl+PageUp?",
            "f:6: keys.\"Ctrl+T\": takes the name of an action in quotes, like \"next-room\"",
            "f:8: keys.\"Ctrl+_\": this is the key of line 7 again",
            "f:9: keys.\"mouse\": this is a setting, not a key; it goes above the line [keys]",
        ]
    );
}

#[test]
fn one_bad_line_does_not_discard_the_rest() {
    let text = "typing = maybe\nmouse = false\nname = Ana\n[keys]\nCtrl+N = \"none\"\n\
                \"Ctrl+T\" = \"next-room\"\n\"Ctrl+Q\" = \"fly\"\n";
    let reading = Reading::of(text.as_bytes());
    assert_eq!(
        faults(&reading),
        [
            "f:1: typing: takes true or false, not maybe",
            "f:3: texts are written in quotes: \"text\"",
            "f:5: keys are written in quotes: \"Ctrl+T\" = \"next-room\"",
            "f:7: keys.\"Ctrl+Q\": no action fly; hubbub --print-config lists them",
        ]
    );
    assert!(!reading.is_toml);
    let Config { name, preferences, .. } = reading.config;
    assert!(preferences.typing && !preferences.mouse && name.is_none());
    assert!(preferences.keys.action(ctrl('t')) == preferences.keys.action(ctrl('n')));
}

#[test]
fn of_a_list_the_good_ones_stay() {
    let reading = Reading::of(b"rooms = [\"lobby\", 3, \"games\"]\n");
    assert_eq!(reading.config.rooms.len(), 2);
    assert_eq!(reading.faults.len(), 1);
}

#[test]
fn what_is_set_twice_counts_as_it_was_set_first() {
    let reading = Reading::of(b"mouse = false\nmouse = true\n");
    assert_eq!(faults(&reading), ["f:2: this is set for the second time"]);
    assert!(!reading.config.preferences.mouse);
}

#[test]
fn a_line_that_is_no_text_is_left_out() {
    let reading = Reading::of(b"mouse = false\nname = \"J\xf6rg\"\nport = 9000\n");
    assert_eq!(faults(&reading), ["f:2: this is no UTF-8 text"]);
    let Config { name, port, preferences, .. } = reading.config;
    assert!(name.is_none() && port == Some(9000) && !preferences.mouse);
}

#[test]
fn the_first_fault_fits_a_line_and_counts_the_others() {
    let complaint = |text: &str| Reading::of(text.as_bytes()).complaint("client.toml");
    assert_eq!(complaint("mouse = false"), None);
    let one = "client.toml line 2: mouse: takes true or false, not 3";
    assert_eq!(complaint("\nmouse = 3\n").as_deref(), Some(one));
    let more = "client.toml line 1: a: no such setting; hubbub --print-config lists them \
                (2 more; hubbub --check-config)";
    assert_eq!(complaint("a = 1\nb = 1\nc = 1\n").as_deref(), Some(more));
}

#[test]
fn the_example_says_what_is_true_anyway() {
    assert_eq!(sound(&example()), Config::default());
    let uncommented = example().lines().fold(String::new(), |text, line| {
        let set = line.strip_prefix('#').filter(|set| !set.starts_with(' '));
        text + set.unwrap_or(if line == "[keys]" { line } else { "" }) + "\n"
    });
    let config = sound(&uncommented);
    assert_eq!(
        config.preferences.keys.help_lines(),
        Config::default().preferences.keys.help_lines()
    );
    let keys = Config::default().preferences.keys;
    assert_eq!(Preferences { keys: keys.clone(), ..config.preferences }, Preferences::default());
    let help = help_lines();
    for setting in table::SETTINGS {
        assert!(uncommented.contains(&format!("{} = ", setting.name)), "{}", setting.name);
        assert!(help.iter().any(|line| line.starts_with(setting.name)), "{}", setting.name);
    }
}

/// Lines as people write them, right and wrong.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[a-z_]{0,8} ?= ?(true|false|[0-9]{1,6}|\"[a-z]{0,6}\"?|\\[[\"a-z, ]{0,9}\\]?)",
        "\"(Ctrl|Alt|Shift|Cmd)\\+[A-Za-z0-9/]{1,3}\" = \"[a-z-]{0,10}\"",
        Just("[keys]".to_owned()),
        "\\PC{0,12}",
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n") + "\n")
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_every_fault_has_a_line_of_the_file(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        check(&bytes)?;
    }

    #[test]
    fn any_lines_are_read_and_what_is_right_before_them_counts(lines in lines()) {
        check(lines.as_bytes())?;
        let reading = Reading::of(format!("do_not_disturb = true\n{lines}").as_bytes());
        let is_given_up = lines.contains("[[") || !reading.is_toml;
        prop_assert!(is_given_up || reading.config.preferences.do_not_disturb);
    }
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let reading = Reading::of(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').count();
    for fault in &reading.faults {
        prop_assert!((1..=lines).contains(&fault.line), "{fault:?}");
        prop_assert!(!fault.what.is_empty() && !fault.what.contains('\n'), "{fault:?}");
    }
    prop_assert!(reading.is_toml || !reading.faults.is_empty());
    // Whatever is in a file, there is a way to send, to stop and to close.
    let keys = &reading.config.preferences.keys;
    let plain = |code| Key { code, ctrl: false, alt: false, shift: false };
    prop_assert_eq!(keys.action(plain(KeyCode::Enter)), Some(Action::Send));
    prop_assert_eq!(keys.action(plain(KeyCode::Esc)), Some(Action::Escape));
    prop_assert_eq!(keys.action(ctrl('c')), Some(Action::Interrupt));
    prop_assert_eq!(keys.action(ctrl('x')), Some(Action::CtrlX));
    Ok(())
}
