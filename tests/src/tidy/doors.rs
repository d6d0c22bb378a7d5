//! `SafeText` is the only door of the client through which text reaches a terminal: no source
//! takes another way there, but for the few files that are named here, each with its reason.

/// Ways to a terminal, and the only files that may take them.
struct Door {
    ways: &'static [&'static str],
    /// Whether a way is looked for in string literals, too.
    is_text: bool,
    allowed: &'static [&'static str],
}

const DOORS: [Door; 3] = [
    Door {
        ways: &[
            "set_symbol",
            "set_char",
            "set_string",
            "set_stringn",
            "set_line",
            "set_span",
            "set_cell",
            "Cell::new",
            "Span::",
            "Paragraph",
            "Widget",
            "widgets::",
            "text::Line",
            "text::Span",
            "text::Text",
            "ratatui::text",
        ],
        is_text: false,
        allowed: &[
            // Its `put` takes nothing but `SafeText`, and is how `view` draws.
            "tui-client/src/view/canvas.rs",
        ],
    },
    Door {
        ways: &[
            "print!",
            "println!",
            "eprint!",
            "eprintln!",
            "dbg!",
            "stdout",
            "stderr",
            "queue!",
            "execute!",
        ],
        is_text: false,
        allowed: &[
            // Writes frames, which the painter has made of cells, and what `osc` encodes.
            "tui-client/src/terminal.rs",
            // Asks the terminal for its colours, in words that never change.
            "tui-client/src/terminal/probe.rs",
            // Starts a browser, which is to write nowhere.
            "tui-client/src/browser.rs",
            // Lines outside the screen, each made safe there.
            "tui-client/src/say.rs",
            // The hidden hub: one line to the client that started it, and its log, in a file.
            "tui-client/src/main.rs",
            // Starts that hub: the other ends of both.
            "tui-client/src/host.rs",
        ],
    },
    Door {
        ways: &[r"\x1b", r"\x1B", r"\u{1b}", r"\u{1B}", r"\x07", r"\x9b", r"\x9B", "\u{1b}"],
        is_text: true,
        allowed: &[
            // What a terminal is told is said there, and no words are in it but safe ones.
            "tui-client/src/terminal.rs",
            "tui-client/src/terminal/",
        ],
    },
];

/// Other ways to the terminal in the part of a file that is no test: `text` as it stands, and
/// `code` without what is in comments and literals.
pub(super) fn look(path: &str, text: &str, code: &str, found: &mut Vec<String>) {
    let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
    if !path.starts_with("tui-client/src/") || is_test {
        return;
    }
    let is_in = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    for door in DOORS.iter().filter(|door| !is_in(door.allowed)) {
        let searched = if door.is_text { text } else { code };
        for (number, line) in searched.lines().enumerate() {
            for way in door.ways.iter().filter(|way| takes(line, way)) {
                let way = way.escape_debug();
                found.push(format!("{path}:{}: {way}; only SafeText is shown", number + 1));
            }
        }
    }
}

/// Whether a line takes a way. To ask whether a stream is a terminal is none.
fn takes(line: &str, way: &str) -> bool {
    let line = line.replace("stdout().is_terminal()", "");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(way).any(|(at, _)| {
        let goes_on = way.ends_with(is_word) && line[at + way.len()..].starts_with(is_word);
        let comes_from = way.starts_with(is_word) && line[..at].ends_with(is_word);
        !goes_on && !comes_from
    })
}

#[cfg(test)]
mod tests {
    use crate::tidy::problems;

    fn count(path: &str, code: &str) -> usize {
        problems(path, &format!("//! What it is for.\n{code}\n")).len()
    }

    #[track_caller]
    fn is_a_way(code: &str, allowed: &str) {
        assert_eq!(count("tui-client/src/view/rows.rs", code), 1, "{code}");
        assert_eq!(count("tui-client/src/view/tests/rows.rs", code), 0, "{code}");
        assert_eq!(count(allowed, code), 0, "{code}");
    }

    #[test]
    fn text_becomes_cells_in_one_place() {
        for code in [
            "cell.set_symbol(name);",
            "cell.set_char(c);",
            "buffer.set_string(0, 0, name, style);",
            "buffer.set_stringn(0, 0, name, 3, style);",
            "let name = Span::raw(name);",
            "let p = Paragraph::new(name);",
            "let line = ratatui::text::Line::from(name);",
        ] {
            assert!(count("tui-client/src/view/rows.rs", code) >= 1, "{code}");
            assert_eq!(count("tui-client/src/view/canvas.rs", code), 0, "{code}");
        }
        assert_eq!(count("tui-client/src/view/rows.rs", "use crate::safe_text::{SafeText};"), 0);
        assert_eq!(count("tui-client/src/room/unread.rs", "let line = Line::Shown;"), 0);
    }

    #[test]
    fn streams_are_written_to_in_few_files() {
        for code in [
            "println!(\"{name}\");",
            "print!(\"{name}\");",
            "eprintln!(\"{name}\");",
            "write!(io::stdout(), \"{name}\")?;",
            "let mut err = io::stderr().lock();",
        ] {
            is_a_way(code, "tui-client/src/say.rs");
            assert_eq!(count("server/src/main.rs", code), 0);
        }
        assert_eq!(count("tui-client/src/join.rs", "let is = io::stdout().is_terminal();"), 0);
        assert_eq!(count("tui-client/src/a.rs", "// println! says nothing here."), 0);
    }

    #[test]
    fn escape_sequences_are_said_by_the_terminal_alone() {
        for code in [r#"let red = "\x1b[31m";"#, r"let esc = '\u{1b}';", r#"ring("\x07");"#] {
            is_a_way(code, "tui-client/src/terminal/pen.rs");
        }
        let test = "#[cfg(test)]\nmod tests {\n    const ESC: char = '\\u{1b}';\n}";
        assert_eq!(count("tui-client/src/a.rs", test), 0);
    }
}
