//! Screens of somebody who wants other settings than most.

use tui_client::{
    config::{Reading, Reread},
    event::Event,
};

use crate::{conversation, picture, screen::Screen};

/// The settings file is this now.
fn settings(screen: &mut Screen, text: &str) {
    let (file, outcome) = ("client.toml".to_owned(), Ok(Reading::of(text.as_bytes())));
    screen.tell(Event::Preferences(Box::new(Reread { file, outcome, waits: false })));
}

const OTHER_KEYS: &str = r#"
[keys]
"Ctrl+T" = "next-room"
"Ctrl+S" = "go-to"
"Alt+J" = "page-down"
"Alt+A" = "none"
"Ctrl+G" = "none"
"#;

#[test]
fn help_tells_of_keys_as_they_are_bound() {
    picture("settings-help-keys", |screen| {
        settings(screen, OTHER_KEYS);
        screen.keys("/help keys<Enter>");
    });
}

#[test]
fn the_row_after_esc_tells_of_keys_as_they_are_bound() {
    picture("settings-esc", |screen| {
        conversation(screen);
        settings(screen, OTHER_KEYS);
        screen.keys("<Esc>");
    });
}

#[test]
fn settings_read_again() {
    picture("settings-read-again", |screen| {
        conversation(screen);
        settings(screen, "typing = false\n");
    });
}

#[test]
fn a_fault_in_the_settings() {
    picture("settings-fault", |screen| {
        conversation(screen);
        settings(screen, "mouse = true\n\n[keys]\n\"Ctrl+Q\" = \"quit-all\"\n\"Enter\" = \"up\"\n");
    });
}

#[test]
fn help_on_settings() {
    picture("settings-help", |screen| screen.keys("/help settings<Enter>"));
}
