//! Going to one message, and from message to message. PURE.

use protocol::{MessageText, RequestId, Seq};

use super::{
    Spot, Timeline,
    anchor::{Mark, Position, RowAt},
    row::{Row, Viewport},
};

/// How many own messages are looked through for the one that has come into the log.
const OWN_MAX: usize = 100;

/// Something in the scrollback that one can point at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// An event.
    Event(Seq),
    /// The missing range that ends with this seq.
    Gap(Seq),
    /// An own message that is not in the log yet.
    Outgoing(RequestId),
}

/// A step from one to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

/// Where one reads, to come back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bookmark(Position);

impl Timeline {
    /// Where one reads.
    pub(crate) fn bookmark(&self) -> Bookmark {
        Bookmark(self.position.clone())
    }

    /// Reads there again.
    pub(crate) fn return_to(&mut self, bookmark: Bookmark) {
        self.position = bookmark.0;
        if self.is_at_newest() {
            self.below = 0;
        }
    }

    /// From now on what is on the screen stays there, though it is the newest.
    pub(crate) fn hold(&mut self, view: &Viewport) {
        if let Some(top) = self.top(view) {
            self.read_from(top, view);
        }
    }

    /// Reads at a message, with some rows of what was before it. One that is not here is fetched;
    /// `false` if it cannot be.
    pub(crate) fn jump(&mut self, seq: Seq, view: &Viewport) -> bool {
        if self.is_missing(seq) {
            self.position = Position::From(seq);
            return true;
        }
        let Some(spot) = self.spot_of_event(seq) else { return false };
        let place = RowAt { spot, index: 0 };
        if !self.is_whole_in_view(place.spot, view) {
            let top = self.up(place, usize::from(view.rows) / 3, view);
            self.show_from(top, view);
        }
        true
    }

    /// What stands at or above the lowest row of the view, to begin with.
    pub(crate) fn lowest_in_view(&self, view: &Viewport) -> Option<Selected> {
        let top = self.top(view)?;
        let last = self.down(top, usize::from(view.rows).saturating_sub(1), view).spot;
        let found = self.selected(last, view);
        found.or_else(|| self.next_selectable(last, false, view))
    }

    /// The one that a step leads to, or the same at the end.
    pub(crate) fn step(&self, from: &Selected, step: Step, view: &Viewport) -> Option<Selected> {
        let spot = self.spot_of_selected(from, view)?;
        let page = usize::from(view.rows.saturating_sub(2)).max(1);
        match step {
            Step::Up => self.next_selectable(spot, false, view),
            Step::Down => self.next_selectable(spot, true, view),
            Step::PageUp => self.far_selectable(spot, false, page, view),
            Step::PageDown => self.far_selectable(spot, true, page, view),
            Step::First => self.far_selectable(self.at_or_after(Seq::ZERO)?, false, 0, view),
            Step::Last => self.far_selectable(self.newest(view)?, true, 0, view),
        }
        .or_else(|| Some(from.clone()))
    }

    /// The same after something has come: a gap may have shrunk, an own message have arrived.
    pub(crate) fn still_selected(&self, what: &Selected, view: &Viewport) -> Option<Selected> {
        let is_folded = matches!(what, Selected::Event(seq) if self.is_folded(*seq));
        if !is_folded && self.spot_of_selected(what, view).is_some() {
            return Some(what.clone());
        }
        match what {
            Selected::Event(seq) | Selected::Gap(seq) => {
                let below = self.last_seen(seq.next());
                below.or_else(|| self.first_seen(*seq)).map(Selected::Event)
            }
            Selected::Outgoing(id) => {
                let newest = self.entries.iter().rev().take(OWN_MAX);
                let found = newest.into_iter().find(|(_, entry)| entry.event.id == *id);
                found.map(|(seq, _)| Selected::Event(*seq))
            }
        }
    }

    /// Scrolls so that it is seen, if it is not, and no further than that.
    pub(crate) fn reveal(&mut self, what: &Selected, view: &Viewport) {
        let Some(spot) = self.spot_of_selected(what, view) else { return };
        let Some(top) = self.top(view) else { return };
        if self.is_whole_in_view(spot, view) {
            return;
        }
        let height = usize::from(view.rows);
        let rows = self.rows_of(spot, view).len();
        let is_above = spot.order() <= top.spot.order();
        let pinned = usize::from(view.rows > 2);
        let wanted = if is_above || rows >= height {
            self.up(RowAt { spot, index: 0 }, pinned, view)
        } else {
            self.up(RowAt { spot, index: rows }, height, view)
        };
        self.show_from(wanted, view);
    }

    /// The words of what is selected, if it has any.
    pub(crate) fn text_of(&self, what: &Selected, view: &Viewport) -> Option<MessageText> {
        match what {
            Selected::Event(seq) => self.event(*seq)?.text.clone(),
            Selected::Outgoing(id) => {
                view.tail.iter().find(|message| message.id == *id).map(|found| found.text.clone())
            }
            Selected::Gap(_) => None,
        }
    }

    /// Where what is selected stands, while it is here.
    pub(super) fn spot_of_selected(&self, what: &Selected, view: &Viewport) -> Option<Spot> {
        match what {
            Selected::Event(seq) if self.is_missing(*seq) => {
                self.gaps.at_or_after(*seq).map(|gap| Spot::Gap(gap.to))
            }
            Selected::Event(seq) => self.spot_of(&Mark::Event(*seq), view),
            Selected::Outgoing(id) => self.spot_of(&Mark::Outgoing(id.clone()), view),
            Selected::Gap(to) => self.gaps.ending_with(*to).map(|gap| Spot::Gap(gap.to)),
        }
    }

    /// What is at this spot to point at.
    pub(super) fn selected(&self, spot: Spot, view: &Viewport) -> Option<Selected> {
        match spot {
            Spot::Gap(to) => Some(Selected::Gap(to)),
            Spot::Event(seq) => (!self.is_folded(seq)).then_some(Selected::Event(seq)),
            Spot::Tail(index) => {
                view.tail.get(index).map(|message| Selected::Outgoing(message.id.clone()))
            }
            Spot::Arrivals(_) | Spot::Announced(..) => None,
        }
    }

    fn neighbour(&self, spot: Spot, is_down: bool, view: &Viewport) -> Option<Spot> {
        if is_down { self.after(spot, view) } else { self.before(spot) }
    }

    fn next_selectable(&self, from: Spot, is_down: bool, view: &Viewport) -> Option<Selected> {
        let mut spot = self.neighbour(from, is_down, view)?;
        loop {
            if let Some(found) = self.selected(spot, view) {
                return Some(found);
            }
            spot = self.neighbour(spot, is_down, view)?;
        }
    }

    /// The one so many rows away, or the last one in that direction that can be selected.
    fn far_selectable(
        &self,
        from: Spot,
        is_down: bool,
        rows: usize,
        view: &Viewport,
    ) -> Option<Selected> {
        let mut passed = 0;
        let mut spot = from;
        let mut found = self.selected(from, view);
        while passed < rows {
            let Some(next) = self.neighbour(spot, is_down, view) else { break };
            spot = next;
            passed += self.rows_of(spot, view).len();
            found = self.selected(spot, view).or(found);
        }
        found.or_else(|| self.next_selectable(from, !is_down, view))
    }

    fn is_whole_in_view(&self, wanted: Spot, view: &Viewport) -> bool {
        let Some(top) = self.top(view) else { return false };
        let height = usize::from(view.rows);
        // What is pinned covers the first row.
        let hidden = usize::from(self.pinned_row(top, view).is_some());
        let mut rows = 0;
        let mut spot = top.spot;
        let mut skipped = top.index;
        while rows < height {
            let here = self.rows_of(spot, view).len() - skipped;
            if spot == wanted {
                return skipped == 0 && rows >= hidden && rows + here <= height;
            }
            rows += here;
            skipped = 0;
            let Some(next) = self.after(spot, view) else { return false };
            spot = next;
        }
        false
    }
}

/// Marks the rows of what is selected, from its first line on: by a sign where there is place for
/// one, and for the theme.
pub(super) fn mark(rows: &mut [Row], view: &Viewport) {
    let first = rows.iter().position(|row| row.offset.is_some()).unwrap_or(0);
    for row in rows.iter_mut().skip(first) {
        row.is_selected = true;
    }
    if let Some(row) = rows.get_mut(first) {
        row.put_sign(view);
    }
}
