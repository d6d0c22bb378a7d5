//! Frames as bytes: what differs between the frame that is shown and the next one. PURE.
//!
//! Terminals agree about the cells of ASCII and of most letters, and about little else. So after
//! everything that is not [certain](is_certain) the cursor is put where the next cell is, by the
//! number of its column, what stands in that cell is written again, and the cells that the
//! cluster should take are blank before it comes: whatever a terminal thinks of its width, the
//! rest of the row is as it should be.
//!
//! Where rows have only moved the terminal moves them itself, if that leaves less to be written.

use std::ops::Range;

use ratatui::buffer::{Cell, CellWidth as _};
use unicode_width::UnicodeWidthChar;

use super::{
    osc,
    pen::{Look, Palette, Pen},
    scroll::{self, Scroll},
};
use crate::view::Canvas;

/// Terminals that know these show a frame only when it is whole; others ignore them.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
const SHOW_CURSOR: &str = "\x1b[?25h";
const HIDE_CURSOR: &str = "\x1b[?25l";
/// What may have been changed from outside: no margins, origin at the top, no wrapping at the
/// right edge, nothing is inserted, letters are letters, and they look like nothing special.
const KNOWN_STATE: &str = "\x1b[r\x1b[?6l\x1b[?7l\x1b[4l\x1b(B\x0f\x1b[m";

/// What the terminal can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ability {
    /// Which colours it gets.
    pub(super) palette: Palette,
    /// Whether it moves rows within margins.
    pub(super) scrolls: bool,
    /// Whether its window has a title.
    pub(super) titles: bool,
}

/// Knows what the terminal shows, and writes what is to change.
#[derive(Debug)]
pub(super) struct Painter {
    ability: Ability,
    /// What the terminal shows, if that is known.
    shown: Option<Canvas>,
    /// What is drawn next, kept for its memory.
    next: Canvas,
}

/// A glyph on its way to the screen.
struct Glyph<'a> {
    symbol: &'a str,
    cells: u16,
    look: Look,
}

impl Painter {
    /// A painter before its first frame.
    pub(super) fn new(ability: Ability) -> Self {
        Self { ability, shown: None, next: Canvas::default() }
    }

    /// The next frame is written as a whole, whatever is there.
    pub(super) fn forget(&mut self) {
        self.shown = None;
    }

    /// The bytes of the frame that `view` draws: all of it, to be written at once. None if
    /// nothing changes, the cursor included.
    pub(super) fn paint(&mut self, view: impl FnOnce(&mut Canvas)) -> Vec<u8> {
        let mut next = std::mem::take(&mut self.next);
        view(&mut next);
        let mut shown = self.shown.take().filter(|shown| shown.size() == next.size());
        let scrolling = shown.as_mut().filter(|_| self.ability.scrolls);
        let scroll = scrolling.and_then(|shown| scroll::apply(shown, &next));
        let sheet = Sheet { palette: self.ability.palette, shown: shown.as_ref(), next: &next };
        let mut bytes = sheet.frame(scroll.as_ref());
        if self.ability.titles && shown.as_ref().map(Canvas::title) != Some(next.title()) {
            bytes.extend(osc::title(next.title()).into_bytes());
        }
        self.next = shown.unwrap_or_default();
        self.shown = Some(next);
        bytes
    }
}

/// One frame and the one before it.
struct Sheet<'a> {
    palette: Palette,
    shown: Option<&'a Canvas>,
    next: &'a Canvas,
}

impl Sheet<'_> {
    fn frame(&self, scroll: Option<&Scroll>) -> Vec<u8> {
        let mut pen = Pen::default();
        if let Some(scroll) = scroll {
            pen.lose(&scroll.sequence());
        }
        if self.shown.is_none() {
            pen.lose(KNOWN_STATE);
        }
        for row in 0..self.next.size().rows {
            self.row(row, &mut pen);
        }
        let has_drawn = !pen.is_idle();
        self.cursor(has_drawn, &mut pen);
        let text = pen.into_text();
        let around = if has_drawn { [BEGIN, END] } else { ["", ""] };
        [around[0], &text, around[1]].concat().into_bytes()
    }

    fn cursor(&self, has_drawn: bool, pen: &mut Pen) {
        let before = self.shown.map(Canvas::cursor);
        let cursor = self.next.cursor();
        if let Some((column, row)) = cursor
            && (has_drawn || before != Some(cursor))
        {
            pen.go_to(column, row);
        }
        match (before, cursor) {
            (Some(Some(_)), Some(_)) | (Some(None), None) => {}
            (_, Some(_)) => pen.command(SHOW_CURSOR),
            (_, None) => pen.command(HIDE_CURSOR),
        }
    }

    fn row(&self, row: u16, pen: &mut Pen) {
        let cells = self.next.row(row);
        let shown = self.shown.map(|shown| shown.row(row));
        let mut blank_from = None;
        // Up to here what the terminal shows has suffered from what was written before it.
        let mut suffered = 0;
        let mut at = 0;
        while at < cells.len() {
            let glyph = self.glyph(cells, at);
            let end = at + usize::from(glyph.cells);
            let changes = at < suffered || !self.is_shown(shown, cells, at..end);
            if changes {
                let blank_from = *blank_from.get_or_insert_with(|| self.blank_from(cells));
                pen.go_to(at as u16, row);
                if at >= blank_from {
                    pen.erase_to_the_end();
                    return;
                }
                let is_clean = at >= suffered && self.is_blank(shown, at..end, glyph.look);
                write(&glyph, (at, row), end == cells.len(), is_clean, pen);
                let past = shown.map_or(end, |shown| past(shown, at..end));
                suffered = suffered.max(past).max(end + spill(&glyph));
            }
            at = end;
        }
    }

    /// What begins in a cell. Half a glyph, which there never is, would be a space.
    fn glyph<'a>(&self, cells: &'a [Cell], at: usize) -> Glyph<'a> {
        let cell = &cells[at];
        let look = Look::of(cell, self.palette);
        let cells_of = width(cell);
        if at + usize::from(cells_of) > cells.len() {
            return Glyph { symbol: " ", cells: 1, look };
        }
        Glyph { symbol: cell.symbol(), cells: cells_of, look }
    }

    /// Whether the terminal shows just this.
    fn is_shown(&self, shown: Option<&[Cell]>, cells: &[Cell], range: Range<usize>) -> bool {
        let Some(shown) = shown else { return false };
        range.into_iter().all(|at| {
            let (shown, cell) = (&shown[at], &cells[at]);
            let looks = || Look::of(shown, self.palette) == Look::of(cell, self.palette);
            shown == cell || (shown.symbol() == cell.symbol() && looks())
        })
    }

    /// Whether the terminal shows nothing but spaces there that look like this.
    fn is_blank(&self, shown: Option<&[Cell]>, range: Range<usize>, look: Look) -> bool {
        let look = look.of_a_space();
        let is_so = |cell: &Cell| cell.symbol() == " " && Look::of(cell, self.palette) == look;
        shown.is_some_and(|shown| shown[range].iter().all(is_so))
    }

    /// From here on a row is empty, to its end.
    fn blank_from(&self, cells: &[Cell]) -> usize {
        let (mut at, mut end) = (0, 0);
        while at < cells.len() {
            let glyph = self.glyph(cells, at);
            at += usize::from(glyph.cells);
            if glyph.symbol != " " || glyph.look != Look::default() {
                end = at;
            }
        }
        end
    }
}

/// Writes a glyph at the cursor. `is_last`: its end is the right edge. `is_clean`: there are
/// spaces that look like it.
fn write(glyph: &Glyph<'_>, at: (usize, u16), is_last: bool, is_clean: bool, pen: &mut Pen) {
    let (column, row) = (at.0 as u16, at.1);
    pen.take(glyph.look);
    if glyph.cells > 1 && !is_clean {
        pen.put(&" ".repeat(usize::from(glyph.cells)), glyph.cells, is_last);
        pen.go_to(column, row);
    }
    pen.put(glyph.symbol, glyph.cells, is_last);
    if !is_last && !is_certain(glyph.symbol) {
        pen.fence(column + glyph.cells, row);
    }
}

/// The end of the last glyph that is shown in these cells: it may end behind them.
fn past(shown: &[Cell], range: Range<usize>) -> usize {
    range.map(|at| at + usize::from(width(&shown[at]))).max().unwrap_or(0)
}

/// How many cells behind it a glyph may have taken: some terminals draw the parts of a cluster
/// one after the other.
fn spill(glyph: &Glyph<'_>) -> usize {
    if is_certain(glyph.symbol) {
        return 0;
    }
    let parts: usize = glyph.symbol.chars().filter_map(UnicodeWidthChar::width).sum();
    parts.saturating_sub(usize::from(glyph.cells)).max(1)
}

fn width(cell: &Cell) -> u16 {
    match cell.symbol().as_bytes() {
        [_] => 1,
        _ => cell.cell_width().max(1),
    }
}

/// Whether every terminal gives this one cell: a letter or sign of a script that is written in
/// single cells, and that no terminal takes for an emoji (as `©`), a mark or half of something.
fn is_certain(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return false };
    matches!(c,
        ' '..='~' | '\u{A1}'..='\u{A8}' | '\u{AA}'..='\u{AC}' | '\u{AF}'..='\u{24F}'
        | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}')
}

#[cfg(test)]
mod tests;
