//! The terminal is as it was after every way out, with the real screen in a pseudo-terminal. (Quit,
//! signals and Ctrl+Z: `terminal`, `mouse`.)

use std::env;

use rustix::process::Signal;
use tests::{Home, ServerProcess, TestTerminal};
use tui_client::terminal::Screen;
use vt100::MouseProtocolMode;

/// Set in the process that panics.
const INSIDE: &str = "HUBBUB_TEST_PANICS";
const TOLD: &str = "told on the terminal as it was";

#[test]
fn a_panic_is_told_on_the_terminal_as_it_was() {
    if env::var_os(INSIDE).is_some() {
        let mut screen = Screen::set_up().expect("a terminal");
        screen.set_mouse(true).expect("a terminal");
        panic!("{TOLD}");
    }
    let home = Home::of("ana");
    let this = env::current_exe().expect("own path");
    let name = "restoring::a_panic_is_told_on_the_terminal_as_it_was";
    let script = format!("{INSIDE}=1 exec '{}' --exact {name} --nocapture", this.display());
    let mut terminal = TestTerminal::shell(&home, &script);
    terminal.wait_for_exit();
    let written = terminal.recorded_text();
    let set_up = written.find("\x1b[?1049h").expect("the screen was there");
    let put_back = written.find("\x1b[?1049l").expect("the screen is gone");
    let told = written.find(TOLD).expect("the panic is told");
    assert!(set_up < put_back && put_back < told, "{written:?}");
    terminal.wait_for("a terminal as it was", is_as_it_was);
}

#[test]
fn an_editor_gets_the_terminal_as_it_was_and_gives_it_back() {
    let server = ServerProcess::start(None, &[]);
    let home = Home::of("ana");
    let port = server.address().port();
    let run = format!("\"$HUBBUB\" -H 127.0.0.1 -p {port} -n Ana");
    let editor = "echo 'the editor'; read line; true";
    let script = format!("exec env EDITOR=\"sh -c \\\"{editor}\\\"\" {run}");
    let terminal = TestTerminal::shell(&home, &script);
    terminal.wait_for_text(" live ");
    terminal.type_keys("a draft<c-x><c-e>");
    terminal.wait_for_text("the editor");
    terminal.wait_for("a terminal as it was", is_as_it_was);
    terminal.type_keys("<ret>");
    terminal.wait_for("the screen again", |screen| {
        let has_mouse = screen.mouse_protocol_mode() != MouseProtocolMode::None;
        screen.alternate_screen() && screen.bracketed_paste() && has_mouse
    });
    terminal.signal(Signal::TERM);
    terminal.wait_for("a terminal as it was", is_as_it_was);
}

fn is_as_it_was(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen()
        && !screen.hide_cursor()
        && !screen.bracketed_paste()
        && screen.mouse_protocol_mode() == MouseProtocolMode::None
}
