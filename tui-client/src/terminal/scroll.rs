//! Rows that have only moved: when it is worth it to have the terminal move them. PURE.

use std::ops::Range;

use ratatui::buffer::Cell;

use crate::view::{Canvas, layout::Area};

/// What moving costs, in bytes: it is not done for less.
const WORTH: usize = 30;
/// What erasing the rest of a row costs, in bytes.
const ERASING: usize = 3;

/// Rows move up, or down if `up` is negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scroll {
    rows: Range<u16>,
    up: i16,
}

/// Moves rows of what is shown if that leaves less to write for what comes next.
pub(super) fn apply(shown: &mut Canvas, next: &Canvas) -> Option<Scroll> {
    let area = next.scrolls();
    let rows = area.y..area.y + area.rows;
    let before = differences(shown, next, rows.clone());
    if before <= WORTH {
        return None;
    }
    let up = best(shown, next, area)?;
    let mut moved = shown.clone();
    moved.scroll(rows.clone(), up);
    if differences(&moved, next, rows.clone()) + WORTH >= before {
        return None;
    }
    *shown = moved;
    Some(Scroll { rows, up })
}

impl Scroll {
    /// Margins, deleting or inserting lines within them, no margins. These are older and better
    /// known than "scroll up", and put nothing into the terminal's own history.
    pub(super) fn sequence(&self) -> String {
        let (top, bottom) = (self.rows.start + 1, self.rows.end);
        let (by, what) = (self.up.unsigned_abs(), if self.up > 0 { 'M' } else { 'L' });
        format!("\x1b[{top};{bottom}r\x1b[{top};1H\x1b[{by}{what}\x1b[r")
    }
}

/// About how many bytes would be written: what becomes empty is erased.
fn differences(shown: &Canvas, next: &Canvas, rows: Range<u16>) -> usize {
    let in_row = |row| {
        let pairs = shown.row(row).iter().zip(next.row(row));
        let changed = pairs.filter(|(shown, next)| shown != next).map(|(_, next)| next);
        let (empty, written): (Vec<_>, Vec<_>) = changed.partition(|cell| cell.symbol() == " ");
        written.len() + empty.len().min(ERASING)
    };
    rows.map(in_row).sum()
}

/// By how many rows up most of what is there was moved.
fn best(shown: &Canvas, next: &Canvas, area: Area) -> Option<i16> {
    let (before, after) = (prints(shown, area), prints(next, area));
    let rows = i16::try_from(area.rows).ok()?;
    let gain = |up: i16| -> usize {
        let by = usize::from(up.unsigned_abs());
        let (skip_before, skip_after) = if up > 0 { (by, 0) } else { (0, by) };
        let pairs = before.iter().skip(skip_before).zip(after.iter().skip(skip_after));
        pairs.filter(|(before, after)| before == after).map(|(_, after)| after.glyphs).sum()
    };
    (1 - rows..rows).filter(|up| *up != 0 && gain(*up) > WORTH).max_by_key(|up| gain(*up))
}

/// What tells rows apart, as a rule; where it does not, the cells that differ are written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Print {
    hash: u64,
    glyphs: usize,
}

fn prints(canvas: &Canvas, area: Area) -> Vec<Print> {
    let columns = usize::from(area.x)..usize::from(area.x + area.columns);
    let in_row = |row| print(canvas.row(row).get(columns.clone()).unwrap_or_default());
    (area.y..area.y + area.rows).map(in_row).collect()
}

fn print(cells: &[Cell]) -> Print {
    let mut print = Print { hash: 0, glyphs: 0 };
    for (at, cell) in (0_u64..).zip(cells).filter(|(_, cell)| cell.symbol() != " ") {
        let seed = print.hash.rotate_left(5) ^ at;
        let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        print.hash = cell.symbol().bytes().fold(seed, mix);
        print.glyphs += 1;
    }
    print
}
