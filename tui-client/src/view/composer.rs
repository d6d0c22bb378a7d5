//! What is being written, with the label of what is asked.

use std::{borrow::Cow, ops::Range};

use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    canvas::{Canvas, clear, put},
    layout::Area,
};
use crate::{
    event::At,
    safe_text::SafeText,
    state::{Field, State},
    theme,
    wrap::wrap,
};

/// Cells before the draft: `> `.
const LABEL: u16 = 2;

/// The rows of the composer, before it is known how many of them there is place for.
pub(super) struct Lines<'a> {
    /// How many.
    pub(super) rows: usize,
    kind: Kind<'a>,
}

enum Kind<'a> {
    /// A draft of any length below a short label: row by row as ranges of its bytes.
    Draft(Cow<'a, [Range<usize>]>),
    /// A question, its answer behind or below it; and the cursor.
    Question(Vec<SafeText>, (usize, usize)),
}

pub(super) fn lines(state: &State) -> Lines<'_> {
    let field = state.field();
    let label = SafeText::line(&field.label);
    if label.cells() > usize::from(LABEL) || field.is_masked {
        return question(&field, usize::from(state.size.columns));
    }
    let rows = field.draft.rows(state.draft_width());
    Lines { rows: rows.len(), kind: Kind::Draft(rows) }
}

fn question(field: &Field<'_>, columns: usize) -> Lines<'static> {
    let columns = columns.saturating_sub(2).max(1);
    let mut rows: Vec<SafeText> =
        wrap(field.label.trim_end(), columns, columns).into_iter().map(|row| row.text).collect();
    let (before, after) = field.draft.text().split_at(field.draft.cursor());
    let (before, after) = (answer(before, field), answer(after, field));
    let label = rows.pop().unwrap_or_default().then(&SafeText::line(" "));
    let has_place = label.cells() + before.cells() + after.cells() < columns;
    let start = if has_place {
        label
    } else {
        rows.push(label);
        SafeText::default()
    };
    let cursor = (rows.len(), start.cells() + before.cells());
    rows.push(start.then(&before).then(&after));
    Lines { rows: rows.len(), kind: Kind::Question(rows, cursor) }
}

/// The answer as shown: a dot for each grapheme of a password.
fn answer(text: &str, field: &Field<'_>) -> SafeText {
    if field.is_masked {
        SafeText::line(&"•".repeat(text.graphemes(true).count()))
    } else {
        SafeText::line(text)
    }
}

/// Draws the rows around the cursor. Where the cursor is on the screen.
pub(super) fn draw(state: &State, area: Area, canvas: &mut Canvas) -> (u16, u16) {
    clear(canvas, area);
    let lines = lines(state);
    let (row, column) = match &lines.kind {
        Kind::Draft(rows) => draw_draft(state, rows, area, canvas),
        Kind::Question(rows, cursor) => draw_question(rows, *cursor, area, canvas),
    };
    (area.x + column.min(area.columns - 1), area.y + row)
}

/// Which row of the draft, and which cell of that, is at this cell of `area`. Of a question none.
pub(super) fn place_at(state: &State, area: Area, at: At) -> Option<(usize, usize)> {
    let Kind::Draft(rows) = lines(state).kind else { return None };
    let first = first_shown(row_of_cursor(&rows, state), rows.len(), area);
    Some((first + usize::from(at.row), usize::from(at.column.saturating_sub(LABEL))))
}

fn row_of_cursor(rows: &[Range<usize>], state: &State) -> usize {
    let cursor = state.field().draft.cursor();
    rows.partition_point(|row| row.start <= cursor).saturating_sub(1)
}

fn draw_draft(state: &State, rows: &[Range<usize>], area: Area, canvas: &mut Canvas) -> (u16, u16) {
    let field = state.field();
    let (text, cursor) = (field.draft.text(), field.draft.cursor());
    let cursor_row = row_of_cursor(rows, state);
    let first = first_shown(cursor_row, rows.len(), area);
    for (index, at) in (first..rows.len()).zip(0..area.rows) {
        let label = if index == 0 { field.label.as_str() } else { "  " };
        put(canvas, area, 0, at, &SafeText::line(label), theme::prompt());
        let row = SafeText::line(text.get(rows[index].clone()).unwrap_or_default());
        put(canvas, area, LABEL, at, &row, theme::plain());
    }
    let before = rows.get(cursor_row).and_then(|row| text.get(row.start..cursor)).unwrap_or("");
    let column = LABEL + u16::try_from(SafeText::line(before).cells()).unwrap_or(u16::MAX - LABEL);
    ((cursor_row - first) as u16, column)
}

fn draw_question(
    rows: &[SafeText],
    cursor: (usize, usize),
    area: Area,
    canvas: &mut Canvas,
) -> (u16, u16) {
    let first = first_shown(cursor.0, rows.len(), area);
    for (row, at) in rows.iter().skip(first).zip(0..area.rows) {
        put(canvas, area, 0, at, row, theme::prompt());
    }
    ((cursor.0 - first) as u16, u16::try_from(cursor.1).unwrap_or(u16::MAX))
}

/// The first row shown, so that the one with the cursor is, and none is wasted.
fn first_shown(cursor: usize, rows: usize, area: Area) -> usize {
    let place = usize::from(area.rows);
    (cursor + 1).saturating_sub(place).min(rows.saturating_sub(place))
}
