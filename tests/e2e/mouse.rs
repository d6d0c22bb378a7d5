//! Mouse, bare view and links, with the real `hubbub` in a terminal.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::terminal::at;
use rustix::process::Signal;
use tests::{Home, ServerProcess, TestTerminal};
use vt100::{MouseProtocolMode, Screen};

#[test]
fn wheel_and_clicks_do_what_is_under_them() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let (ana, bob) = (at(&server, "Ana"), at(&server, "Bob"));
    ana.wait_for_text("Bob");
    for number in 1..=40 {
        bob.type_keys(&format!("line {number}<ret>"));
    }
    ana.wait_for_text("line 40");
    ana.type_keys("<wheel-up 20,5>");
    ana.wait_for_no_text("line 40");
    bob.type_keys("one more<ret>");
    ana.wait_for_text("1 new");
    ana.type_keys("<click 5,21>");
    ana.wait_for_text("one more");

    ana.type_keys("<click 20,20>");
    ana.wait_for_text("r reply");
    ana.type_keys("<esc>");
    ana.wait_for_no_text("r reply");
    ana.type_keys("draft<click 2,22>A ");
    ana.wait_for_text("> A draft");
    ana.type_keys("<click 70,2>");
    ana.wait_for_text("Bob (private)");
    ana.wait_for("the column of rooms", |screen| row(screen, 1).starts_with(" lobby"));
    ana.type_keys("<click 3,1>");
    ana.wait_for("the lobby again", |screen| row(screen, 1).starts_with(">lobby"));
    ana.type_keys("<drag 30,5>");
    ana.wait_for_text("Shift+drag selects; Alt+L for bare view");
}

#[test]
fn without_the_mouse_the_wheel_types_nothing_and_every_way_out_puts_it_back() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let port = server.address().port();
    let script = format!(
        "set -m; \"$HUBBUB\" -H 127.0.0.1 -p {port} -n Ana; echo 'the shell again'; read line; fg"
    );
    let mut terminal = TestTerminal::shell(&home, &script);
    terminal.wait_for("live, and told of the mouse", |screen| {
        screen.contents().contains(" live ") && has_mouse(screen)
    });
    assert!(is_wheel_muted(&terminal));
    terminal.type_keys("/mouse off<ret>");
    terminal.wait_for("no mouse", |screen| !has_mouse(screen));
    terminal.wait_for_text("the wheel types nothing");
    terminal.type_keys("<c-z>");
    terminal.wait_for_text("the shell again");
    assert!(!is_wheel_muted(&terminal));
    terminal.type_keys("<ret>");
    terminal.wait_for("the client again", Screen::alternate_screen);
    terminal.wait_for_text(" live ");
    terminal.wait_for("still no mouse", |screen| !has_mouse(screen));
    assert!(is_wheel_muted(&terminal));
    terminal.type_keys("/mouse on<ret>");
    terminal.wait_for("the mouse", has_mouse);
    terminal.type_keys("/quit<ret>");
    terminal.wait_for_exit();
    terminal.wait_for("a terminal as it was", |screen| {
        !screen.alternate_screen() && !has_mouse(screen)
    });
    assert!(!is_wheel_muted(&terminal));
}

#[test]
fn the_bare_view_is_text_that_is_copied_as_it_was_said() {
    let server = ServerProcess::start(None, &[]);
    let (ana, bob) = (at(&server, "Ana"), at(&server, "Bob"));
    let long: Vec<String> = (1..=40).map(|number| format!("word{number}")).collect();
    bob.type_keys(&format!("{}<ret>short<ret>", long.join(" ")));
    ana.wait_for_text("short");
    ana.type_keys("a draft<esc>l");
    ana.wait_for_text("Esc returns");
    ana.wait_for("no mouse and no cursor", |screen| {
        !has_mouse(screen) && screen.hide_cursor() && !screen.contents().contains('│')
    });
    let whole = format!("Bob: {}\nBob: short", long.join(" "));
    ana.wait_for("lines as they were said", |screen| {
        screen.contents_between(0, 0, 22, 80).trim_end() == whole
    });

    let before = ana.recorded().len();
    bob.type_keys("meanwhile<ret>");
    ana.wait_for_text("1 new");
    let written = String::from_utf8_lossy(&ana.recorded()[before..]).into_owned();
    assert!(!written.contains("meanwhile"), "{written:?}");
    let moves = written.matches('H').count();
    assert!(written.contains("\x1b[24;") && moves <= 2, "only the last row: {written:?}");

    ana.type_keys("<esc>");
    ana.wait_for_text("> a draft");
    ana.wait_for_text("meanwhile");
    ana.wait_for("the mouse again", has_mouse);
}

#[test]
fn a_link_is_opened_by_the_users_browser_which_touches_nothing() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("somebody");
    // It says something, wants to hear something, and tells what it was given.
    let script = "echo NOISE; echo NOISE >&2; read line; \
        printf '%s\\n' \"$#\" \"$1\" > \"$HOME/part\"; mv \"$HOME/part\" \"$HOME/opened\"";
    program(&home, "xdg-open", script);
    let terminal = with_programs(&server, &home, "Ana", "DISPLAY=:0");
    terminal.type_keys("see https://a.example/$(x);b?c=d&e and https://b.example/ too<ret>");
    terminal.wait_for_text("Ana         see https");
    // Once it is stored there is a line with the day above it.
    terminal.wait_for("the day", |screen| row(screen, 1).starts_with('─'));
    terminal.type_keys("<esc>mo");
    terminal.wait_for_text("open 1 a.example/");
    terminal.type_keys("1");
    opened(&terminal, &home, "1\nhttps://a.example/$(x);b?c=d&e\n");
    terminal.type_keys("<esc>");
    terminal.wait_for("nothing selected", |screen| !row(screen, 2).contains('>'));
    let rows = terminal.rows();
    let row = rows.iter().position(|row| row.contains("b.example")).expect("the link");
    let column = rows[row].find("b.example").expect("the link");
    terminal.type_keys(&format!("<click {column},{row}>"));
    opened(&terminal, &home, "1\nhttps://b.example/\n");
    terminal.wait_for_text("opening https://b.example/");
    assert!(!terminal.recorded_text().contains("NOISE"));
    let children = || terminal.children().is_empty();
    terminal.type_until("<c-l>", "no child left, not even its shadow", |_| children());
}

#[test]
fn where_no_browser_can_be_opened_the_link_is_copied() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("somebody");
    program(&home, "xdg-open", "echo opened > \"$HOME/opened\"");
    program(&home, "broken", "exit 3");
    for (name, variables, why) in [
        ("Ana", "DISPLAY=:0 SSH_CONNECTION='10.0.0.1 1 10.0.0.2 22'", "over SSH no browser"),
        ("Bob", "X=", "no browser can be opened here"),
        ("cyd", "BROWSER=no-such", "there is no no-such here"),
        ("Dan", "BROWSER=broken", "broken failed: exit status: 3"),
    ] {
        let terminal = with_programs(&server, &home, name, variables);
        terminal.type_keys("at https://a.example<ret>");
        terminal.wait_for_text(&format!("{name}         at https"));
        terminal.type_keys("<esc>mo");
        terminal.wait_for_text(why);
        terminal.wait_for_text("link copied");
        terminal.wait_for_bytes("a copy", |bytes| {
            let copy = b"\x1b]52;c;aHR0cHM6Ly9hLmV4YW1wbGU=\x07";
            bytes.windows(copy.len()).any(|part| part == copy)
        });
        terminal.signal(Signal::TERM);
    }
    assert!(!home.path().join("opened").exists());
}

/// Whether after all that was written the wheel presses no keys.
fn is_wheel_muted(terminal: &TestTerminal) -> bool {
    let written = terminal.recorded_text();
    written.rfind("\x1b[?1007l") > written.rfind("\x1b[?1007r")
}

/// The same where the programs of this home are found first, and with these variables.
fn with_programs(server: &ServerProcess, home: &Home, name: &str, variables: &str) -> TestTerminal {
    let port = server.address().port();
    let path = "PATH=\"$HOME/bin:$PATH\"";
    let terminal = TestTerminal::shell(
        home,
        &format!("exec env {path} {variables} \"$HUBBUB\" -H 127.0.0.1 -p {port} -n {name}"),
    );
    terminal.wait_for_text(" live ");
    terminal
}

/// A program of this home.
fn program(home: &Home, name: &str, script: &str) {
    let directory = home.path().join("bin");
    fs::create_dir_all(&directory).expect("a directory");
    let path = directory.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("write the program");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("make it a program");
}

/// Waits until the browser has said this.
fn opened(terminal: &TestTerminal, home: &Home, expected: &str) {
    let file = home.path().join("opened");
    terminal.type_until("<c-l>", "a browser", |_| file.exists());
    assert_eq!(fs::read_to_string(&file).expect("the file"), expected);
    fs::remove_file(&file).expect("remove it");
}

fn has_mouse(screen: &Screen) -> bool {
    screen.mouse_protocol_mode() != MouseProtocolMode::None
}

fn row(screen: &Screen, row: u16) -> String {
    screen.rows(0, 80).nth(row.into()).unwrap_or_default()
}
