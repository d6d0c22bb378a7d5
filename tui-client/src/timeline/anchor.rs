//! Where one reads, and the rows that are visible from there. PURE.
//!
//! The reading position is fixed to a place in a text, never to a count of rows: nothing that
//! comes in, above or below, moves the line under one's eyes.

use protocol::{RequestId, RoomEvent, Seq};

use super::{
    Gap, Spot, Timeline,
    row::{Row, Viewport},
};

/// Where one reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Position {
    /// At the newest row, whatever comes.
    #[default]
    Newest,
    /// At a line.
    At(Anchor),
    /// From the first row of this place in the log on, which may still have to be fetched.
    From(Seq),
}

/// A line under one's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(super) mark: Mark,
    /// A byte of its text; the row that has it is meant.
    offset: usize,
    /// In which row of the view it is, from the top.
    pub(super) lead: isize,
}

/// What a line belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// An event.
    Event(Seq),
    /// An own message that is not in the log yet.
    Outgoing(RequestId),
    /// What was announced to everyone: after which event, and which announcement.
    Announced(Seq, Seq),
}

/// A movement of the reading position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scroll {
    /// So many rows up (negative) or down.
    Rows(i32),
    /// Up by the view less two rows.
    PageUp,
    /// Down by the view less two rows.
    PageDown,
    /// To the unread line; if one is there or further up already, or there is none, to the first
    /// message.
    Back,
    /// To the newest, and follow.
    Newest,
}

/// A page of history that is missing at or near what is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// The nearest before this seq.
    Before(Seq),
    /// The nearest after this seq.
    After(Seq),
}

impl Want {
    /// Whether an event with this seq is of what is wanted.
    pub(crate) fn covers(self, seq: Seq) -> bool {
        match self {
            Self::Before(end) => seq < end,
            Self::After(start) => seq > start,
        }
    }

    /// The first seq of what is wanted, as one reads.
    pub(crate) fn nearest(self) -> Seq {
        match self {
            Self::Before(end) => end.previous(),
            Self::After(start) => start.next(),
        }
    }
}

/// A row: which of its spot's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowAt {
    pub(super) spot: Spot,
    pub(super) index: usize,
}

impl Position {
    /// The seq that is being read, if it is not the newest.
    pub(crate) fn seq(&self) -> Option<Seq> {
        match self {
            Self::At(Anchor { mark: Mark::Event(seq) | Mark::Announced(seq, _), .. })
            | Self::From(seq) => Some(*seq),
            Self::At(Anchor { mark: Mark::Outgoing(_), .. }) | Self::Newest => None,
        }
    }

    /// An own message has come into the log: who read there still does.
    pub(crate) fn settle(&mut self, event: &RoomEvent) {
        if let Self::At(anchor) = self
            && anchor.mark == Mark::Outgoing(event.id.clone())
        {
            anchor.mark = Mark::Event(event.seq);
        }
    }
}

impl Timeline {
    /// Whether one sees the newest, whatever comes.
    pub fn is_at_newest(&self) -> bool {
        self.position == Position::Newest
    }

    /// How many messages came while the newest was out of view.
    pub fn below(&self) -> u32 {
        self.below
    }

    /// The visible rows, from the top. Fewer than the view has if there are no more.
    pub fn rows(&self, view: &Viewport) -> Vec<Row> {
        let Some(top) = self.top(view) else { return Vec::new() };
        let mut rows = self.rows_from(top, usize::from(view.rows), view);
        let pinned = self.pinned_row(top, view);
        let first = self.down(top, usize::from(pinned.is_some()), view);
        if let Some(row) = rows.get_mut(usize::from(pinned.is_some()))
            && row.pieces.iter().all(|piece| piece.column >= view.text_column() || piece.is_sign())
            && row.offset.is_some()
        {
            row.pieces.splice(0..0, self.label_at_top(first.spot, view));
        }
        if let Some((row, pinned)) = rows.first_mut().zip(pinned) {
            *row = pinned;
        }
        rows
    }

    /// Moves the reading position.
    pub fn scroll(&mut self, scroll: Scroll, view: &Viewport) {
        let page = i32::from(view.rows.saturating_sub(2)).max(1);
        match scroll {
            Scroll::Rows(rows) => self.scroll_by(rows, view),
            Scroll::PageUp => self.scroll_by(-page, view),
            Scroll::PageDown => self.scroll_by(page, view),
            Scroll::Back => self.scroll_back(view),
            Scroll::Newest => self.follow(),
        }
    }

    /// After the view has another size: where less is below than it has rows, it follows. Else
    /// the position stays as it is: fixed anew to where a row begins now, it would creep upwards.
    pub fn settle(&mut self, view: &Viewport) {
        if self.wanted_from().is_none() && self.fits_below_top(view) {
            self.follow();
        }
    }

    /// Which page is missing at what is visible, or within a view above it.
    pub fn wanted(&self, view: &Viewport) -> Option<Want> {
        let from_here = self.wanted_from();
        from_here.or_else(|| self.wanted_in_view(view)).or_else(|| self.wanted_above(view))
    }

    /// One wants to read from a place that is not here yet.
    fn wanted_from(&self) -> Option<Want> {
        let Position::From(seq) = self.position else {
            return None;
        };
        let Some(Spot::Gap(to)) = self.at_or_after(seq) else {
            return None;
        };
        let gap = self.gap_to_fetch(Spot::Gap(to))?;
        Some(Want::After(gap.from.max(seq).previous()))
    }

    /// A gap in view fills from the side on which one reads: from below, unless it is at the
    /// lower end of the view.
    fn wanted_in_view(&self, view: &Viewport) -> Option<Want> {
        let top = self.top(view)?;
        let height = usize::from(view.rows);
        let mut rows = self.rows_of(top.spot, view).len() - top.index;
        let mut wanted = self.gap_to_fetch(top.spot).map(before);
        let mut spot = self.after(top.spot, view);
        while let Some(here) = spot.filter(|_| rows < height) {
            rows += self.rows_of(here, view).len();
            if let Some(gap) = self.gap_to_fetch(here) {
                let reads_down = rows == height && !self.is_at_newest();
                wanted = Some(if reads_down { after(gap) } else { before(gap) });
            }
            spot = self.after(here, view);
        }
        wanted
    }

    fn wanted_above(&self, view: &Viewport) -> Option<Want> {
        let mut here = self.top(view)?.spot;
        let mut rows = 0;
        while rows < usize::from(view.rows) {
            here = self.before(here)?;
            rows += self.rows_of(here, view).len();
            if let Some(gap) = self.gap_to_fetch(here) {
                return Some(before(gap));
            }
        }
        None
    }

    fn gap_to_fetch(&self, spot: Spot) -> Option<Gap> {
        let Spot::Gap(to) = spot else { return None };
        self.gaps.ending_with(to).filter(|gap| !gap.gone)
    }

    fn follow(&mut self) {
        self.position = Position::Newest;
        self.below = 0;
    }

    fn scroll_by(&mut self, rows: i32, view: &Viewport) {
        let Some(top) = self.top(view) else {
            return self.follow();
        };
        let distance = rows.unsigned_abs() as usize;
        let top =
            if rows < 0 { self.up(top, distance, view) } else { self.down(top, distance, view) };
        self.show_from(top, view);
    }

    /// Reads from this row on, or follows where less is below than the view has rows.
    pub(super) fn show_from(&mut self, top: RowAt, view: &Viewport) {
        let height = usize::from(view.rows);
        if self.rows_from(top, height + 1, view).len() <= height {
            self.follow();
        } else {
            self.read_from(top, view);
        }
    }

    fn scroll_back(&mut self, view: &Viewport) {
        let unread = self.unread.map(|line| line.after.next()).filter(|seq| *seq <= self.last);
        let is_above = |unread: &Seq| {
            let top = self.top(view).map(|top| top.spot.key().0);
            self.position != Position::From(*unread) && top.is_some_and(|top| top > *unread)
        };
        self.position = Position::From(unread.filter(is_above).unwrap_or(Seq::ZERO));
        if self.wanted_from().is_none() && self.fits_below_top(view) {
            self.follow();
        }
    }

    /// Whether the view has place for everything from its top on.
    fn fits_below_top(&self, view: &Viewport) -> bool {
        let height = usize::from(view.rows);
        self.top(view).is_none_or(|top| self.rows_from(top, height + 1, view).len() <= height)
    }

    /// Fixes the reading position to the first line at or below `top` that can hold it.
    pub(super) fn read_from(&mut self, top: RowAt, view: &Viewport) {
        let below = self.anchor_below(top, view);
        match below.or_else(|| self.anchor_above(top, view)) {
            Some(anchor) => self.position = Position::At(anchor),
            None => self.follow(),
        }
    }

    fn anchor_below(&self, top: RowAt, view: &Viewport) -> Option<Anchor> {
        let mut lead = -top.index.cast_signed();
        let first_seen = isize::from(self.pinned_row(top, view).is_some());
        let mut spot = Some(top.spot);
        while let Some(here) = spot {
            for row in self.rows_of(here, view).iter() {
                if lead >= first_seen && row.offset.is_some() {
                    return anchor_of(here, row, lead, view);
                }
                lead += 1;
            }
            spot = self.after(here, view);
        }
        None
    }

    fn anchor_above(&self, top: RowAt, view: &Viewport) -> Option<Anchor> {
        let mut lead = -top.index.cast_signed();
        let mut spot = self.before(top.spot);
        while let Some(here) = spot {
            for row in self.rows_of(here, view).iter().rev() {
                lead -= 1;
                if row.offset.is_some() {
                    return anchor_of(here, row, lead, view);
                }
            }
            spot = self.before(here);
        }
        None
    }

    /// The row at the top of the view.
    pub(super) fn top(&self, view: &Viewport) -> Option<RowAt> {
        let top = match &self.position {
            Position::Newest => None,
            Position::At(anchor) => self.top_at(anchor, view),
            Position::From(seq) => self.at_or_after(*seq).map(|spot| RowAt { spot, index: 0 }),
        };
        top.or_else(|| self.top_of_newest(view))
    }

    fn top_of_newest(&self, view: &Viewport) -> Option<RowAt> {
        let spot = self.newest(view)?;
        let rows = self.rows_of(spot, view).len();
        Some(self.up(RowAt { spot, index: rows }, usize::from(view.rows), view))
    }

    fn top_at(&self, anchor: &Anchor, view: &Viewport) -> Option<RowAt> {
        let spot = self.spot_of(&anchor.mark, view)?;
        let rows = self.rows_of(spot, view);
        let holds = |row: &Row| row.offset.is_some_and(|offset| offset <= anchor.offset);
        let is_folded = matches!(anchor.mark, Mark::Event(seq) if self.is_folded(seq));
        let last = || rows.len().checked_sub(1);
        let index = if is_folded { last() } else { rows.iter().rposition(holds) }?;
        let here = RowAt { spot, index };
        let lead = anchor.lead.min(isize::try_from(view.rows).unwrap_or(0).saturating_sub(1));
        Some(if lead < 0 {
            self.down(here, lead.unsigned_abs(), view)
        } else {
            self.up(here, lead.unsigned_abs(), view)
        })
    }

    /// The row so many above, or the first one.
    pub(super) fn up(&self, from: RowAt, rows: usize, view: &Viewport) -> RowAt {
        let mut at = from;
        let mut left = rows;
        while left > at.index {
            let Some(spot) = self.before(at.spot) else {
                return RowAt { index: 0, ..at };
            };
            left -= at.index;
            at = RowAt { spot, index: self.rows_of(spot, view).len() };
        }
        RowAt { index: at.index - left, ..at }
    }

    /// The row so many below, or the last one.
    pub(super) fn down(&self, from: RowAt, rows: usize, view: &Viewport) -> RowAt {
        let mut at = RowAt { index: from.index + rows, ..from };
        loop {
            let height = self.rows_of(at.spot, view).len();
            if at.index < height {
                return at;
            }
            let Some(spot) = self.after(at.spot, view) else {
                return RowAt { index: height.saturating_sub(1), ..at };
            };
            at = RowAt { spot, index: at.index - height };
        }
    }

    pub(super) fn rows_from(&self, top: RowAt, count: usize, view: &Viewport) -> Vec<Row> {
        let mut rows: Vec<Row> =
            self.rows_of(top.spot, view).iter().skip(top.index).cloned().collect();
        let mut spot = self.after(top.spot, view);
        while let Some(here) = spot.filter(|_| rows.len() < count) {
            rows.extend_from_slice(&self.rows_of(here, view));
            spot = self.after(here, view);
        }
        rows.truncate(count);
        rows
    }
}

pub(super) fn anchor_of(spot: Spot, row: &Row, lead: isize, view: &Viewport) -> Option<Anchor> {
    let mark = match spot {
        Spot::Event(seq) => Mark::Event(seq),
        Spot::Tail(index) => Mark::Outgoing(view.tail.get(index)?.id.clone()),
        Spot::Announced(after, number) => Mark::Announced(after, number),
        Spot::Gap(_) | Spot::Arrivals(_) => return None,
    };
    Some(Anchor { mark, offset: row.offset?, lead })
}

fn before(gap: Gap) -> Want {
    Want::Before(gap.to.next())
}

fn after(gap: Gap) -> Want {
    Want::After(gap.from.previous())
}
