//! Texts about whose width terminals disagree, from a real client through a real hub to the
//! cells of a terminal that disagrees too: whatever stands beside and behind them stands where it
//! should.

use tests::{Home, ServerProcess, TestClient, TestTerminal};
use unicode_segmentation::UnicodeSegmentation as _;
use vt100::Screen;

/// How many cells, and a text that has them.
const CORPUS: &str = include_str!("corpus.txt");
/// What a frame that is written as a whole begins with: there are no margins.
const WHOLE: &str = "\x1b[r\x1b[?6l";
/// Rows of messages that any of the terminals shows.
const SHOWN: usize = 12;
/// How many columns a terminal has, and in which of them a text begins beside time and author.
const WIDTHS: [(u16, u16); 3] = [(80, 18), (40, 9), (20, 9)];

#[test]
fn what_stands_beside_any_text_stands_where_it_should_and_the_uncertain_is_fenced() {
    let server = ServerProcess::start(None, &["--rate", "0"]);
    let terminals = WIDTHS.map(|(columns, text)| {
        let home = Home::of("somebody");
        let port = server.address().port().to_string();
        let name = format!("Ana{columns}");
        let arguments = ["-H", "127.0.0.1", "-p", &port, "-n", &name];
        let terminal = TestTerminal::hubbub_sized(&home, &arguments, columns, 24);
        terminal.wait_for_text("live");
        (terminal, columns, text)
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // In turn, so that before each text there are time and author.
    let mut speakers = runtime.block_on(async {
        let mut speakers = [
            TestClient::guest(server.address(), "T").await,
            TestClient::guest(server.address(), "U").await,
        ];
        for speaker in &mut speakers {
            speaker.join("lobby").await;
        }
        speakers
    });
    let lines = lines();
    for page in lines.chunks(SHOWN) {
        runtime.block_on(async {
            for line in page {
                let text = format!("{}{}", line.text, line.end());
                speakers[line.number % 2].say_acked("lobby", &text).await;
            }
        });
        for (terminal, columns, text) in &terminals {
            let check = |when: &str| check(terminal, page, *text, *columns, when);
            check("as it came");
            terminal.type_keys("/help<ret>");
            terminal.wait_for_text(" Help · ");
            terminal.type_keys("<esc>");
            check("behind a panel");
            let before = terminal.recorded().len();
            terminal.type_keys("<c-l>");
            terminal.wait_for_bytes("a whole frame", |bytes| {
                String::from_utf8_lossy(&bytes[before..]).contains(WHOLE)
            });
            check("painted again");
        }
    }
    for (terminal, columns, _) in &terminals {
        let bytes = terminal.recorded_text();
        for cluster in lines.iter().flat_map(Line::uncertain) {
            check_fence(&bytes, cluster, *columns);
        }
    }
}

/// Waits until every text is as it should be, and says of the first one that is not why.
fn check(terminal: &TestTerminal, page: &[Line], text: u16, columns: u16, when: &str) {
    let problem =
        |screen: &Screen| page.iter().find_map(|line| line.problem(screen, text, columns));
    let is_right = terminal.comes_to(|screen| problem(screen).is_none());
    assert!(is_right, "{when}: {:?}\n{:#?}", terminal.look(problem), terminal.rows());
}

/// After every time that it was written the cursor was put into a column by its number, or into
/// another row.
fn check_fence(bytes: &str, cluster: &str, columns: u16) {
    let mut count = 0;
    for (at, _) in bytes.match_indices(cluster) {
        let rest = &bytes[at + cluster.len()..];
        // Where it is part of a longer one that one is fenced.
        let is_whole = rest.graphemes(true).next() == Some("\u{1b}");
        count += usize::from(is_whole);
        let sequence = rest.strip_prefix("\x1b[").unwrap_or_default();
        let end = sequence.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        let is_fence = end.starts_with(['G', 'H']);
        assert!(!is_whole || is_fence, "{cluster:?} at {columns}: {:?}", rest.get(..20));
    }
    assert!(count > 0, "{cluster:?} was not written at {columns} as one");
}

/// One of the corpus.
struct Line {
    number: usize,
    cells: u16,
    text: &'static str,
}

fn lines() -> Vec<Line> {
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#'));
    lines
        .enumerate()
        .map(|(number, line)| {
            let (cells, text) = line.split_once('\t').expect("cells and a text");
            Line { number, cells: cells.parse().expect("a number"), text }
        })
        .collect()
}

impl Line {
    /// What stands behind it, and behind nothing else.
    fn end(&self) -> String {
        format!("|{:02}", self.number)
    }

    /// What is not in its column: its end, the time before it, the line beside it.
    fn problem(&self, screen: &Screen, text: u16, columns: u16) -> Option<String> {
        let end = self.end();
        let place = |row| (0..columns).find(|column| shows(screen, row, *column, &end));
        let found = (0..24).find_map(|row| Some((row, place(row)?)));
        let wrong = |what: &str| Some(format!("{:?} at {columns}: {what}", self.text));
        let Some((row, column)) = found else { return wrong("it is not there") };
        if column != text + self.cells {
            return wrong(&format!("{} cells", i32::from(column) - i32::from(text)));
        }
        let digit = |column| screen.cell(row, column).and_then(|cell| cell.contents().parse().ok());
        let is_time = [0, 1, 3, 4].into_iter().filter_map(digit).filter(|it: &u8| *it < 10).count();
        if is_time < 4 || !shows(screen, row, 2, ":") {
            return wrong("no time before it");
        }
        let has_line = columns < 80 || shows(screen, row, 65, "│");
        if has_line { None } else { wrong("no line beside it") }
    }

    /// The clusters for which some terminals have other cells than we.
    fn uncertain(&self) -> impl Iterator<Item = &'static str> {
        self.text.graphemes(true).filter(|cluster| {
            let mut chars = cluster.chars();
            let is_letter = matches!((chars.next(), chars.next()), (Some(..'\u{530}'), None));
            !is_letter || *cluster == "©"
        })
    }
}

fn shows(screen: &Screen, row: u16, column: u16, text: &str) -> bool {
    (column..)
        .zip(text.chars())
        .all(|(at, c)| screen.cell(row, at).is_some_and(|cell| cell.contents() == c.to_string()))
}
