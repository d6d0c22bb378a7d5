//! Keys, pastes and sizes as terminals tell of them, and the help that says what they do, with the
//! real `hubbub`.

use std::{collections::BTreeSet, thread, time::Duration};

use crate::terminal::at;
use tests::{ServerProcess, TestTerminal};
use vt100::Screen;

/// Keys after which something lies over the rest, and what it says.
const LAYERS: [(&str, &str); 7] = [
    ("<c-g>", "Go to: "),
    ("<a-w>", "People · Esc closes"),
    ("<a-m>", "Esc done"),
    ("<a-l>", "Esc returns"),
    ("<c-r>", "(search)"),
    ("<c-x>", "Ctrl+X: "),
    ("<esc>", "Esc, then one of these"),
];

#[test]
fn an_escape_byte_means_alt_however_late_the_next_key_comes() {
    let server = ServerProcess::start(None, &[]);
    let (ana, bob) = (at(&server, "Ana"), at(&server, "Bob"));
    bob.type_keys("/msg Ana psst<ret>");
    ana.wait_for_text("Bob (private): psst");
    ana.type_keys("<esc>");
    ana.wait_for_text("Esc, then one of these");
    // As over a slow line; it is the time itself that must make no difference.
    thread::park_timeout(Duration::from_millis(300));
    ana.type_keys("a");
    ana.wait_for_text("Bob (private)");
    ana.wait_for("an empty draft", |screen| row(screen, 22) == ">");
}

#[test]
fn a_paste_that_pretends_to_end_is_still_not_sent() {
    let server = ServerProcess::start(None, &[]);
    let (ana, bob) = (at(&server, "Ana"), at(&server, "Bob"));
    ana.type_keys("<paste>harmless\r</paste>/quit<ret></paste>");
    ana.wait_for_text("/quit");
    ana.type_keys("<c-a>still here: ");
    ana.wait_for_text("still here: ");
    bob.type_keys("a line after that<ret>");
    let rows = ana.wait_for_text("Bob         a line after that");
    // Separator, two rows of the draft and the status are below.
    assert!(!rows[..20].iter().any(|row| row.contains("harmless")), "it was sent: {rows:#?}");
    assert!(rows[21].starts_with("> harmless"), "{rows:#?}");
}

#[test]
fn after_a_hundred_sizes_every_cell_is_as_it_was() {
    let server = ServerProcess::start(None, &[]);
    let ana = at(&server, "Ana");
    for line in ["one 日本語", "two, which is longer and wraps in narrow windows", "three"] {
        ana.type_keys(&format!("{line}<ret>"));
    }
    ana.type_keys("a draft");
    let before = ana.wait_for("all of it said, and a draft", |screen| {
        let rows: Vec<String> = screen.rows(0, 65).collect();
        let is_said = rows[2].contains("Ana         one") && rows[5].trim_end().ends_with(" three");
        rows[1].contains('─') && is_said && rows[22].trim() == "> a draft"
    });
    let mut seed = 7_u32;
    let mut any = |from: u16, to: u16| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        from + (seed >> 16) as u16 % (to - from)
    };
    for _ in 0..100 {
        ana.resize(any(1, 300), any(1, 100));
    }
    ana.resize(80, 24);
    ana.wait_for("the screen as it was", |screen| {
        let rows: Vec<String> = screen.rows(0, 80).map(|row| row.trim_end().to_owned()).collect();
        rows == before
    });
}

#[test]
fn every_command_of_the_help_is_one_and_every_key_of_it_types_nothing() {
    let server = ServerProcess::start(None, &[]);
    let ana = at(&server, "Ana");
    let lines = help(&ana);
    let commands: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix('/')?.split_whitespace().next()).collect();
    assert!(commands.len() > 15 && commands.contains(&"msg"), "{commands:?}");
    for command in commands.iter().filter(|command| !command.starts_with('/')) {
        ana.type_keys(&format!("/help {command}<ret>"));
        ana.wait_for(&format!("help on {command}"), |screen| {
            row(screen, 21).contains(&format!(" /{command} "))
        });
    }
    let keys: Vec<String> = lines.iter().flat_map(|line| keys_of(line)).collect();
    assert!(keys.len() > 40, "{keys:?}");
    ana.type_keys("hello<ret>");
    ana.wait_for_text("Ana         hello");
    for key in keys {
        ana.type_keys(&key);
        if let Some((_, layer)) = LAYERS.iter().find(|(opens, _)| *opens == key) {
            ana.wait_for_text(layer);
            ana.type_keys("<esc>");
            ana.wait_for_no_text(layer);
        }
        // Whatever it did: nothing of it is in the draft, and the client is there.
        ana.type_keys("x<c-c>done");
        ana.wait_for(&format!("what is typed after {key}"), |screen| row(screen, 22) == "> done");
        ana.type_keys("<c-c>");
        ana.wait_for("an empty draft", |screen| row(screen, 22) == ">");
    }
}

/// All rows of `/help`, page by page.
fn help(terminal: &TestTerminal) -> Vec<String> {
    terminal.type_keys("/help<ret>");
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    loop {
        let rows = terminal.wait_for("a page of the help", |screen| {
            row(screen, 1).contains(" of ") && !seen.contains(&row(screen, 1))
        });
        let (place, last) = place_of(&rows[1]);
        seen.insert(rows[1].clone());
        let new = rows[2..21].iter().filter(|row| !lines.contains(&row.trim().to_owned()));
        lines.extend(new.map(|row| row.trim().to_owned()).collect::<Vec<_>>());
        if place == last {
            terminal.type_keys("<esc>");
            terminal.wait_for_no_text("Esc closes");
            return lines;
        }
        terminal.type_keys("<pgdn>");
    }
}

/// `… 1–19 of 60` as 19 and 60.
fn place_of(title: &str) -> (usize, usize) {
    let (_, place) = title.rsplit_once('–').expect("a place");
    let mut numbers = place.split(" of ").map(|number| number.trim().parse().expect("a number"));
    (numbers.next().expect("so far"), numbers.next().expect("of so many"))
}

/// The keys of a row of the help, as they are typed here: `Ctrl+N, Ctrl+P` are two.
fn keys_of(line: &str) -> Vec<String> {
    let Some((keys, _)) = line.split_once("  ") else { return Vec::new() };
    keys.split(", ").flat_map(each).filter_map(|key| typed(&key)).collect()
}

/// `Ctrl+B/F` is Ctrl+B and Ctrl+F.
fn each(keys: &str) -> Vec<String> {
    match keys.split_once('+') {
        Some((modifier, rest)) if rest.len() == 3 && rest.contains('/') => {
            rest.split('/').map(|letter| format!("{modifier}+{letter}")).collect()
        }
        _ => vec![keys.to_owned()],
    }
}

fn typed(key: &str) -> Option<String> {
    let known = [
        ("Up", "<up>"),
        ("Down", "<down>"),
        ("PageUp", "<pgup>"),
        ("PageDown", "<pgdn>"),
        ("Home", "<home>"),
        ("End", "<end>"),
        ("Left", "<left>"),
        ("Right", "<right>"),
        ("Tab", "<tab>"),
        ("Delete", "<del>"),
        ("Backspace", "<bs>"),
        ("Esc", "<esc>"),
        ("Enter", "<ret>"),
        ("Alt+Backspace", "<a-bs>"),
        ("Alt+1 … Alt+9", "<a-1>"),
        ("Ctrl+X Ctrl+U", "<c-x><c-u>"),
    ];
    if let Some((_, typed)) = known.iter().find(|(name, _)| *name == key) {
        return Some((*typed).to_owned());
    }
    let (modifier, letter) = key.split_once('+').filter(|(_, letter)| letter.len() == 1)?;
    match (modifier, letter.to_lowercase().as_str()) {
        // The shell, and an editor, have tests of their own.
        ("Ctrl", "z") => None,
        ("Ctrl", letter) => Some(format!("<c-{letter}>")),
        ("Alt", letter) => Some(format!("<a-{letter}>")),
        _ => None,
    }
}

fn row(screen: &Screen, row: u16) -> String {
    screen.rows(0, 80).nth(row.into()).unwrap_or_default().trim_end().to_owned()
}
