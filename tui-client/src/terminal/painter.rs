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

use ratatui::buffer::Cell;
use unicode_width::UnicodeWidthChar;

use super::{
    osc,
    pen::{Look, Pen},
    scroll::{self, Scroll},
};
use crate::{hyperlink::Hyperlink, safe_text::cells_of, view::Canvas};

/// Terminals that know these show a frame only when it is whole; others ignore them.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
const SHOW_CURSOR: &str = "\x1b[?25h";
const HIDE_CURSOR: &str = "\x1b[?25l";
/// From here on the terminal goes to the next row by itself, or no longer.
const WRAP: &str = "\x1b[?7h";
const NO_WRAP: &str = "\x1b[?7l";
/// What may have been changed from outside: no margins, origin at the top, no wrapping at the
/// right edge, nothing is inserted, letters are letters, and they look like nothing special.
const KNOWN_STATE: &str = "\x1b[r\x1b[?6l\x1b[?7l\x1b[4l\x1b(B\x0f\x1b[m";

/// What the terminal can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ability {
    /// Whether it moves rows within margins.
    pub(super) scrolls: bool,
    /// Whether it takes what has no place in cells: titles, links.
    pub(super) osc: bool,
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
    link: Option<&'a Hyperlink>,
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
        let sheet = Sheet { ability: self.ability, shown: shown.as_ref(), next: &next };
        let mut bytes = sheet.frame(scroll.as_ref());
        if self.ability.osc && shown.as_ref().map(Canvas::title) != Some(next.title()) {
            bytes.extend(osc::title(next.title()).into_bytes());
        }
        self.next = shown.unwrap_or_default();
        self.shown = Some(next);
        bytes
    }
}

/// One frame and the one before it.
struct Sheet<'a> {
    ability: Ability,
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
        let mut row = 0;
        while row < self.next.size().rows {
            row = self.line(row, &mut pen);
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

    /// Draws a row, with those in which its line goes on. The row after them.
    fn line(&self, first: u16, pen: &mut Pen) -> u16 {
        let mut end = first + 1;
        while self.next.goes_on(end - 1) && end < self.next.size().rows {
            end += 1;
        }
        if end == first + 1 {
            self.row(first, pen);
        } else if !(first..end).all(|row| self.is_row_shown(row)) {
            self.wrapped(first..end, pen);
        }
        end
    }

    /// Whether the terminal shows just this row, and knows whether its line goes on.
    fn is_row_shown(&self, row: u16) -> bool {
        let goes_on = self.shown.is_some_and(|shown| shown.goes_on(row));
        goes_on == self.next.goes_on(row) && self.is_shown(0..self.next.row(row).len(), row)
    }

    /// Draws a line of several rows, each full but the last: the terminal itself goes from one to
    /// the next, and so knows that they are one. It wraps there and nowhere else: what it thinks to
    /// be wider than we do must not be continued in the next row.
    fn wrapped(&self, rows: Range<u16>, pen: &mut Pen) {
        let mut wraps = false;
        for row in rows {
            let columns = self.next.row(row).len();
            // Also a space at the edge is of the line.
            let written = if self.next.goes_on(row) { columns } else { self.blank_from(row) };
            let mut at = 0;
            while at < written {
                let glyph = self.glyph(at, row);
                let end = at + usize::from(glyph.cells);
                let is_edge = end == columns && self.next.goes_on(row) && is_certain(glyph.symbol);
                pen.go_to(at as u16, row);
                if is_edge && !wraps {
                    pen.command(WRAP);
                }
                write(&glyph, (at, row), end == columns, false, pen);
                if wraps && !is_edge {
                    pen.command(NO_WRAP);
                }
                (wraps, at) = (is_edge, end);
            }
            if wraps {
                pen.wraps_to(row + 1);
            } else if at < columns {
                pen.go_to(at as u16, row);
                pen.erase_to_the_end();
            }
        }
    }

    fn row(&self, row: u16, pen: &mut Pen) {
        let columns = self.next.row(row).len();
        let mut blank_from = None;
        // Up to here what the terminal shows has suffered from what was written before it.
        let mut suffered = 0;
        let mut at = 0;
        while at < columns {
            let glyph = self.glyph(at, row);
            let end = at + usize::from(glyph.cells);
            if at < suffered || !self.is_shown(at..end, row) {
                let blank_from = *blank_from.get_or_insert_with(|| self.blank_from(row));
                pen.go_to(at as u16, row);
                if at >= blank_from {
                    pen.erase_to_the_end();
                    return;
                }
                let is_clean = at >= suffered && self.is_blank(at..end, row, glyph.look);
                write(&glyph, (at, row), end == columns, is_clean, pen);
                suffered = suffered.max(self.past(at..end, row)).max(end + spill(&glyph));
            }
            at = end;
        }
    }

    /// What begins in a cell. Half a glyph, which there never is, would be a space.
    fn glyph(&self, at: usize, row: u16) -> Glyph<'_> {
        let cells = self.next.row(row);
        let look = Look::of(&cells[at]);
        let (symbol, width) = (cells[at].symbol(), width(&cells[at]));
        if at + usize::from(width) > cells.len() {
            return Glyph { symbol: " ", cells: 1, look, link: None };
        }
        let link = self.next.link_at(at, row).filter(|_| self.ability.osc);
        Glyph { symbol, cells: width, look, link }
    }

    /// Whether the terminal shows just this.
    fn is_shown(&self, range: Range<usize>, row: u16) -> bool {
        let Some(shown) = self.shown else { return false };
        range.into_iter().all(|at| {
            let (before, after) = (&shown.row(row)[at], &self.next.row(row)[at]);
            let is_same = before == after
                || (before.symbol() == after.symbol() && Look::of(before) == Look::of(after));
            is_same && shown.link_at(at, row) == self.next.link_at(at, row)
        })
    }

    /// Whether the terminal shows nothing but spaces there that look like this.
    fn is_blank(&self, range: Range<usize>, row: u16, look: Look) -> bool {
        let look = look.of_a_space();
        let is_so = |cell: &Cell| cell.symbol() == " " && Look::of(cell) == look;
        self.shown.is_some_and(|shown| shown.row(row)[range].iter().all(is_so))
    }

    /// The end of the last glyph that is shown in these cells: it may end behind them.
    fn past(&self, range: Range<usize>, row: u16) -> usize {
        let Some(shown) = self.shown else { return range.end };
        let ends = range.map(|at| at + usize::from(width(&shown.row(row)[at])));
        ends.max().unwrap_or(0)
    }

    /// From here on a row is empty, to its end.
    fn blank_from(&self, row: u16) -> usize {
        let (mut at, mut end) = (0, 0);
        while at < self.next.row(row).len() {
            let glyph = self.glyph(at, row);
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
    pen.link(glyph.link);
    if glyph.symbol == " " {
        pen.take_for_a_space(glyph.look);
    } else {
        pen.take(glyph.look);
    }
    if glyph.cells > 1 && !is_clean {
        pen.put(&" ".repeat(usize::from(glyph.cells)), glyph.cells, is_last);
        pen.go_to(column, row);
    }
    pen.put(glyph.symbol, glyph.cells, is_last);
    if !is_last && !is_certain(glyph.symbol) {
        pen.fence(column + glyph.cells, row);
    }
}

/// How many cells behind it a glyph may have taken: some terminals draw the parts of a cluster
/// one after the other, and some of those make a part that is to be a picture (VS16) wider.
fn spill(glyph: &Glyph<'_>) -> usize {
    if is_certain(glyph.symbol) {
        return 0;
    }
    let part = |c| if c == '\u{FE0F}' { 1 } else { UnicodeWidthChar::width(c).unwrap_or(0) };
    let parts: usize = glyph.symbol.chars().map(part).sum();
    parts.saturating_sub(usize::from(glyph.cells)).max(1)
}

fn width(cell: &Cell) -> u16 {
    match cell.symbol().as_bytes() {
        [_] => 1,
        _ => cells_of(cell.symbol()).max(1) as u16,
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
