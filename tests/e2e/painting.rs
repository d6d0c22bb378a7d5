//! What goes out to the terminal: how much, when, and where it ends up on a screen.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use tests::{Home, ServerProcess, TestClient, TestTerminal};

/// What is around each frame.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

#[test]
fn who_does_nothing_gets_no_bytes_online_and_offline() {
    let mut server = ServerProcess::start(None, &[]);
    let ana = Seen::new(&server, "Ana");
    ana.type_letter("x");
    let before = ana.terminal.recorded().len();
    // The focus goes and comes back, the wheel turns at the newest line, and then a key.
    ana.terminal.type_keys("<esc>[O<esc>[I<esc>[<lt>65;9;9M");
    let frame = ana.type_letter("y");
    assert_eq!(text(&ana.terminal.recorded()[before..]), text(&frame), "only what the key did");

    server.kill();
    let back = TcpListener::bind(server.address()).expect("the hub's address");
    ana.terminal.wait_for_text("offline since");
    ana.type_letter("z");
    let before = ana.terminal.recorded().len();
    // Attempts to connect come and fail. The draft is kept meanwhile.
    for _ in 0..3 {
        drop(back.accept().expect("an attempt"));
    }
    let frame = ana.type_letter("!");
    assert_eq!(text(&ana.terminal.recorded()[before..]), text(&frame), "only what the key did");
}

#[test]
fn a_flood_is_drawn_at_most_sixty_times_a_second() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let ana = Seen::new(&server, "Ana");
    let before = ana.terminal.recorded().len();
    let begun = Instant::now();
    talk(&server, (1..=600).map(|number| format!("line {number}")));
    ana.terminal.wait_for_text("line 600");
    let took = begun.elapsed();
    let frames = count(&ana.terminal.recorded()[before..], BEGIN);
    let allowed = 60.0 * (took + Duration::from_millis(100)).as_secs_f64();
    assert!(frames as f64 <= allowed, "{frames} frames in {took:?}");
}

#[test]
fn bold_stays_without_colours() {
    let server = ServerProcess::start(None, &[]);
    talk(&server, ["hello".to_owned()]);
    let port = server.address().port();
    for (value, has_colours, name) in [("1", false, "Ana"), ("", true, "Bob")] {
        let home = Home::of("ana");
        let script = format!(
            "NO_COLOR={value} TERM=xterm exec \"$HUBBUB\" -H 127.0.0.1 -p {port} -n {name}"
        );
        let terminal = TestTerminal::shell(&home, &script);
        terminal.wait_for_text("Talker      hello");
        terminal.wait_for("a bold title", |screen| {
            screen.cell(0, 1).is_some_and(|cell| cell.contents() == "l" && cell.bold())
        });
        let coloured = |screen: &vt100::Screen| {
            let (rows, columns) = screen.size();
            let mut cells = (0..rows.get())
                .flat_map(|row| (0..columns.get()).filter_map(move |at| screen.cell(row, at)));
            cells.any(|cell| cell.fgcolor() != vt100::Color::Default)
        };
        terminal.wait_for("colours, or none", |screen| coloured(screen) == has_colours);
    }
}

#[test]
fn a_new_line_costs_about_that_line() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    talk(&server, (1..=60).map(|number| format!("line {number}, and what else there is to say")));
    for (name, columns) in [("Ana", 70), ("Bob", 80)] {
        let ana = Seen::sized(&server, name, columns);
        ana.terminal.wait_for_text("line 60");
        ana.type_letter("x");
        let before = ana.terminal.recorded().len();
        talk(&server, ["and one more line".to_owned()]);
        ana.terminal.wait_for_text("and one more line");
        ana.type_letter("y");
        let bytes = &ana.terminal.recorded()[before..];
        // Beside it: who came and went, the time, and the letter.
        assert!(bytes.len() < 600, "{} bytes: {}", bytes.len(), text(bytes));
        assert!(count(bytes, b"what else") == 0, "{}", text(bytes));
    }
}

#[test]
fn who_looks_elsewhere_is_told_by_the_terminal() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let ana = Seen::new(&server, "Ana").terminal;
    ana.wait_for_bytes("a title", |bytes| {
        count(bytes, "\x1b]2;lobby · hubbub\x07".as_bytes()) == 1
    });
    talk(&server, ["Ana: you look".to_owned()]);
    ana.wait_for_text("you look");
    ana.look_elsewhere();
    talk(&server, ["Ana: you do not".to_owned()]);
    let notice = b"\x07\x1b]9;hubbub: Talker in lobby: Ana: you do not\x1b\\";
    let bytes = ana.wait_for_bytes("a notice", |bytes| count(bytes, notice) == 1);
    assert_eq!(count(&bytes, b"\x1b]9;"), 1, "nothing while one looks");
    let title = "\x1b]2;(1) lobby · hubbub\x07".as_bytes();
    ana.wait_for_bytes("a count in the title", |bytes| count(bytes, title) == 1);
}

#[test]
fn a_link_that_is_wrapped_is_one_link_and_nothing_in_it_ends_it() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let address = "https://example.org/a/path/that/is/longer/than/a/row/is?with=";
    talk(&server, [format!("see {address}日;x and on")]);
    let ana = Seen::sized(&server, "Ana", 60).terminal;
    ana.wait_for_text("and on");
    let target = format!("{address}%E6%97%A5;x");
    let bytes =
        ana.wait_for_bytes("the end of a link", |bytes| count(bytes, b"\x1b]8;;\x1b\\") > 0);
    let said = text(&bytes);
    let ids: Vec<&str> = said
        .split("\x1b]8;id=")
        .skip(1)
        .map(|rest| {
            let (id, rest) = rest.split_once(';').expect("an id");
            let (to, _) = rest.split_once("\x1b\\").expect("an end");
            assert_eq!(to, target);
            id
        })
        .collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_size_that_comes_back_at_once_is_drawn_whole() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    talk(&server, (1..=9).map(|number| format!("line {number}")));
    let ana = Seen::new(&server, "Ana").terminal;
    ana.wait_for_text("line 9");
    for _ in 0..5 {
        ana.resize(30, 6);
        ana.resize(80, 24);
        ana.wait_for("all of it again", |screen| {
            let rows: Vec<String> = screen.rows(0, 80).collect();
            let lines = rows.iter().filter(|row| row.contains("line ")).count();
            lines == 9 && rows[0].contains("here") && rows[23].contains("/help")
        });
    }
}

/// Where texts begin beside time and author.
const TEXT_COLUMN: u16 = 18;
/// Clusters, and how many cells the client gives each. The emulator, like many terminals, gives
/// the joined ones others.
const CLUSTERS: [(&str, u16); 12] = [
    ("日", 2),
    ("語", 2),
    ("e\u{301}", 1),
    ("ש", 1),
    ("م", 1),
    ("я", 1),
    ("👩", 2),
    ("❤️", 2),
    ("👍🏽", 2),
    ("🇪🇸", 2),
    ("👩‍👩‍👧‍👦", 2),
    ("क्षि", 3),
];

#[test]
fn what_stands_after_any_cluster_stands_where_it_should() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    talk(&server, CLUSTERS.map(|(cluster, _)| format!("{cluster}{cluster}|end")));
    let ana = Seen::new(&server, "Ana").terminal;
    let check = |why: &str| {
        ana.wait_for(why, |screen| {
            let ends: Vec<u16> = (0..24).filter_map(|row| end_in(screen, row)).collect();
            ends == CLUSTERS.map(|(_, cells)| TEXT_COLUMN + 2 * cells)
        });
    };
    check("each end in its column");
    ana.type_keys("/help<ret>");
    ana.wait_for_text("Esc closes");
    ana.type_keys("<esc>");
    check("each end in its column after a panel was over it");
    ana.type_keys("<c-l>");
    check("each end in its column after a repaint");
}

/// The column in which `|end` stands in a row.
fn end_in(screen: &vt100::Screen, row: u16) -> Option<u16> {
    let is = |column: u16, c: &str| screen.cell(row, column).is_some_and(|it| it.contents() == c);
    (0..76).find(|at| (*at..).zip(["|", "e", "n", "d"]).all(|(column, c)| is(column, c)))
}

/// `hubbub` at a hub, live, and what is in its composer.
struct Seen {
    terminal: TestTerminal,
}

impl Seen {
    fn new(server: &ServerProcess, name: &str) -> Self {
        Self::sized(server, name, 80)
    }

    fn sized(server: &ServerProcess, name: &str, columns: u16) -> Self {
        let home = Home::of("somebody");
        let port = server.address().port().to_string();
        let arguments = ["-H", "127.0.0.1", "-p", &port, "-n", name];
        let terminal = TestTerminal::hubbub_sized(&home, &arguments, columns, 24);
        terminal.wait_for_text(" live ");
        Self { terminal }
    }

    /// Types a letter, and returns the frame in which it came.
    fn type_letter(&self, letter: &str) -> Vec<u8> {
        let before = self.terminal.recorded().len();
        self.terminal.type_keys(letter);
        let frame = |bytes: &[u8]| {
            let all = &bytes[before..];
            let end = all.windows(END.len()).rposition(|part| part == END)? + END.len();
            let start = all.windows(BEGIN.len()).rposition(|part| part == BEGIN)?;
            let frame = all.get(start..end)?;
            frame.ends_with(&[letter.as_bytes(), END].concat()).then(|| frame.to_vec())
        };
        let bytes = self.terminal.wait_for_bytes("a letter", |bytes| frame(bytes).is_some());
        frame(&bytes).expect("it was there")
    }
}

fn talk(server: &ServerProcess, lines: impl IntoIterator<Item = String>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut talker = TestClient::guest(server.address(), "Talker").await;
        talker.join("lobby").await;
        for line in lines {
            talker.say_acked("lobby", &line).await;
        }
        talker.close().await;
    });
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).filter(|window| *window == part).count()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
