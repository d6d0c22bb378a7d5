//! A frame before it is bytes, and the only place where text becomes cells. PURE.

use std::{ops::Range, sync::Arc};

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::Style,
};

use super::layout::Area;
use crate::{
    event::Size,
    hyperlink::Hyperlink,
    safe_text::{SafeText, cells_of},
    theme::{Ground, Paint, Palette},
};

/// No glyph is wider than this.
const GLYPH_CELLS_MAX: usize = 10;

/// What is to be on the screen: cells, and where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Canvas {
    cells: Buffer,
    cursor: Option<(u16, u16)>,
    scrolls: Area,
    title: SafeText,
    /// For each cell which of `links` it is part of, plus one; 0 is none.
    linked: Vec<u16>,
    links: Vec<Arc<Hyperlink>>,
    palette: Palette,
    /// Rows whose line goes on in the next one.
    going_on: Vec<u16>,
}

impl Canvas {
    /// An empty one, without a cursor.
    pub fn new(size: Size) -> Self {
        let mut canvas = Self::default();
        canvas.reset(size);
        canvas
    }

    /// Makes it as new, of this size.
    pub fn reset(&mut self, size: Size) {
        self.cells.resize(Rect::new(0, 0, size.columns, size.rows));
        self.cells.reset();
        self.cursor = None;
        self.scrolls = Area::default();
        self.title = SafeText::default();
        self.linked.clear();
        self.linked.resize(self.cells.content.len(), 0);
        self.links.clear();
        self.going_on.clear();
    }

    /// How things look on it.
    pub(crate) fn palette(&self) -> &Palette {
        &self.palette
    }

    /// Says on what it is drawn. To find colours for that takes time, so it is done once.
    pub(crate) fn set_ground(&mut self, ground: Ground) {
        if self.palette.ground() != ground {
            self.palette = Palette::new(ground);
        }
    }

    /// Its size.
    pub fn size(&self) -> Size {
        Size { columns: self.cells.area.width, rows: self.cells.area.height }
    }

    /// The cells of a row; none below the last one.
    pub fn row(&self, y: u16) -> &[Cell] {
        let columns = usize::from(self.cells.area.width);
        let start = usize::from(y) * columns;
        self.cells.content.get(start..start + columns).unwrap_or_default()
    }

    /// Where the cursor is, as column and row; nowhere, and it is not to be seen.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        self.cursor
    }

    /// Shows the cursor there.
    pub(crate) fn set_cursor(&mut self, column: u16, row: u16) {
        self.cursor = Some((column, row));
    }

    /// Which link a cell is part of.
    pub fn link_at(&self, column: usize, row: u16) -> Option<&Hyperlink> {
        let number = *self.linked.get(self.place(column, row))?;
        let index = usize::from(number).checked_sub(1)?;
        self.links.get(index).map(|link| &**link)
    }

    /// Makes what stands in these columns of a row of `area` a link.
    pub(crate) fn link(
        &mut self,
        area: Area,
        columns: Range<u16>,
        row: u16,
        link: &Arc<Hyperlink>,
    ) {
        let Ok(number) = u16::try_from(self.links.len() + 1) else { return };
        if row >= area.rows {
            return;
        }
        self.links.push(Arc::clone(link));
        for column in columns.start..columns.end.min(area.columns) {
            let place = self.place(usize::from(area.x + column), area.y + row);
            if let Some(linked) = self.linked.get_mut(place) {
                *linked = number;
            }
        }
    }

    fn place(&self, column: usize, row: u16) -> usize {
        usize::from(row) * usize::from(self.cells.area.width) + column
    }

    /// Whether the line of this row goes on in the next one.
    pub fn goes_on(&self, row: u16) -> bool {
        self.going_on.contains(&row)
    }

    /// Says that the line of this row goes on in the next one: the terminal is to know it, so that
    /// it copies both as one.
    pub(crate) fn set_goes_on(&mut self, row: u16) {
        self.going_on.push(row);
    }

    /// What the window is called.
    pub fn title(&self) -> &SafeText {
        &self.title
    }

    /// Says what the window is called.
    pub(crate) fn set_title(&mut self, title: SafeText) {
        self.title = title;
    }

    /// Where rows keep what they show and only move, often.
    pub fn scrolls(&self) -> Area {
        self.scrolls
    }

    /// Says where rows only move, often.
    pub(crate) fn set_scrolls(&mut self, area: Area) {
        self.scrolls = area;
    }

    /// Moves what is in these rows up (or down, if negative) by so many, as a terminal does with
    /// its scroll region: all columns, and what comes in is empty.
    pub(crate) fn scroll(&mut self, rows: Range<u16>, up: i16) {
        let columns = usize::from(self.cells.area.width);
        let range = usize::from(rows.start) * columns..usize::from(rows.end) * columns;
        let Some(cells) = self.cells.content.get_mut(range.clone()) else { return };
        let by = (usize::from(up.unsigned_abs()) * columns).min(cells.len());
        shift(cells, by, up > 0);
        if let Some(linked) = self.linked.get_mut(range) {
            shift(linked, by, up > 0);
        }
    }

    fn cell_mut(&mut self, column: u16, row: u16) -> Option<&mut Cell> {
        self.cells.cell_mut((column, row))
    }

    /// Empties a cell.
    fn reset_cell(&mut self, column: u16, row: u16) {
        let place = self.place(usize::from(column), row);
        if let Some(cell) = self.cell_mut(column, row) {
            cell.reset();
            self.linked[place] = 0;
        }
    }

    /// Takes a glyph away of which only the left part would be left when something begins here.
    fn cut(&mut self, column: u16, row: u16) {
        for start in (0..column).rev().take(GLYPH_CELLS_MAX) {
            let Some(cell) = self.cell_mut(start, row) else { return };
            if cells_of(cell.symbol()) > usize::from(column - start) {
                cell.set_symbol(" ");
            }
        }
    }
}

/// Moves what is there by so many; what comes in is empty.
fn shift<T: Default>(cells: &mut [T], by: usize, left: bool) {
    let kept = cells.len() - by;
    let new = if left {
        cells.rotate_left(by);
        &mut cells[kept..]
    } else {
        cells.rotate_right(by);
        &mut cells[..by]
    };
    new.fill_with(T::default);
}

/// Draws `text` in `area`, from its `column` and `row` on, as far as that has place. The column
/// after it.
pub(crate) fn put(
    canvas: &mut Canvas,
    area: Area,
    column: u16,
    row: u16,
    text: &SafeText,
    paint: Paint,
) -> u16 {
    let style = canvas.palette.style(paint);
    put_styled(canvas, area, column, row, text, style)
}

/// [`put`] for what looks like this.
pub(crate) fn put_styled(
    canvas: &mut Canvas,
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
    canvas.cut(area.x + column, area.y + row);
    for (glyph, shown) in text.glyphs() {
        let next = column + glyph.cells;
        if next > area.columns {
            break;
        }
        for covered in column..next {
            canvas.reset_cell(area.x + covered, area.y + row);
            if let Some(cell) = canvas.cell_mut(area.x + covered, area.y + row) {
                cell.set_style(style);
            }
        }
        if let Some(cell) = canvas.cell_mut(area.x + column, area.y + row) {
            cell.set_symbol(shown);
        }
        column = next;
    }
    column
}

/// Empties `area`.
pub(super) fn clear(canvas: &mut Canvas, area: Area) {
    for row in area.y..area.y + area.rows {
        for column in area.x..area.x + area.columns {
            canvas.reset_cell(column, row);
        }
    }
}

/// Makes a whole row of `area` look like this, text or not.
pub(super) fn paint(canvas: &mut Canvas, area: Area, row: u16, paint: Paint) {
    let style = canvas.palette.style(paint);
    for column in area.x..area.x + area.columns {
        if let Some(cell) = canvas.cell_mut(column, area.y + row) {
            cell.set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_glyph_is_never_left() {
        let mut canvas = Canvas::new(Size { columns: 6, rows: 1 });
        let area = Area { columns: 6, rows: 1, ..Area::default() };
        put(&mut canvas, area, 0, 0, &SafeText::line("日本語"), Paint::Plain);
        put(&mut canvas, area, 3, 0, &SafeText::line("x"), Paint::Plain);
        let shown: Vec<&str> = canvas.row(0).iter().map(Cell::symbol).collect();
        assert_eq!(shown, ["日", " ", " ", "x", "語", " "]);
    }
}
