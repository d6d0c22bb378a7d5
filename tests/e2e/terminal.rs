//! The real `hubbub` in terminals, with a real hub: what people do in their first weeks.

use rustix::process::Signal;
use tests::{Home, ServerProcess, TestClient, TestTerminal, in_own_network};

#[test]
fn two_terminals_chat_rename_and_speak_privately() {
    let server = ServerProcess::start(None, &[]);
    let (ana, bob) = (at(&server, "Ana"), at(&server, "Bob"));
    ana.wait_for_text("Bob");
    ana.type_keys("hi Bob<ret>");
    bob.wait_for_text("hi Bob");
    bob.type_keys("hi Ana<ret>");
    ana.wait_for_text("hi Ana");

    ana.type_keys("/name Anna<ret>");
    bob.wait_for_text("Anna");
    ana.wait_for_text("Anna (you)");

    bob.type_keys("/msg Anna just between us<ret>");
    ana.wait_for_text("just between us");
    ana.type_keys("<esc>a");
    ana.wait_for_text("Bob (private)");
    ana.wait_for_text("Bob         just between us");
    ana.type_keys("understood<ret>");
    bob.wait_for_text("understood");
}

#[test]
fn a_message_is_selected_and_answered_and_both_see_what_was_answered() {
    let server = ServerProcess::start(None, &[]);
    let (ana, bob) = (at(&server, "Ana"), at(&server, "Bob"));
    bob.type_keys("are the numbers there?<ret>");
    ana.wait_for_text("are the numbers there?");
    bob.wait_for_text("Bob         are the numbers there?");
    ana.type_keys("a draft<esc>m");
    ana.wait_for_text("r reply");
    ana.type_keys("r");
    ana.wait_for_text("Esc cancels · are the numbers there?");
    ana.type_keys(", finished<ret>");
    for terminal in [&ana, &bob] {
        let rows = terminal.wait_for_text("a draft, finished");
        let is_answer = |row: &String| row.contains("→ Bob ") && row.contains("a draft, finished");
        assert!(rows.iter().any(is_answer), "{rows:?}");
    }
}

#[test]
fn a_kill_of_the_hub_loses_nothing_and_what_is_typed_meanwhile_arrives() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &[]);
    let (ana, bob) = (at(&server, "Ana"), at(&server, "Bob"));
    for number in 1..=4 {
        let speaker = if number % 2 == 0 { &ana } else { &bob };
        speaker.type_keys(&format!("line {number}<ret>"));
        ana.wait_for_text(&format!("line {number}"));
        bob.wait_for_text(&format!("line {number}"));
    }
    server.kill();
    ana.wait_for_text("offline since");
    ana.type_keys("line 5<ret>");
    ana.wait_for_text("line 5");
    server.restart();
    for terminal in [&ana, &bob] {
        terminal.type_keys("/reconnect<ret>");
        terminal.wait_for_text(" live ");
        let rows = terminal.wait_for_text("line 5");
        assert_eq!(lines_said(&rows), ["line 1", "line 2", "line 3", "line 4", "line 5"]);
    }
}

#[test]
fn a_kill_of_host_and_hub_loses_nothing() {
    in_own_network(a_kill_of_host_and_hub_loses_nothing, |_| {
        let (ana, bob) = (Home::of("ana"), Home::of("bob"));
        let mut host = TestTerminal::hubbub(&ana, &["host"]);
        host.wait_for_text(" live ");
        let guest = TestTerminal::hubbub(&bob, &[]);
        guest.wait_for_text(" live ");
        for number in 1..=3 {
            host.type_keys(&format!("line {number}<ret>"));
            guest.wait_for_text(&format!("line {number}"));
        }
        let hub = host.children();
        assert_eq!(hub.len(), 1, "the host runs the hub as its child");
        host.signal(Signal::KILL);
        tests::signal(hub[0], Signal::KILL);
        host.wait_for_exit();
        guest.wait_for_text("offline since");
        guest.type_keys("line 4<ret>");

        let host = TestTerminal::hubbub(&ana, &["host"]);
        host.wait_for_text(" live ");
        guest.type_keys("/reconnect<ret>");
        for terminal in [&host, &guest] {
            let rows = terminal.wait_for_text("line 4");
            assert_eq!(lines_said(&rows), ["line 1", "line 2", "line 3", "line 4"]);
        }
    });
}

#[test]
fn thirty_students_are_in_with_at_most_one_enter_each() {
    let server = ServerProcess::start(None, &[]);
    let port = server.address().port().to_string();
    let homes: Vec<_> = (0..30).map(|_| Home::of("student")).collect();
    let terminals: Vec<_> = homes
        .iter()
        .map(|home| TestTerminal::hubbub_sized(home, &["-H", "127.0.0.1", "-p", &port], 100, 30))
        .collect();
    for terminal in &terminals {
        let rows = terminal.wait_for("live or a suggestion", |screen| {
            let text = screen.contents();
            text.contains(" live ") || text.contains("is taken. Your name:")
        });
        if rows.iter().any(|row| row.contains("is taken. Your name:")) {
            terminal.type_keys("<ret>");
        }
    }
    for terminal in &terminals {
        terminal.wait_for_text(" live ");
    }
    terminals[0].wait_for_text("30 here");
}

#[test]
fn scrolling_up_leads_to_the_first_message() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    talk(&server, 400);
    let ana = at(&server, "Ana");
    ana.wait_for_text("line 400");
    ana.type_until("<pgup>", "the first message", |screen| {
        screen.rows(0, 64).any(|row| row.trim_end().ends_with("line 1"))
    });
    ana.type_keys("<end>");
    ana.wait_for_text("line 400");
}

#[test]
fn a_line_in_the_middle_of_reading_stays_where_it_is() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    talk(&server, 100);
    let ana = at(&server, "Ana");
    ana.wait_for_text("line 100");
    ana.type_keys("<pgup>");
    let before = ana.wait_for("older lines", |screen| !screen.contents().contains("line 100"));
    talk(&server, 20);
    let after = ana.wait_for_text("20 new");
    assert_eq!(lines_said(&before), lines_said(&after));
}

#[test]
fn keys_of_the_composer_do_as_in_bash() {
    let server = ServerProcess::start(None, &[]);
    let ana = at(&server, "Ana");
    ana.wait_for_text(" live ");
    for (keys, draft) in [
        ("one two three<c-w><c-w>", "> one"),
        ("<c-y>", "> one two three"),
        ("<c-_>", "> one"),
        ("<esc>_", "> one two three"),
        ("<c-x><c-u><c-a>X", "> Xone"),
        ("<c-e><a-bs>/<tab><tab>", "> /join"),
        ("<esc>", "> /"),
        ("<bs>sent<ret>draft<c-r>se", "(search) se: sent"),
        ("<esc>", "> draft"),
    ] {
        ana.type_keys(keys);
        ana.wait_for(&format!("{draft:?} after {keys}"), |screen| {
            let rows: Vec<String> = screen.rows(0, 80).map(|row| row.trim_end().into()).collect();
            rows.contains(&draft.to_owned())
        });
    }
}

#[test]
fn a_paste_is_a_draft() {
    let server = ServerProcess::start(None, &[]);
    let ana = at(&server, "Ana");
    let lines: Vec<_> = (1..=40).map(|number| format!("pasted {number}")).collect();
    ana.type_keys(&format!("<paste>{}</paste>", lines.join("\r")));
    ana.wait_for_text("pasted 40 lines");
    let rows = ana.wait_for_text("pasted 40");
    let mut scrollback = rows.iter().take_while(|row| !row.starts_with('─'));
    assert!(!scrollback.any(|row| row.contains("pasted")), "nothing was sent: {rows:#?}");
}

#[test]
fn every_way_out_restores_the_terminal() {
    let server = ServerProcess::start(None, &[]);
    for (name, signal) in [
        ("Ana", None),
        ("Bob", Some(Signal::TERM)),
        ("cyd", Some(Signal::HUP)),
        ("Dora", Some(Signal::INT)),
    ] {
        let mut ana = at(&server, name);
        ana.type_keys("a draft");
        ana.wait_for_text("a draft");
        match signal {
            Some(signal) => ana.signal(signal),
            None => ana.type_keys("<c-c>/quit<ret>"),
        }
        ana.wait_for_exit();
        ana.wait_for(&format!("a terminal as it was, after {signal:?}"), |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
    }
}

#[test]
fn a_stopped_client_gives_the_terminal_back_and_comes_again() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let port = server.address().port();
    let script = format!(
        "set -m; \"$HUBBUB\" -H 127.0.0.1 -p {port} -n Ana; echo 'the shell again'; read line; fg"
    );
    let terminal = TestTerminal::shell(&home, &script);
    terminal.wait_for_text(" live ");
    terminal.type_keys("a draft<c-z>");
    terminal.wait_for("the shell", |screen| {
        screen.contents().contains("the shell again") && !screen.alternate_screen()
    });
    terminal.type_keys("<ret>");
    terminal.wait_for("the client again", |screen| {
        screen.alternate_screen() && screen.contents().contains("> a draft")
    });
    terminal.wait_for_text(" live ");
}

#[test]
fn the_window_may_change_its_size_at_any_time() {
    let server = ServerProcess::start(None, &[]);
    let ana = at(&server, "Ana");
    ana.type_keys("a line that is here<ret>");
    for (columns, rows) in [(40, 10), (200, 60), (20, 5), (100, 24)] {
        ana.resize(columns, rows);
        ana.wait_for(&format!("{columns} × {rows}"), |screen| {
            let last = screen.rows(0, columns).last().unwrap_or_default();
            last.contains("live") && screen.contents().contains("here")
        });
    }
}

/// `hubbub -n NAME` at this hub, once it is live.
pub(crate) fn at(server: &ServerProcess, name: &str) -> TestTerminal {
    let home = Home::of("somebody");
    let port = server.address().port().to_string();
    let terminal = TestTerminal::hubbub(&home, &["-H", "127.0.0.1", "-p", &port, "-n", name]);
    terminal.wait_for_text(" live ");
    terminal
}

/// Has somebody else say `line 1` and so on.
fn talk(server: &ServerProcess, lines: u32) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut talker = TestClient::guest(server.address(), "Talker").await;
        talker.join("lobby").await;
        for number in 1..=lines {
            talker.say_acked("lobby", &format!("line {number}")).await;
        }
        talker.close().await;
    });
}

/// The texts `line N` on the screen, in their order.
fn lines_said(rows: &[String]) -> Vec<String> {
    rows.iter()
        .filter_map(|row| row.split_once("line "))
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|digits| !digits.is_empty())
        .map(|digits| format!("line {digits}"))
        .collect()
}
