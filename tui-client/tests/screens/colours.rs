//! How a screen looks on terminals of every kind: what is bold, faint or coloured, and in which
//! colours.

use serde_json::json;
use tui_client::{
    preferences::Background,
    theme::{Depth, Ground, Rgb},
};

use super::{SIZES, conversation, screen::Screen};

const DARK: Rgb = Rgb(0x1e, 0x1e, 0x1e);
const LIGHT: Rgb = Rgb(0xfd, 0xf6, 0xe3);

/// Compares how everything looks on this with its pictures, at both sizes.
fn looks(name: &str, ground: Ground) {
    for (columns, rows) in SIZES {
        let screen = everything(columns, rows, ground);
        insta::assert_snapshot!(format!("looks-{name}-{columns}x{rows}"), screen.looks());
    }
}

/// Something of each look.
fn everything(columns: u16, rows: u16, ground: Ground) -> Screen {
    let mut screen = Screen::live(columns, rows);
    screen.state.ground = ground;
    conversation(&mut screen);
    let mut announcement = screen.event("lobby", 7, "Bob", "tea is ready");
    announcement["kind"] = json!("announcement");
    screen.frame(&announcement);
    screen.keys("/nothing<Enter>");
    screen
}

fn told(depth: Depth, background: Rgb) -> Ground {
    Ground { depth, background: Some(background), foreground: None }
}

#[test]
fn without_colours() {
    looks("mono", told(Depth::Mono, DARK));
}

#[test]
fn in_the_terminals_own_colours() {
    looks("own", Ground::default());
    looks("own-light", told(Depth::Sixteen, LIGHT));
}

#[test]
fn in_256_colours() {
    looks("256-dark", told(Depth::Indexed, DARK));
    looks("256-light", told(Depth::Indexed, LIGHT));
}

#[test]
fn in_all_colours() {
    looks("all-dark", told(Depth::True, DARK));
    looks("all-light", told(Depth::True, LIGHT));
}

#[test]
fn the_user_knows_better_than_the_terminal() {
    let mut screen = everything(80, 24, told(Depth::True, DARK));
    let on_dark = screen.looks();
    screen.state.settings.preferences.background = Background::Light;
    let on_light = screen.looks();
    assert_ne!(on_dark, on_light);
    screen.state.settings.preferences.background = Background::Asked;
    assert_eq!(screen.looks(), on_dark);
}
