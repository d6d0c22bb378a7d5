//! Frames as a terminal emulator understands them, cell by cell.

mod wrapping;

use std::sync::Arc;

use proptest::prelude::*;
use ratatui::style::{Color, Modifier, Style};
use vt100::Parser;

use super::*;
use crate::{
    event::Size,
    hyperlink::hyperlinks,
    safe_text::SafeText,
    view::{layout::Area, put_styled},
};

const SIZE: Size = Size { columns: 20, rows: 6 };
/// What terminals draw in more, or fewer, cells than we think, the emulator among them.
const DISPUTED: [&str; 8] = ["👩‍👩‍👧‍👦", "❤️", "1️⃣", "🇪🇸", "👍🏽", "क्षि", "❤️‍🔥", "🏳️‍🌈"];

/// A painter and the terminal that it paints.
struct Painted {
    painter: Painter,
    parser: Parser,
}

impl Painted {
    fn new() -> Self {
        let (rows, columns) = (SIZE.rows.try_into(), SIZE.columns.try_into());
        let parser = Parser::new(rows.unwrap(), columns.unwrap(), 0);
        let ability = Ability { scrolls: true, osc: true };
        Self { painter: Painter::new(ability), parser }
    }

    /// A terminal that shows this.
    fn showing(canvas: &Canvas) -> Self {
        let mut painted = Self::new();
        painted.show(canvas);
        painted
    }

    /// Shows it, and says by what bytes.
    fn show(&mut self, canvas: &Canvas) -> String {
        let bytes = self.painter.paint(|next| next.clone_from(canvas));
        // Standard output would write a line, and then the rest.
        assert!(!bytes.contains(&b'\n'), "one frame would be two writes");
        self.parser.process(&bytes);
        String::from_utf8(bytes).unwrap()
    }

    /// The cells in which the terminal is not as it should be.
    fn wrong(&self, canvas: &Canvas) -> Vec<String> {
        let mut wrong = Vec::new();
        for row in 0..SIZE.rows {
            let cells = canvas.row(row);
            let mut at = 0;
            while at < cells.len() {
                let glyph = cells[at].symbol();
                if !DISPUTED.contains(&glyph) {
                    wrong.extend(self.difference(&cells[at], at as u16, row));
                }
                at += usize::from(width(&cells[at]));
            }
        }
        let cursor = (!self.parser.screen().hide_cursor()).then(|| {
            let (row, column) = self.parser.screen().cursor_position();
            (column, row)
        });
        if cursor != canvas.cursor() {
            wrong.push(format!("the cursor is at {cursor:?}, not {:?}", canvas.cursor()));
        }
        wrong
    }

    fn difference(&self, cell: &Cell, column: u16, row: u16) -> Option<String> {
        let shown = self.parser.screen().cell(row, column).unwrap();
        let symbol = if shown.has_contents() { shown.contents() } else { " " };
        let mut seen = Cell::EMPTY;
        seen.set_symbol(symbol).set_fg(colour(shown.fgcolor())).set_bg(colour(shown.bgcolor()));
        for (is_set, modifier) in [
            (shown.bold(), Modifier::BOLD),
            (shown.dim(), Modifier::DIM),
            (shown.underline(), Modifier::UNDERLINED),
            (shown.inverse(), Modifier::REVERSED),
        ] {
            seen.modifier.set(modifier, is_set);
        }
        let is_right = seen.symbol() == cell.symbol() && Look::of(&seen) == Look::of(cell);
        (!is_right).then(|| format!("{column},{row}: {seen:?}, not {cell:?}"))
    }
}

/// The emulator says 0 to 15 as ratatui's `Indexed`.
fn colour(colour: vt100::Color) -> Color {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(index) => {
            NAMED.get(usize::from(index)).copied().unwrap_or(Color::Indexed(index))
        }
        vt100::Color::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

fn text(canvas: &mut Canvas, column: u16, row: u16, words: &str, style: Style) {
    let size = canvas.size();
    let area = Area { columns: size.columns, rows: size.rows, ..Area::default() };
    put_styled(canvas, area, column, row, &SafeText::line(words), style);
}

/// A canvas with these rows, the cursor in the corner.
fn canvas(rows: &[&str]) -> Canvas {
    let mut canvas = Canvas::new(SIZE);
    for (row, words) in (0..).zip(rows) {
        text(&mut canvas, 0, row, words, Style::new());
    }
    canvas.set_cursor(0, 0);
    canvas
}

/// What is written to get from one to the other, without what is around a frame.
fn step(from: &Canvas, to: &Canvas) -> String {
    let mut painted = Painted::showing(from);
    let bytes = painted.show(to);
    assert_eq!(painted.wrong(to), [""; 0]);
    let inner = bytes.strip_prefix(BEGIN).and_then(|bytes| bytes.strip_suffix(END));
    inner.map(str::to_owned).unwrap_or(bytes)
}

#[test]
fn a_frame_that_is_shown_already_is_no_bytes() {
    let mut painted = Painted::showing(&canvas(&["日本 hi", "👩‍👩‍👧‍👦"]));
    assert_eq!(painted.show(&canvas(&["日本 hi", "👩‍👩‍👧‍👦"])), "");
}

#[test]
fn a_letter_costs_that_letter_and_where_it_stands() {
    let (before, mut after) = (canvas(&["> dra"]), canvas(&["> draf"]));
    after.set_cursor(6, 0);
    let mut painted = Painted::showing(&before);
    assert_eq!(painted.show(&after), "\x1b[?2026h\x1b[1;6Hf\x1b[?2026l");
}

#[test]
fn a_move_of_the_cursor_is_only_that() {
    let mut moved = canvas(&["draft"]);
    moved.set_cursor(3, 0);
    let mut painted = Painted::showing(&canvas(&["draft"]));
    assert_eq!(painted.show(&moved), "\x1b[1;4H");
}

#[test]
fn the_cursor_is_hidden_and_shown_once() {
    let mut painted = Painted::new();
    let hidden = Canvas::new(SIZE);
    assert!(painted.show(&hidden).contains(HIDE_CURSOR));
    assert_eq!(painted.show(&hidden), "");
    assert_eq!(painted.show(&canvas(&[])), "\x1b[1;1H\x1b[?25h");
    assert_eq!(painted.show(&hidden), HIDE_CURSOR);
}

#[test]
fn the_empty_end_of_a_row_is_erased() {
    let written = step(&canvas(&["one two three"]), &canvas(&["one"]));
    assert_eq!(written, "\x1b[1;5H\x1b[K\x1b[1G");
}

#[test]
fn after_what_is_not_certain_the_cursor_is_put_where_we_think_it_is() {
    let written = step(&canvas(&[]), &canvas(&["日e\u{301}x"]));
    assert_eq!(written, "\x1b[1;1H日\x1b[3Ge\u{301}\x1b[4Gx\x1b[1G");
}

#[test]
fn the_cells_of_a_wide_glyph_are_empty_before_it_comes() {
    let written = step(&canvas(&["abcd"]), &canvas(&["a❤️d"]));
    assert_eq!(written, "\x1b[1;2H  \x1b[2G❤️\x1b[4Gd\x1b[1G");
}

#[test]
fn what_a_terminal_draws_in_more_cells_harms_nothing_else() {
    for cluster in DISPUTED {
        let (before, after) = (canvas(&["0123456789abcdef"]), {
            let mut after = canvas(&["0123456789abcdef"]);
            text(&mut after, 2, 0, cluster, Style::new());
            after
        });
        step(&before, &after);
        step(&after, &before);
    }
}

#[test]
fn a_frame_of_another_size_and_one_after_forgetting_are_written_whole() {
    let shown = canvas(&["some text"]);
    let mut painted = Painted::showing(&shown);
    painted.parser.process(b"\x1b[3;4r\x1b[2;2Hgarbage");
    painted.painter.forget();
    let bytes = painted.show(&shown);
    assert!(bytes.starts_with(&format!("{BEGIN}{KNOWN_STATE}")), "{bytes:?}");
    assert_eq!(painted.wrong(&shown), [""; 0]);
    let bytes = painted.painter.paint(|next| next.reset(Size { columns: 19, rows: 6 }));
    assert_eq!(bytes.windows(3).filter(|bytes| *bytes == b"\x1b[K").count(), 6);
}

#[test]
fn a_link_is_one_link_in_all_its_rows_and_ends_with_them() {
    let (_, link) = hyperlinks("https://a.example/x", 1).remove(0);
    let id = format!("{:x}", link.id());
    let link = Arc::new(link);
    let area = Area { columns: SIZE.columns, rows: SIZE.rows, ..Area::default() };
    let mut linked = canvas(&["see https://a.exam", "ple/x now"]);
    linked.link(area, 4..18, 0, &link);
    linked.link(area, 0..5, 1, &link);
    let written = step(&canvas(&[]), &linked);
    let (open, close) = (format!("\x1b]8;id={id};https://a.example/x\x1b\\"), "\x1b]8;;\x1b\\");
    assert_eq!(
        written,
        format!("\x1b[1;1Hsee\x1b[5G{open}https://a.exam\x1b[2;1Hple/x\x1b[7G{close}now\x1b[1;1H")
    );
    assert_eq!(step(&linked, &linked), "");
    let unlinked = canvas(&["see https://a.exam", "ple/x now"]);
    assert_eq!(step(&linked, &unlinked), "\x1b[1;5Hhttps://a.exam\x1b[2;1Hple/x\x1b[1;1H");
}

#[test]
fn the_window_is_named_when_its_name_changes_and_only_where_there_is_one() {
    let mut named = canvas(&[]);
    named.set_title(SafeText::line("(1) lobby\u{7} · hubbub"));
    let mut painted = Painted::showing(&canvas(&[]));
    assert_eq!(painted.show(&named), "\x1b]2;(1) lobby<U+0007> · hubbub\x07");
    assert_eq!(painted.show(&named), "");
    painted.painter.forget();
    painted.painter.ability.osc = false;
    assert!(!painted.show(&named).contains("\x1b]"));
}

#[test]
fn what_a_part_that_is_made_wider_covered_is_written_again() {
    for cluster in ["❤️‍🔥", "🏳️‍🌈"] {
        let mut painted = Painted::showing(&canvas(&["👩|11"]));
        let next = canvas(&[&format!("{cluster}|15")]);
        painted.show(&next);
        assert_eq!(painted.wrong(&next), [""; 0], "{cluster}");
    }
}

/// Something to draw: where, what, how.
type Stroke = (u16, u16, String, Style);

fn any_style() -> impl Strategy<Value = Style> {
    let colour = prop_oneof![
        3 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => Just(Color::LightCyan),
        1 => Just(Color::Indexed(100)),
    ];
    let modifier = prop_oneof![
        3 => Just(Modifier::empty()),
        1 => Just(Modifier::BOLD),
        1 => Just(Modifier::DIM),
        1 => Just(Modifier::UNDERLINED),
        1 => Just(Modifier::REVERSED | Modifier::BOLD),
    ];
    (colour.clone(), colour, modifier)
        .prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
}

fn any_words() -> impl Strategy<Value = String> {
    let agreed =
        ["a", "b", "é", "я", " ", "  ", "日", "語", "e\u{301}", "שלום", "م", "─", "│", "👩", "…"];
    let glyph = prop::sample::select([agreed.as_slice(), &DISPUTED].concat());
    prop::collection::vec(glyph, 0..8).prop_map(|glyphs| glyphs.concat())
}

fn any_stroke() -> impl Strategy<Value = Stroke> {
    (0..SIZE.columns, 0..SIZE.rows, any_words(), any_style())
}

/// What terminals that wrap would break over the right edge is not drawn there: the emulator is
/// one.
fn draw(canvas: &mut Canvas, (column, row, words, style): &Stroke) {
    let is_disputed = DISPUTED.iter().any(|cluster| words.contains(cluster));
    let place = usize::from(SIZE.columns - column);
    let place = if is_disputed { place.saturating_sub(8) } else { place };
    let safe = SafeText::line(words).clipped(place);
    text(canvas, *column, *row, safe.as_str(), *style);
}

/// A canvas with these strokes.
fn drawn(strokes: &[Stroke], cursor: Option<(u16, u16)>) -> Canvas {
    let mut canvas = Canvas::new(SIZE);
    for stroke in strokes {
        draw(&mut canvas, stroke);
    }
    if let Some((column, row)) = cursor {
        canvas.set_cursor(column, row);
    }
    canvas
}

fn any_canvas() -> impl Strategy<Value = Canvas> {
    let strokes = prop::collection::vec(any_stroke(), 0..12);
    let cursor = prop::option::of((0..SIZE.columns, 0..SIZE.rows));
    (strokes, cursor).prop_map(|(strokes, cursor)| drawn(&strokes, cursor))
}

/// Frames of which each is the one before it, moved, with something new.
fn any_scrolls() -> impl Strategy<Value = Vec<Canvas>> {
    let area = (0..3u16, 0..3u16, 0..4u16, 12..17u16).prop_map(|(top, bottom, x, columns)| Area {
        x,
        y: top / 2,
        columns,
        rows: SIZE.rows - top / 2 - bottom / 2,
    });
    let next = (-3..4i16, prop::collection::vec(any_stroke(), 0..3));
    let rows = prop::collection::vec("[a-z 日]{10,20}", usize::from(SIZE.rows));
    (rows, area, prop::collection::vec(next, 1..6)).prop_map(|(rows, area, moves)| {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut frames = vec![canvas(&rows)];
        for (up, strokes) in moves {
            let mut next = frames[frames.len() - 1].clone();
            next.set_scrolls(area);
            next.scroll(area.y..area.y + area.rows, up);
            for stroke in &strokes {
                draw(&mut next, stroke);
            }
            frames.push(next);
        }
        frames
    })
}

#[test]
fn a_line_that_comes_in_below_costs_about_that_line() {
    let rows = ["14:02 Bob abcdefghi", "13:10 Ana jklmnopqr", "11:54 cyd stuvwxyzab", "09:05 Eve"];
    let (mut before, mut after) =
        (canvas(&rows), canvas(&[rows[1], rows[2], rows[3], "14:06 new!"]));
    let area = Area { columns: SIZE.columns, rows: 4, ..Area::default() };
    before.set_scrolls(area);
    after.set_scrolls(area);
    let written = step(&before, &after);
    assert_eq!(written, "\x1b[1;4r\x1b[1;1H\x1b[1M\x1b[r\x1b[4;1H14:06\x1b[7Gnew!\x1b[1;1H");
    let back = step(&after, &before);
    assert!(back.starts_with("\x1b[1;4r\x1b[1;1H\x1b[1L\x1b[r\x1b[1;1H14:02"), "{back:?}");
}

#[test]
fn a_terminal_that_cannot_move_rows_is_not_asked_to() {
    let mut painted = Painted::new();
    painted.painter.ability.scrolls = false;
    let rows = ["abcdefghijklmnopq", "bcdefghijklmnopqrs", "cdefghijklmnopqrst", "defg"];
    for rows in [rows, [rows[1], rows[2], rows[3], "new"]] {
        let mut frame = canvas(&rows);
        frame.set_scrolls(Area { columns: SIZE.columns, rows: 4, ..Area::default() });
        assert!(!painted.show(&frame).contains("\x1b[1;4r"));
        assert_eq!(painted.wrong(&frame), [""; 0]);
    }
}

#[test]
fn rows_that_did_not_move_are_not_moved() {
    let (mut before, mut after) = (canvas(&["some text that is here"; 5]), canvas(&["other"; 5]));
    let area = Area { columns: SIZE.columns, rows: 5, ..Area::default() };
    before.set_scrolls(area);
    after.set_scrolls(area);
    assert!(!step(&before, &after).contains("\x1b[r"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn after_any_frames_each_cell_is_as_drawn(frames in prop::collection::vec(any_canvas(), 1..6)) {
        let mut painted = Painted::new();
        for frame in &frames {
            painted.show(frame);
            prop_assert_eq!(painted.wrong(frame), [""; 0]);
            prop_assert_eq!(painted.show(frame), "");
        }
    }

    #[test]
    fn after_any_scrolls_each_cell_is_as_drawn(frames in any_scrolls()) {
        let mut painted = Painted::new();
        for frame in &frames {
            painted.show(frame);
            prop_assert_eq!(painted.wrong(frame), [""; 0]);
            prop_assert_eq!(painted.show(frame), "");
        }
    }
}
