//! The rules that the sources keep, checked on text: who may import what, and how files look.
//!
//! Comments and string literals do not count for imports. Tests at the end of a file (from its
//! `#[cfg(test)]` on) may import what they like.

mod doors;

/// Most lines of a file.
const LINES_MAX: usize = 600;
/// Most characters of a line.
const LINE_CHARS_MAX: usize = 100;

/// What no pure file may name: it would wait, look at a clock, or throw dice.
const IMPURE: [&str; 14] = [
    "tokio",
    "net",
    "Instant",
    "SystemTime",
    "rand",
    "fastrand",
    "getrandom",
    "thread",
    "fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "rusqlite",
    "OsRng",
];
/// Pure files of the hub and of the client, by the beginning of their path.
const PURE: [&str; 51] = [
    "server/src/hub/",
    "server/src/dialect/lens",
    "server/src/dialect/lines",
    "server/src/dialect/talk",
    "server/src/control/order",
    "server/src/http/bearer",
    "server/src/http/posted",
    "server/src/ledger/apply",
    "server/src/ledger/certain",
    "server/src/ledger/changes",
    "server/src/ledger/retry",
    "server/src/ledger/authority",
    "server/src/ledger/powers",
    "server/src/ledger/tokens",
    "tui-client/src/update",
    "tui-client/src/timeline",
    "tui-client/src/command",
    "tui-client/src/composer",
    "tui-client/src/config",
    "tui-client/src/preferences",
    "tui-client/src/view",
    "tui-client/src/state",
    "tui-client/src/announcements",
    "tui-client/src/room",
    "tui-client/src/separator",
    "tui-client/src/outbox",
    "tui-client/src/keeping",
    "tui-client/src/hyperlink",
    "tui-client/src/notify",
    "tui-client/src/noticing",
    "tui-client/src/ignoring",
    "tui-client/src/mentions",
    "tui-client/src/pace",
    "tui-client/src/terminal/answers",
    "tui-client/src/terminal/osc",
    "tui-client/src/terminal/painter",
    "tui-client/src/terminal/pen",
    "tui-client/src/terminal/scroll",
    "tui-client/src/terminal/sieve",
    "tui-client/src/select",
    "tui-client/src/keymap",
    "tui-client/src/wrap",
    "tui-client/src/plain/lines",
    "tui-client/src/script/entering",
    "tui-client/src/script/lines",
    "tui-client/src/script/sending",
    "tui-client/src/script/tailing",
    "tui-client/src/markup",
    "tui-client/src/theme",
    "tui-client/src/safe_text",
    "protocol/src/",
];

/// One rule about names: where the names may be used, among the files that it is about.
struct NameRule {
    about: &'static [&'static str],
    names: &'static [&'static str],
    allowed: &'static [&'static str],
    why: &'static str,
}

const NAME_RULES: [NameRule; 4] = [
    NameRule { about: &PURE, names: &IMPURE, allowed: &[], why: "a pure file cannot name it" },
    NameRule {
        about: &["server/src/", "tui-client/src/", "protocol/src/"],
        names: &["tungstenite", "tokio_tungstenite"],
        allowed: &[
            "server/src/connection",
            "server/src/fanout",
            "server/src/dialect",
            "server/src/accept",
            "server/src/http",
            "tui-client/src/connection",
        ],
        why: "only connection, fanout, dialect and the handshake know WebSocket",
    },
    NameRule {
        about: &["server/src/", "tui-client/src/", "protocol/src/"],
        names: &["ratatui", "crossterm"],
        allowed: &[
            "tui-client/src/view",
            "tui-client/src/theme",
            "tui-client/src/terminal",
            "tui-client/src/app",
            // Compares its cells with ratatui's.
            "tui-client/src/safe_text/tests",
        ],
        why: "only view, theme and terminal know how a screen is drawn",
    },
    NameRule {
        about: &["server/", "protocol/"],
        names: &["tui_client"],
        allowed: &[],
        why: "imports run one way: protocol, then server and tui-client, then tests",
    },
];

/// The only files of the client that may know the hub's crate.
const HOSTS: [&str; 2] = ["tui-client/src/main.rs", "tui-client/src/host.rs"];

/// Everything that is wrong with the file `path` (from the top of the workspace), one line each.
pub fn problems(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    look(path, text, &mut found);
    let code = code_of(text);
    // Tests come last in a file; a file outside `src` is nothing but tests.
    let before_tests = |text| -> Option<&str> { str::split(text, "#[cfg(test)]\nmod ").next() };
    let product = before_tests(&code).unwrap_or_default();
    imports(path, product, &mut found);
    doors::look(path, before_tests(text).unwrap_or_default(), product, &mut found);
    waits(path, &code, product.len(), &mut found);
    found
}

/// Lines, length, header, leftovers.
fn look(path: &str, text: &str, found: &mut Vec<String>) {
    if !text.starts_with("//!") {
        found.push(format!("{path}:1: begins with //! and says what it is for"));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        found.push(format!("{path}: has {lines} lines, at most {LINES_MAX}; split it"));
    }
    for (number, line) in text.lines().enumerate() {
        if line.chars().count() > LINE_CHARS_MAX {
            found.push(format!("{path}:{}: longer than {LINE_CHARS_MAX}", number + 1));
        }
        // Put together here, so that this file passes its own rule.
        for mark in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")] {
            if words(line).any(|word| word == mark) {
                found.push(format!("{path}:{}: {mark}; do it or file it", number + 1));
            }
        }
    }
}

fn imports(path: &str, code: &str, found: &mut Vec<String>) {
    let is_in = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    for rule in NAME_RULES.iter().filter(|rule| is_in(rule.about) && !is_in(rule.allowed)) {
        for (number, line) in code.lines().enumerate() {
            for name in words(line).filter(|word| rule.names.contains(word)) {
                found.push(format!("{path}:{}: names {name}; {}", number + 1, rule.why));
            }
        }
    }
    if path.starts_with("tui-client/src/") && !HOSTS.contains(&path) {
        for (number, line) in code.lines().enumerate().filter(|(_, line)| names_hub(line)) {
            let line = line.trim();
            found.push(format!("{path}:{}: `{line}`; the hub is only for main", number + 1));
        }
    }
}

/// Whether a line uses the crate `server` (and not `protocol::server`).
fn names_hub(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    ["use server::", "use server;", "use ::server", "extern crate server"]
        .iter()
        .any(|start| line.starts_with(start))
        || ["run", "Config", "Storage", "ledger", "hub"]
            .iter()
            .any(|item| uses(line, &format!("server::{item}")))
}

/// Whether a path stands in a line as a whole: neither its end nor its beginning goes on.
fn uses(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !goes_on(before) && before != Some(':') && !goes_on(after)
    })
}

/// A test waits for conditions, not for time to pass.
fn waits(path: &str, code: &str, product: usize, found: &mut Vec<String>) {
    if path.starts_with("tests/bench/") {
        return; // Benchmarks measure time.
    }
    let is_test = path.starts_with("tests/") || !path.contains("/src/");
    let from = if is_test { 0 } else { product };
    let before = code[..from].lines().count();
    for (number, line) in code[from..].lines().enumerate() {
        if uses_call(line, "sleep") {
            let number = before + number + 1;
            found.push(format!("{path}:{number}: a test sleeps; wait for a condition"));
        }
    }
}

fn uses_call(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}("))
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The text with comments and the contents of string literals taken out, line by line as before.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string_end(rest),
            'r' if is_raw_string(rest, &code) => raw_string_end(rest),
            '\'' if rest[1..].starts_with('"') => 3,
            '\'' if rest[1..].starts_with("\\\"") => 4,
            other => {
                code.push(other);
                rest = &rest[other.len_utf8()..];
                continue;
            }
        };
        let taken = taken.min(rest.len());
        code.extend(rest[..taken].chars().filter(|c| *c == '\n'));
        rest = &rest[taken..];
    }
    code
}

fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_raw_string(text: &str, before: &str) -> bool {
    let starts = text[1..].trim_start_matches('#').starts_with('"');
    starts && !before.ends_with(|c: char| (c.is_alphanumeric() && c != 'b') || c == '_')
}

fn raw_string_end(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let start = 1 + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    text[start..].find(&end).map_or(text.len(), |at| start + at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "//! What it is for.\n";

    fn with(code: &str) -> String {
        format!("{HEADER}{code}\n")
    }

    #[track_caller]
    fn red(path: &str, code: &str) {
        assert_eq!(problems(path, &with(code)).len(), 1, "{:?}", problems(path, &with(code)));
    }

    #[track_caller]
    fn green(path: &str, code: &str) {
        assert_eq!(problems(path, &with(code)), [""; 0]);
    }

    #[test]
    fn a_file_says_what_it_is_for() {
        assert_eq!(problems("server/src/x.rs", "fn main() {}\n").len(), 1);
        green("server/src/x.rs", "fn main() {}");
    }

    #[test]
    fn lines_and_files_have_a_length() {
        green("server/src/x.rs", &format!("// {}", "ä".repeat(97)));
        red("server/src/x.rs", &format!("// {}", "ä".repeat(98)));
        red("server/src/x.rs", &"\n".repeat(600));
    }

    #[test]
    fn nothing_is_left_over() {
        red("server/src/x.rs", concat!("// TO", "DO: later"));
        red("server/src/x.rs", concat!("let x = 1; // FIX", "ME"));
    }

    #[test]
    fn pure_files_name_no_clock_socket_thread_or_dice() {
        for code in [
            "use tokio::sync::mpsc;",
            "use std::{net::IpAddr, fmt};",
            "let now = std::time::Instant::now();",
            "use std::time::{Duration, SystemTime};",
            "let dice = fastrand::u64(..);",
            "std::thread::yield_now();",
        ] {
            red("server/src/hub/state.rs", code);
            red("tui-client/src/update/keys.rs", code);
            green("server/src/hub.rs", code);
            green("tui-client/src/app.rs", code);
        }
        green("server/src/hub/state.rs", "/// Not tokio's.\nuse std::time::Duration; // Instant");
        green("server/src/hub/state.rs", "let text = \"an Instant of tokio\";");
        green("server/src/hub/state.rs", "#[cfg(test)]\nmod tests {\n    use fastrand::Rng;\n}");
    }

    #[test]
    fn only_the_wire_knows_websocket() {
        red("server/src/hub.rs", "use tokio_tungstenite::WebSocketStream;");
        red("tui-client/src/app.rs", "let m = tungstenite::Message::Ping(x);");
        green("server/src/fanout/shard.rs", "use tokio_tungstenite::WebSocketStream;");
        green("tui-client/src/connection.rs", "use tokio_tungstenite::WebSocketStream;");
    }

    #[test]
    fn only_the_view_knows_the_screen() {
        red("tui-client/src/update.rs", "use crossterm::event::KeyEvent;");
        red("tui-client/src/connection.rs", "use ratatui::layout::Rect;");
        green("tui-client/src/view/layout.rs", "use ratatui::layout::Rect;");
        green("tui-client/src/terminal.rs", "use crossterm::event::KeyEvent;");
    }

    #[test]
    fn hub_and_client_do_not_know_each_other() {
        red("server/src/lib.rs", "use tui_client::update;");
        red("tui-client/src/update.rs", "use server::Config;");
        red("tui-client/src/update.rs", "let config = server::Config::new(storage);");
        green("tui-client/src/update.rs", "use protocol::{Seq, server::Joined};");
        green("tui-client/src/update.rs", "let x: protocol::server::Welcome = y;");
        green("tui-client/src/main.rs", "server::run(listeners, config, shutdown)");
    }

    #[test]
    fn tests_do_not_sleep() {
        red("tests/e2e/chat.rs", "tokio::time::sleep(Duration::from_secs(1)).await;");
        red("server/tests/cli.rs", "sleep(second);");
        red("server/src/a.rs", "#[cfg(test)]\nmod tests {\n    fn f() { thread::sleep(s); }\n}");
        green("tui-client/src/connection.rs", "sleep(delay).await;");
        green("tests/bench/memory.rs", "sleep(settle).await;");
        green("tests/e2e/chat.rs", "// No sleep(here).\nno_sleep(there);");
    }

    #[test]
    fn literals_and_comments_are_no_code() {
        let text = "a(\"x // y\", r#\"z \" z\"#, '\"', b\"\\\"\"); // c\nb /* d\n */ e";
        assert_eq!(code_of(text), "a(, , , b); \nb \n e");
    }
}
