//! Colours in the real `hubbub`, on terminals that tell their background and on others.

use std::sync::atomic::{AtomicU32, Ordering};

use tests::{Home, Manners, ServerProcess, TestClient, TestTerminal};
use vt100::{Color, Screen};

/// What the client asks, and what ends it.
const ASKED: &[u8] = b"\x1b]11;?\x1b\\";
const FENCE: &[u8] = b"\x1b[c";
const DARK: &str = "rgb:1010/1010/1010";
const LIGHT: &str = "rgb:fdfd/f6f6/e3e3";

#[test]
fn names_can_be_read_on_the_background_that_the_terminal_tells() {
    let server = ServerProcess::start(None, &[]);
    for (told, rgb) in [(DARK, [0x10; 3]), (LIGHT, [0xfd, 0xf6, 0xe3])] {
        for depth in ["", "COLORTERM=truecolor"] {
            let manners = Manners { background: Some(told), has_kind: true };
            let terminal = seen(&server, depth, manners);
            for (name, colour) in talkers(&terminal) {
                let colour = shown(colour).expect("a colour that is the same everywhere");
                let contrast = contrast(colour, rgb);
                assert!(contrast >= 4.5, "{name} in {colour:?} on {told}: {contrast}");
            }
            let faint = time_of(&terminal);
            assert!(!faint.1, "what is faint has a grey of its own");
            let contrast = contrast(shown(faint.0).expect("a grey"), rgb);
            assert!(contrast >= 4.5, "the time in {faint:?} on {told}: {contrast}");
        }
    }
}

#[test]
fn a_terminal_that_tells_nothing_keeps_its_own_colours() {
    let server = ServerProcess::start(None, &[]);
    for background in [None, Some("none of yours")] {
        for has_kind in [true, false] {
            let terminal = seen(&server, "COLORTERM=truecolor", Manners { background, has_kind });
            let colours = talkers(&terminal);
            assert!(colours.iter().all(|(_, colour)| shown(*colour).is_none()), "{colours:?}");
            assert!(time_of(&terminal).1, "what is faint is the terminal's own faint");
            terminal.type_keys("draft");
            wait_for_draft(&terminal, "> draft");
        }
    }
}

#[test]
fn a_late_answer_is_heard_and_not_typed() {
    let server = ServerProcess::start(None, &[]);
    let silent = Manners { background: None, has_kind: false };
    let terminal = seen(&server, "COLORTERM=truecolor", silent);
    assert!(talkers(&terminal).iter().all(|(_, colour)| shown(*colour).is_none()));
    terminal.type_keys("be");
    wait_for_draft(&terminal, "> be");
    terminal.type_keys(&format!("<esc>]10;rgb:0/0/0<esc>\\<esc>]11;{LIGHT}<esc>\\<esc>[?62cfore"));
    wait_for_draft(&terminal, "> before");
    terminal.wait_for("colours for a light background", |screen| {
        let name = name_at(screen, "Talker").map(|(_, colour)| colour);
        let rgb = name.and_then(shown);
        rgb.is_some_and(|rgb| contrast(rgb, [0xfd, 0xf6, 0xe3]) >= 4.5)
    });
    // In two parts, as a slow line may bring it; and one that says nothing.
    terminal.type_keys("<c-u><esc>]11;rgb:10/10");
    terminal.type_keys("/10<c-g><esc>]11;zzz<c-g>after");
    wait_for_draft(&terminal, "> after");
    terminal.wait_for("colours for a dark background", |screen| {
        let name = name_at(screen, "Talker").map(|(_, colour)| colour);
        name.and_then(shown).is_some_and(|rgb| contrast(rgb, [0x10; 3]) >= 4.5)
    });
}

#[test]
fn what_is_typed_while_the_terminal_is_asked_is_in_the_draft() {
    let server = ServerProcess::start(None, &[]);
    let silent = Manners { background: None, has_kind: false };
    let terminal = start(&server, "", silent, "Ana");
    terminal.wait_for_bytes("the question", |bytes| has(bytes, FENCE));
    terminal.type_keys("hé日 there");
    terminal.wait_for_text(" live ");
    wait_for_draft(&terminal, "> hé日 there");
}

#[test]
fn people_keep_their_colours_when_the_client_starts_again_and_share_none() {
    let server = ServerProcess::start(None, &[]);
    talk(&server, &["Bob", "cyd", "Dora", "Eve", "Fay", "Gil"]);
    let colours = |name| {
        let terminal = start(&server, "COLORTERM=truecolor", Manners::default(), name);
        terminal.wait_for("the last name", |screen| name_at(screen, "Gil").is_some());
        let names = ["Bob", "cyd", "Dora", "Eve", "Fay", "Gil"];
        let colour = |screen: &Screen, name| name_at(screen, name).expect("a name").1;
        terminal.look(|screen| names.map(|name| colour(screen, name)))
    };
    let first = colours("Ana");
    for (index, one) in first.iter().enumerate() {
        assert!(!first[..index].contains(one), "{first:?}");
    }
    assert_eq!(first, colours("Ines"));
}

#[test]
fn nobody_is_asked_where_there_are_no_colours_or_no_screen() {
    let server = ServerProcess::start(None, &[]);
    for (name, variables, arguments, sign) in [
        ("Ana", "NO_COLOR=1", "", " live "),
        ("Bob", "TERM=vt100", "", " live "),
        ("cyd", "TERM=linux", "", " live "),
        ("Dora", "TERM=dumb", "", "lobby"),
        ("Eve", "", "--plain", "lobby"),
        ("Fay", "", "| cat", "lobby"),
    ] {
        let home = Home::of("ana");
        let port = server.address().port();
        let script =
            format!("{variables} \"$HUBBUB\" -H 127.0.0.1 -p {port} -n {name} {arguments}");
        let terminal = TestTerminal::shell(&home, &script);
        terminal.wait_for_text(sign);
        assert!(!has(&terminal.recorded(), b"]11;?"), "{script}");
    }
}

#[test]
fn without_colours_names_stand_out_by_what_is_left() {
    let server = ServerProcess::start(None, &[]);
    talk(&server, &["Bob"]);
    for (name, variables, coloured) in
        [("Ana", "NO_COLOR=1", false), ("Dora", "TERM=vt100", false), ("Eve", "TERM=xterm", true)]
    {
        let terminal = start(&server, variables, Manners::default(), name);
        terminal.wait_for_text(" live ");
        terminal.type_keys("Bob, hello<ret>");
        terminal.wait_for("one's own name in bold, and colours or none", |screen| {
            let own = name_at(screen, name).is_some_and(|(cell, _)| cell.bold());
            let (rows, columns) = screen.size();
            let mut cells = (0..rows.get())
                .flat_map(|row| (0..columns.get()).filter_map(move |at| screen.cell(row, at)));
            own && coloured == cells.any(|cell| cell.fgcolor() != Color::Default)
        });
    }
}

/// `hubbub` in a terminal with these manners, with something said by two people.
fn seen(server: &ServerProcess, variables: &str, manners: Manners) -> TestTerminal {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    talk(server, &["Talker", "Other"]);
    let name = format!("Ana{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let terminal = start(server, variables, manners, &name);
    terminal.wait_for_text("Other says");
    assert!(has(&terminal.recorded(), ASKED) && has(&terminal.recorded(), FENCE));
    terminal
}

fn start(server: &ServerProcess, variables: &str, manners: Manners, name: &str) -> TestTerminal {
    let home = Home::of("ana");
    let port = server.address().port();
    let script = format!("{variables} exec \"$HUBBUB\" -H 127.0.0.1 -p {port} -n {name}");
    TestTerminal::shell_in(&home, &script, manners)
}

fn talk(server: &ServerProcess, names: &[&str]) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for name in names {
            let mut talker = TestClient::guest(server.address(), name).await;
            talker.join("lobby").await;
            talker.say_acked("lobby", &format!("{name} says something")).await;
            talker.close().await;
        }
    });
}

fn wait_for_draft(terminal: &TestTerminal, draft: &str) {
    terminal.wait_for(draft, |screen| screen.rows(0, 80).any(|row| row.trim_end() == draft));
}

/// The colours of those who said something.
fn talkers(terminal: &TestTerminal) -> [(&'static str, Color); 2] {
    let colour = |screen: &Screen, name| name_at(screen, name).expect("a name").1;
    let colours =
        terminal.look(|screen| ["Talker", "Other"].map(|name| (name, colour(screen, name))));
    assert!(colours.iter().all(|(_, colour)| *colour != Color::Default), "{colours:?}");
    colours
}

/// The colour of the time before what was said last, and whether it is faint.
fn time_of(terminal: &TestTerminal) -> (Color, bool) {
    let time = terminal.look(|screen| {
        let row = (0..24).find(|row| starts_at(screen, *row, 6, "Talker"))?;
        screen.cell(row, 0).map(|cell| (cell.fgcolor(), cell.dim()))
    });
    time.expect("a time")
}

/// The first cell of a name that stands as an author.
fn name_at<'a>(screen: &'a Screen, name: &str) -> Option<(&'a vt100::Cell, Color)> {
    let row = (0..24).find(|row| starts_at(screen, *row, 6, name))?;
    let cell = screen.cell(row, 6)?;
    Some((cell, cell.fgcolor()))
}

fn starts_at(screen: &Screen, row: u16, column: u16, text: &str) -> bool {
    (column..)
        .zip(text.chars())
        .all(|(at, c)| screen.cell(row, at).is_some_and(|cell| cell.contents() == c.to_string()))
}

/// A colour that is the same in all terminals.
fn shown(colour: Color) -> Option<[u8; 3]> {
    const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match colour {
        Color::Default | Color::Idx(..16) => None,
        Color::Idx(index @ 232..) => Some([8 + 10 * (index - 232); 3]),
        Color::Idx(index) => {
            let number = usize::from(index - 16);
            Some([number / 36, number / 6 % 6, number % 6].map(|part| CUBE[part]))
        }
        Color::Rgb(red, green, blue) => Some([red, green, blue]),
    }
}

/// As WCAG 2 has it.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| -> f64 {
        let linear = colour.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
