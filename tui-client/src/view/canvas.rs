//! The only place where text becomes cells.

use ratatui::{buffer::Buffer, style::Style};

use super::layout::Area;
use crate::safe_text::SafeText;

/// Draws `text` in `area`, from its `column` and `row` on, as far as that has place. The column
/// after it.
pub(super) fn put(
    buffer: &mut Buffer,
    area: Area,
    column: u16,
    row: u16,
    text: &SafeText,
    style: Style,
) -> u16 {
    let mut column = column;
    if row >= area.rows {
        return column;
    }
    for (glyph, shown) in text.glyphs() {
        let next = column + glyph.cells;
        if next > area.columns {
            break;
        }
        for covered in column..next {
            if let Some(cell) = buffer.cell_mut((area.x + covered, area.y + row)) {
                cell.reset();
                cell.set_style(style);
            }
        }
        if let Some(cell) = buffer.cell_mut((area.x + column, area.y + row)) {
            cell.set_symbol(shown);
        }
        column = next;
    }
    column
}

/// Empties `area`.
pub(super) fn clear(buffer: &mut Buffer, area: Area) {
    for row in area.y..area.y + area.rows {
        for column in area.x..area.x + area.columns {
            if let Some(cell) = buffer.cell_mut((column, row)) {
                cell.reset();
            }
        }
    }
}

/// Gives a whole row of `area` a style, text or not.
pub(super) fn paint(buffer: &mut Buffer, area: Area, row: u16, style: Style) {
    for column in area.x..area.x + area.columns {
        if let Some(cell) = buffer.cell_mut((column, area.y + row)) {
            cell.set_style(style);
        }
    }
}
