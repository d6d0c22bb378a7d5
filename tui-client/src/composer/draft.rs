//! A text buffer of many lines with a cursor that is always between two graphemes. PURE.

use std::{borrow::Cow, ops::Range};

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

use super::undo::{Change, How, Patch, Undo};
use crate::safe_text::{self, first_grapheme};

/// Longest draft in bytes: 64 messages. A larger paste is refused as a whole.
pub const DRAFT_BYTES_MAX: usize = 256 * 1024;

/// Text being written, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    text: String,
    cursor: usize,
    /// The column that ↑ and ↓ try to keep.
    goal: Option<usize>,
    /// Its rows, as far as they are laid out.
    laid: Laid,
    /// What was done to it.
    pub(super) undo: Undo,
}

/// The rows of a draft in so many cells. They follow from its text, so they make no difference
/// between two drafts.
#[derive(Clone, Debug, Default)]
struct Laid(Option<(usize, Vec<Range<usize>>)>);

impl PartialEq for Laid {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Laid {}

impl Draft {
    /// This text, with the cursor at its end.
    pub fn of(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, ..Self::default() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor is, as an offset in bytes; always between two graphemes.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The rows that the text takes in `width` cells, as ranges of bytes without line breaks.
    /// Each leaves a cell free, so that the cursor has its place behind the last grapheme.
    pub fn rows(&self, width: usize) -> Cow<'_, [Range<usize>]> {
        match &self.laid.0 {
            Some((laid, rows)) if *laid == width => rows.into(),
            _ => fresh_rows(&self.text, width).into(),
        }
    }

    /// Lays out the rows in `width` cells, unless they are: each key asks for them many times.
    pub(crate) fn lay_out(&mut self, width: usize) {
        if self.laid.0.as_ref().is_none_or(|(laid, _)| *laid != width) {
            self.laid.0 = Some((width, fresh_rows(&self.text, width)));
        }
    }

    /// The row and the column of the cursor, in `width` cells.
    pub fn cursor_cell(&self, width: usize) -> (usize, usize) {
        let rows = self.rows(width);
        let row = self.cursor_row(&rows);
        let column = self.text.get(rows[row].start..self.cursor).map_or(0, text_cells);
        (row, column)
    }

    fn cursor_row(&self, rows: &[Range<usize>]) -> usize {
        rows.partition_point(|row| row.start <= self.cursor).saturating_sub(1)
    }

    /// Whether nothing is written, and nothing was.
    pub(crate) fn is_untouched(&self) -> bool {
        self.text.is_empty() && self.undo.is_empty()
    }

    /// Exchanges all of the text; that can be undone.
    pub(crate) fn set_at_once(&mut self, text: &str) {
        self.replace(0..self.text.len(), text);
    }

    /// Shows another line in place of the text: any number in a row are undone as one.
    pub(crate) fn set(&mut self, text: &str) {
        self.splice(0..self.text.len(), text, How::Recalled);
    }

    /// Takes the text out; that can be undone.
    pub(crate) fn clear(&mut self) -> String {
        self.cut(0..self.text.len())
    }

    /// Takes the text out for good: nothing of it can be had again by undoing.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(self).text
    }

    /// Takes the last step back; `false` where there is none.
    pub(crate) fn undo(&mut self) -> bool {
        let patch = self.undo.back();
        self.apply(patch)
    }

    /// Does again what was undone last; `false` where nothing was.
    pub(crate) fn redo(&mut self) -> bool {
        let patch = self.undo.forth();
        self.apply(patch)
    }

    /// Puts `text` at the cursor. Refuses, changing nothing, what makes the draft too long.
    pub(crate) fn insert(&mut self, text: &str) -> bool {
        if self.text.len() + text.len() > DRAFT_BYTES_MAX {
            return false;
        }
        let is_typed = text.chars().nth(1).is_none();
        let how = if is_typed { How::Typed } else { How::AtOnce };
        self.splice(self.cursor..self.cursor, text, how);
        true
    }

    /// Replaces the text of `range` and leaves the cursor behind it.
    pub(crate) fn replace(&mut self, range: Range<usize>, with: &str) {
        self.splice(range, with, How::AtOnce);
    }

    pub(crate) fn left(&mut self) {
        self.move_to(self.before(self.cursor));
    }

    pub(crate) fn right(&mut self) {
        self.move_to(self.after(self.cursor));
    }

    pub(crate) fn word_left(&mut self) {
        self.move_to(self.word_start());
    }

    pub(crate) fn word_right(&mut self) {
        self.move_to(self.word_end());
    }

    pub(crate) fn line_start(&mut self) {
        self.move_to(self.line().start);
    }

    pub(crate) fn line_end(&mut self) {
        self.move_to(self.line().end);
    }

    /// One row up, in `width` cells; `false` in the first one.
    pub(crate) fn up(&mut self, width: usize) -> bool {
        let (row, _) = self.cursor_cell(width);
        row.checked_sub(1).is_some_and(|above| self.go_to_row(above, width))
    }

    /// One row down, in `width` cells; `false` in the last one.
    pub(crate) fn down(&mut self, width: usize) -> bool {
        let (row, _) = self.cursor_cell(width);
        self.go_to_row(row + 1, width)
    }

    /// Before the grapheme that has this cell of this row, in `width` cells; to the end of the row
    /// or of the text where there is none.
    pub(crate) fn go_to(&mut self, row: usize, column: usize, width: usize) {
        let last = self.rows(width).len() - 1;
        self.goal = Some(column);
        self.go_to_row(row.min(last), width);
        self.goal = None;
    }

    pub(crate) fn backspace(&mut self) {
        self.splice(self.before(self.cursor)..self.cursor, "", How::Erased);
    }

    pub(crate) fn delete(&mut self) {
        self.splice(self.cursor..self.after(self.cursor), "", How::Erased);
    }

    /// Cuts to the end of the line, or the line break if the cursor is there.
    pub(crate) fn kill_to_line_end(&mut self) -> String {
        let end = self.line().end;
        let end = if end == self.cursor { self.after(self.cursor) } else { end };
        self.cut(self.cursor..end)
    }

    pub(crate) fn kill_to_line_start(&mut self) -> String {
        self.cut(self.line().start..self.cursor)
    }

    /// Cuts back to a blank, as Ctrl+W does.
    pub(crate) fn kill_blank_word(&mut self) -> String {
        let before = &self.text[..self.cursor];
        let start = before
            .trim_end()
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
        self.cut(self.boundary_at_or_before(start)..self.cursor)
    }

    pub(crate) fn kill_word_left(&mut self) -> String {
        self.cut(self.word_start()..self.cursor)
    }

    pub(crate) fn kill_word_right(&mut self) -> String {
        self.cut(self.cursor..self.word_end())
    }

    /// Exchanges the graphemes before and after the cursor; at a line's end the two before it.
    pub(crate) fn transpose(&mut self) {
        let line = self.line();
        let middle = if self.cursor == line.end { self.before(self.cursor) } else { self.cursor };
        if middle <= line.start || middle >= line.end {
            return;
        }
        let (start, end) = (self.before(middle), self.after(middle));
        let exchanged = format!("{}{}", &self.text[middle..end], &self.text[start..middle]);
        self.replace(start..end, &exchanged);
    }

    /// The line of the cursor, between line breaks.
    fn line(&self) -> Range<usize> {
        let start = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
        let end =
            self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at);
        start..end
    }

    fn go_to_row(&mut self, row: usize, width: usize) -> bool {
        let rows = self.rows(width);
        let Some(range) = rows.get(row).cloned() else {
            return false;
        };
        let goal = self.goal.unwrap_or_else(|| self.cursor_cell(width).1);
        let wraps = rows.get(row + 1).is_some_and(|next| next.start == range.end);
        let (mut at, mut column) = (range.start, 0);
        for grapheme in self.text[range.clone()].graphemes(true) {
            let is_last_of_wrapped = wraps && at + grapheme.len() == range.end;
            column += cells(grapheme);
            if column > goal || is_last_of_wrapped {
                break;
            }
            at += grapheme.len();
        }
        self.move_to(at);
        self.goal = Some(goal);
        true
    }

    fn cut(&mut self, range: Range<usize>) -> String {
        self.splice(range, "", How::AtOnce)
    }

    /// Every change of the text: what was there before.
    fn splice(&mut self, range: Range<usize>, with: &str, how: How) -> String {
        let (at, cursor) = (range.start, self.cursor);
        let removed = self.text[range.clone()].to_owned();
        self.text.replace_range(range, with);
        self.laid = Laid::default();
        self.move_to(at + with.len());
        let (inserted, taken) = (with.to_owned(), removed.clone());
        self.undo.record(Change { at, removed: taken, inserted, cursor }, how);
        removed
    }

    fn apply(&mut self, patch: Option<Patch>) -> bool {
        let Some(Patch { range, with, cursor }) = patch else { return false };
        self.text.replace_range(range, &with);
        self.laid = Laid::default();
        self.move_to(cursor);
        true
    }

    /// Moves the cursor to `at`, or to the next place between two graphemes.
    fn move_to(&mut self, at: usize) {
        self.cursor = at.min(self.text.len());
        self.goal = None;
        while !self.is_boundary(self.cursor) {
            self.cursor += 1;
        }
    }

    fn is_boundary(&self, at: usize) -> bool {
        self.text.is_char_boundary(at)
            && GraphemeCursor::new(at, self.text.len(), true)
                .is_boundary(&self.text, 0)
                .unwrap_or(true)
    }

    fn boundary_at_or_before(&self, at: usize) -> usize {
        if self.is_boundary(at) { at } else { self.before(at) }
    }

    fn before(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    fn after(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }

    fn word_start(&self) -> usize {
        let mut in_word = false;
        let mut start = self.cursor;
        for (at, grapheme) in self.text[..self.cursor].grapheme_indices(true).rev() {
            if !is_word(grapheme) && in_word {
                break;
            }
            in_word |= is_word(grapheme);
            start = at;
        }
        self.boundary_at_or_before(start)
    }

    fn word_end(&self) -> usize {
        let mut in_word = false;
        for (at, grapheme) in self.text[self.cursor..].grapheme_indices(true) {
            if !is_word(grapheme) && in_word {
                return self.cursor + at;
            }
            in_word |= is_word(grapheme);
        }
        self.text.len()
    }
}

fn fresh_rows(text: &str, width: usize) -> Vec<Range<usize>> {
    let room = width.saturating_sub(1).max(1);
    let (mut rows, mut start, mut used, mut at) = (Vec::new(), 0, 0, 0);
    while let Some(grapheme) = first_grapheme(&text[at..]) {
        let next = at + grapheme.len();
        let cells = cells(grapheme);
        if is_break(grapheme) {
            rows.push(start..at);
            (start, used) = (next, 0);
        } else if used + cells > room && used > 0 {
            rows.push(start..at);
            (start, used) = (at, cells);
        } else {
            used += cells;
        }
        at = next;
    }
    rows.push(start..text.len());
    rows
}

/// Cells that a grapheme takes on the screen. Most are plain letters, and drafts can be long.
fn cells(grapheme: &str) -> usize {
    match grapheme.as_bytes() {
        [b' '..=b'~'] => 1,
        _ => safe_text::cells(grapheme),
    }
}

fn text_cells(text: &str) -> usize {
    text.graphemes(true).map(cells).sum()
}

fn is_break(grapheme: &str) -> bool {
    grapheme.ends_with('\n')
}

fn is_word(grapheme: &str) -> bool {
    grapheme.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
