//! Whoever hosts announces something, and everyone is told wherever they are: with the real
//! `hubbub`, its hub, and the wire between them.

use tests::{Home, TestTerminal, free_port};

/// Somebody who hosts at a port that is free.
fn hosts(home: &Home, arguments: &[&str]) -> (TestTerminal, String) {
    let port = free_port().to_string();
    let terminal = TestTerminal::hubbub(home, &[&["host", "-p", &port], arguments].concat());
    terminal.wait_for_text("live · ");
    (terminal, port)
}

fn joins(home: &Home, port: &str) -> TestTerminal {
    let terminal = TestTerminal::hubbub(home, &["-p", port]);
    terminal.wait_for_text("live · ");
    terminal
}

/// Linear mode, at this hub.
fn reads_lines(home: &Home, port: &str) -> TestTerminal {
    let terminal = TestTerminal::shell(home, &format!("\"$HUBBUB\" --plain -p {port}"));
    terminal.wait_for_text("hubbub: live");
    terminal
}

#[test]
fn a_room_or_everyone_is_told_wherever_they_are() {
    let (ana, bob, cyd) = (Home::of("ana"), Home::of("bob"), Home::of("cyd"));
    let (host, port) = hosts(&ana, &[]);
    let (guest, reader) = (joins(&bob, &port), reads_lines(&cyd, &port));
    guest.type_keys("/join games<ret>");
    guest.wait_for_text("You are bob in games");
    host.type_keys("/announce tea is ready<ret>");
    host.wait_for_text("║ tea is ready");
    reader.wait_for_text("== announcement by ana: tea is ready");
    host.type_keys("/announce --all the hub restarts at noon<ret>");
    host.wait_for_text("announcement to all by ana");
    guest.wait_for_text("║ the hub restarts at noon");
    guest.type_keys("<c-p>");
    guest.wait_for_text("║ tea is ready");
    guest.wait_for_text("║ the hub restarts at noon");
    let rows = reader.wait_for_text("== announcement by ana: the hub restarts at noon");
    assert!(rows.iter().any(|row| row.starts_with("(everyone) 1 ")), "{rows:?}");
    guest.type_keys("/whois ana<ret>");
    guest.wait_for_text("ana  operator  here");
}

#[test]
fn who_was_not_there_is_told_once() {
    let (ana, bob) = (Home::of("ana"), Home::of("bob"));
    let (host, port) = hosts(&ana, &[]);
    let mut guest = joins(&bob, &port);
    guest.type_keys("/quit<ret>");
    guest.wait_for_exit();
    host.type_keys("/announce --all tea is ready<ret>");
    host.wait_for_text("║ tea is ready");
    let mut reader = reads_lines(&bob, &port);
    reader.wait_for_text("(everyone) 1 ");
    reader.type_keys("/quit<ret>");
    reader.wait_for_exit();
    let mut reader = reads_lines(&bob, &port);
    reader.type_keys("here again<ret>");
    reader.wait_for_text("bob: here again");
    assert!(!reader.recorded_text().contains("(everyone)"), "{:?}", reader.recorded_text());
    reader.type_keys("/quit<ret>");
    reader.wait_for_exit();
    let guest = joins(&bob, &port);
    guest.wait_for_text("║ tea is ready");
}

#[test]
fn who_is_no_operator_is_told_so_and_has_their_words_back() {
    let (ana, bob) = (Home::of("ana"), Home::of("bob"));
    let (host, port) = hosts(&ana, &["--no-web"]);
    let rows = host.wait_for_text("Only this machine can join.");
    assert!(!rows.iter().any(|row| row.contains("Browser")), "{rows:?}");
    let guest = joins(&bob, &port);
    guest.type_keys("/announce --all hear me<ret>");
    guest.wait_for_text("operator");
    guest.wait_for_text("> /announce --all hear me");
    host.type_keys("hello<ret>");
    guest.wait_for_text("hello");
    assert!(!host.rows().iter().any(|row| row.contains("hear me")));
}

#[test]
fn a_hub_that_was_killed_comes_back_with_its_operator() {
    let ana = Home::of("ana");
    let (host, port) = hosts(&ana, &[]);
    let hub = *host.children().first().expect("the hub is a child");
    tests::signal(hub, rustix::process::Signal::KILL);
    host.wait_for_text("offline since");
    host.type_keys("/announce --all here again<ret>");
    host.wait_for_text("║ here again …");
    host.wait_for_text("live · ");
    host.wait_for("it was stored", |screen| {
        let rows: Vec<String> = screen.rows(0, 80).collect();
        rows.iter().any(|row| row.contains("║ here again") && !row.contains('…'))
    });
    let reader = reads_lines(&Home::of("bob"), &port);
    reader.type_keys("/whois ana<ret>");
    reader.wait_for_text("ana  operator  here");
}
