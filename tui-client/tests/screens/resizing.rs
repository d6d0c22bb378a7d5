//! Another size of the terminal, again and again.

use tui_client::view::{Canvas, view};

use super::screen::Screen;

/// How many messages there are, and how many of them one has scrolled up at least.
const MESSAGES: u64 = 900;

/// A room full of messages of any length, in many scripts, each of whose rows says which it is.
fn full_room(columns: u16, rows: u16) -> Screen {
    let words = ["日本語です", "👩‍👩‍👧‍👦", "e\u{301}te\u{301}", "plain", "שלום", "wonderful"];
    let mut screen = Screen::live(columns, rows);
    for seq in 1..=MESSAGES {
        let count = seq % 23;
        let tagged = (0..=count).map(|at| format!("m{seq} {}", words[((seq + at) % 6) as usize]));
        let text = tagged.collect::<Vec<_>>().join(" ");
        screen.says("lobby", seq, ["Bob", "cyd"][(seq / 3 % 2) as usize], &text);
    }
    screen
}

/// Which message the first row that shows one is of.
fn first_visible(screen: &Screen) -> Option<u64> {
    let shown = screen.shown();
    let tag = |word: &str| word.strip_prefix('m')?.parse().ok();
    shown.lines().skip(1).find_map(|line| line.split_whitespace().find_map(tag))
}

#[test]
fn after_a_hundred_sizes_one_reads_what_one_did_and_no_stray_cell_is_left() {
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..4 {
        let mut screen = full_room(80, 24);
        (0..40 + round).for_each(|_| screen.keys("<PageUp>"));
        let before = screen.shown();
        let reads = first_visible(&screen).expect("a message");
        assert!(reads < MESSAGES - 150, "there is enough below for every size");
        let mut kept = Canvas::default();
        for step in 0..25 {
            let (columns, rows) = (random.u16(20..=300), random.u16(5..=100));
            screen.resize(columns, rows);
            assert_eq!(first_visible(&screen), Some(reads), "{step}: {columns}x{rows}");
            view(&screen.state, &mut kept);
            let cells = (0..rows).flat_map(|row| kept.row(row));
            let cells: Vec<String> = cells.map(|cell| cell.symbol().to_owned()).collect();
            assert_eq!(cells, screen.cells(), "{step}: {columns}x{rows}");
        }
        screen.resize(80, 24);
        assert_eq!(screen.shown(), before, "not even within a message it creeps");
    }
}
