//! Writing a draft in the user's own editor, with the real `hubbub` in a terminal.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use rustix::process::Signal;
use tests::{Home, ServerProcess, TestTerminal};

/// `hubbub`, with this shell script as the editor.
fn with_editor(server: &ServerProcess, name: &str, script: &str) -> (Home, TestTerminal) {
    let home = Home::of("somebody");
    let editor = home.path().join("my editor");
    fs::write(&editor, format!("#!/bin/sh\n{script}\n")).expect("write the editor");
    fs::set_permissions(&editor, PermissionsExt::from_mode(0o755)).expect("make it a program");
    let variable = format!("EDITOR='\"{}\"'", editor.display());
    let terminal = start(&home, server, name, &variable);
    (home, terminal)
}

fn start(home: &Home, server: &ServerProcess, name: &str, variable: &str) -> TestTerminal {
    let port = server.address().port();
    let terminal = TestTerminal::shell(
        home,
        &format!("exec env {variable} \"$HUBBUB\" -H 127.0.0.1 -p {port} -n {name}"),
    );
    terminal.wait_for_text(" live ");
    terminal
}

/// The files with drafts.
fn drafts(home: &Home) -> Vec<PathBuf> {
    let state = home.path().join(".local/state/hubbub");
    let Ok(entries) = fs::read_dir(state) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

#[test]
fn the_editor_has_the_terminal_and_what_it_leaves_is_the_draft() {
    let server = ServerProcess::start(None, &[]);
    let script = r#"stat -c 'mode %a of %n' "$1"; cat "$1"; echo 'what next?'; read line
        printf '%s\n' "$line" >> "$1""#;
    let (home, terminal) = with_editor(&server, "Ana", script);
    terminal.type_keys("first line");
    terminal.wait_for_text("> first line");
    terminal.type_keys("<c-x>");
    terminal.wait_for_text("Ctrl+X: Ctrl+U undo");
    terminal.type_keys("<c-e>");
    let rows = terminal.wait_for_text("what next?");
    assert!(rows.iter().any(|row| row.starts_with("mode 600 of ")), "{rows:?}");
    assert!(rows.iter().any(|row| row == "first line"), "{rows:?}");
    assert!(!rows.iter().any(|row| row.contains(" live ")), "the screen is the editor's");
    terminal.type_keys("second line<ret>");
    terminal.wait_for_text("  second line");
    terminal.wait_for_text("> first line");
    assert_eq!(drafts(&home), Vec::<PathBuf>::new());

    terminal.type_keys(" here<ret>");
    terminal.wait_for_text("Ana         first line");
    terminal.wait_for_text("second line here");
}

#[test]
fn an_editor_that_is_not_there_or_fails_is_told_and_the_draft_stays() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("somebody");
    let terminal = start(&home, &server, "Bob", "EDITOR=ed VISUAL=no-such-editor");
    terminal.type_keys("kept<c-x><c-e>");
    terminal.wait_for_text("there is no no-such-editor; set EDITOR to the editor that you use");
    terminal.wait_for_text("> kept");
    drop(terminal);

    let (home, terminal) = with_editor(&server, "Ana", r#"echo changed > "$1"; exit 3"#);
    terminal.type_keys("<c-u>kept<c-x><c-e>");
    terminal.wait_for_text("see ~/.local/state/hubbub/draft-");
    terminal.wait_for_text("the editor failed: exit");
    terminal.wait_for_text("> kept");
    let [left] = &drafts(&home)[..] else { panic!("{:?}", drafts(&home)) };
    assert_eq!(fs::read_to_string(left).expect("the file"), "changed\n");
}

#[test]
fn a_draft_in_an_editor_survives_the_end_of_the_client() {
    let server = ServerProcess::start(None, &[]);
    for (signal, name) in [(Signal::KILL, "Ana"), (Signal::TERM, "Bob")] {
        let (home, mut terminal) = with_editor(&server, name, "echo editing; read line");
        terminal.type_keys("precious");
        terminal.wait_for_text("> precious");
        terminal.type_keys("<c-x><c-e>");
        terminal.wait_for_text("editing");
        terminal.signal(signal);
        assert!(!terminal.wait_for_exit().success());
        let again = start(&home, &server, name, "");
        again.wait_for_text("> precious");
    }
}

#[test]
fn ctrl_c_in_an_editor_is_the_editors() {
    let server = ServerProcess::start(None, &[]);
    let script = "trap 'echo caught; exit 1' INT; echo editing; while :; do read line; done";
    let (_home, terminal) = with_editor(&server, "Ana", script);
    terminal.type_keys("kept<c-x><c-e>");
    terminal.wait_for_text("editing");
    terminal.type_keys("<c-c>");
    terminal.wait_for_text("the editor failed: exit status: 1; the draft is as it was");
    terminal.wait_for_text("> kept");
}
