//! What a row of the view shows, for who points at it. PURE.

use super::{Selected, Spot, Timeline, row::Viewport};

impl Timeline {
    /// Whether this row of the view is not of what one reads, but tells what is unread above it.
    pub(crate) fn is_pinned(&self, row: usize, view: &Viewport) -> bool {
        let top = self.top(view).filter(|_| row == 0);
        top.is_some_and(|top| self.pinned_row(top, view).is_some())
    }

    /// The message or the gap that this row of the view is of.
    pub(crate) fn said_at(&self, row: usize, view: &Viewport) -> Option<Selected> {
        let top = self.top(view).filter(|_| row < self.rows(view).len())?;
        let at = self.down(top, row, view);
        let rows = self.rows_of(at.spot, view);
        // Lines between days, and above what is unread, are nobody's.
        let first = match at.spot {
            Spot::Gap(_) => 0,
            Spot::Event(_) | Spot::Tail(_) | Spot::Arrivals(_) | Spot::Announced(..) => {
                rows.iter().position(|row| row.offset.is_some())?
            }
        };
        self.selected(at.spot, view).filter(|_| at.index >= first)
    }

    /// Where the link leads that this cell of the view is part of.
    pub(crate) fn link_at(&self, row: usize, column: u16, view: &Viewport) -> Option<String> {
        let rows = self.rows(view);
        let links = &rows.get(row)?.links;
        let link = links.iter().find(|(columns, _)| columns.contains(&column));
        link.map(|(_, link)| link.target().to_owned())
    }
}
