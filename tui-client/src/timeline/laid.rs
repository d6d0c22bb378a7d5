//! Rows that are laid out already: those around what is visible, and only those. PURE.
//!
//! The timeline is the only owner. [`Timeline::lay_out`] fills this in `update`, after whatever
//! happened, so that drawing and all walks from row to row find it filled while they change
//! nothing; where something is not here, it is laid out for that one question. What is kept
//! follows from its event, from how one looks ([`Look`]), and from three things beside the event,
//! each of which is seen to where it changes:
//!
//! - The event itself: `forget` at an edit, a deletion, or when it is told again.
//! - What stands above it, for the day line: `came` where something comes in between, and
//!   `clear` where events are dropped.
//! - The message that it answers, for `→ Bob 14:02`: `came`, and `clear`.
//!
//! The unread line and what is selected are not in here; they come and go above and over it.
//!
//! There is no index of heights over the whole log, and none is missed: the reading position is
//! fixed to a text, so that nobody ever asks for a row further away than some views.

use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
    sync::Arc,
};

use jiff::tz::TimeZone;
use protocol::{RequestId, Seq, UserName};

use super::{
    Spot, Timeline,
    anchor::Position,
    height::fresh_outgoing_rows,
    row::{Row, Viewport},
};
use crate::outbox::Outgoing;

/// How many times the rows that are needed are kept before the others are dropped: who goes up
/// and down a page finds everything.
const SPARE: usize = 3;

/// Rows that are laid out already.
#[derive(Clone, Debug, Default)]
pub(super) struct Laid {
    look: Option<Look>,
    events: BTreeMap<Seq, Item>,
    outgoing: HashMap<RequestId, OutgoingItem>,
}

/// How the scrollback is looked at, as far as that decides what is in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    columns: u16,
    author: u16,
    time_zone: TimeZone,
    me: Option<UserName>,
}

/// The rows of one event, without the unread line.
#[derive(Clone, Debug)]
struct Item {
    is_below_line: bool,
    reply_to: Option<Seq>,
    rows: Vec<Row>,
}

/// The rows of one message on its way, and what they were made from.
#[derive(Clone, Debug)]
struct OutgoingItem {
    message: Arc<Outgoing>,
    labelled: bool,
    reply: Option<String>,
    rows: Vec<Row>,
}

impl Look {
    fn of(view: &Viewport) -> Self {
        // Whoever adds something decides here whether it changes rows.
        let Viewport { columns, rows: _, author, time_zone, me, tail: _, selected: _ } = view;
        let (time_zone, me) = (time_zone.clone(), me.clone());
        Self { columns: *columns, author: *author, time_zone, me }
    }

    fn is_of(&self, view: &Viewport) -> bool {
        let Self { columns, author, time_zone, me } = self;
        *columns == view.columns
            && *author == view.author
            && *me == view.me
            && *time_zone == view.time_zone
    }
}

impl Laid {
    /// The rows of an event; with or without the unread line above them, which can bring a label.
    pub(super) fn event(&self, seq: Seq, is_below_line: bool, view: &Viewport) -> Option<&[Row]> {
        let item = self.events.get(&seq)?;
        let is_so = item.is_below_line == is_below_line && self.is_of(view);
        is_so.then_some(&item.rows)
    }

    /// The rows of a message on its way.
    pub(super) fn outgoing(
        &self,
        message: &Arc<Outgoing>,
        labelled: bool,
        reply: Option<&String>,
        view: &Viewport,
    ) -> Option<&[Row]> {
        let item = self.outgoing.get(&message.id)?;
        let is_so = item.labelled == labelled
            && item.reply.as_ref() == reply
            && (Arc::ptr_eq(&item.message, message) || item.message == *message)
            && self.is_of(view);
        is_so.then_some(&item.rows)
    }

    /// Something was changed in this event.
    pub(super) fn forget(&mut self, seq: Seq) {
        self.events.remove(&seq);
    }

    /// Events of this range have come, around such as were there: what answers them can say so,
    /// and what stands below one may be of the same day now.
    pub(super) fn came(&mut self, range: &RangeInclusive<Seq>) {
        let answers = |to: Seq| range.contains(&to);
        let stays = |seq: &Seq, item: &mut Item| {
            !range.contains(seq) && !item.reply_to.is_some_and(answers)
        };
        self.events.retain(stays);
        self.changed_above(range.end().next());
    }

    /// What stands above this place is something else now.
    pub(super) fn changed_above(&mut self, seq: Seq) {
        let below = self.events.range(seq..).next().map(|(seq, _)| *seq);
        below.map(|below| self.events.remove(&below));
    }

    /// Nothing of it is needed, or nothing may be so any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn is_of(&self, view: &Viewport) -> bool {
        self.look.as_ref().is_some_and(|look| look.is_of(view))
    }

    /// From now on it is looked at like this.
    fn look(&mut self, view: &Viewport) {
        if !self.is_of(view) {
            self.clear();
            self.look = Some(Look::of(view));
        }
    }

    fn put_event(&mut self, seq: Seq, item: Item) {
        self.events.insert(seq, item);
    }

    /// Only the rows that are needed are kept, and not many more.
    fn keep_near(&mut self, events: &RangeInclusive<Seq>, needed: usize) {
        let most = SPARE * needed;
        if self.events.values().map(|item| item.rows.len()).sum::<usize>() > most {
            self.events.retain(|seq, _| events.contains(seq));
        }
        if self.outgoing.values().map(|item| item.rows.len()).sum::<usize>() > most {
            self.outgoing.clear();
        }
    }
}

impl Timeline {
    /// Lays out what is visible, and a view above and below it, as far as that is not done.
    pub(crate) fn lay_out(&mut self, view: &Viewport) {
        self.laid.look(view);
        let Some(here) = self.read_at(view) else { return };
        let (up, down) = self.reach(view);
        let (mut first, mut last) = (here, here);
        let (mut above, mut below) = (0, self.lay(here, view));
        while let Some(spot) = self.before(first).filter(|_| above < up) {
            above += self.lay(spot, view);
            first = spot;
        }
        while let Some(spot) = self.after(last, view).filter(|_| below < down) {
            below += self.lay(spot, view);
            last = spot;
        }
        self.laid.keep_near(&(first.key().0..=last.key().0), above + below);
    }

    /// Nobody looks at it for now.
    pub(crate) fn rest(&mut self) {
        self.laid.clear();
    }

    /// The spot that the reading position is fixed to, from which everything is found.
    fn read_at(&self, view: &Viewport) -> Option<Spot> {
        let found = match &self.position {
            Position::Newest => None,
            Position::At(anchor) => self.spot_of(&anchor.mark, view),
            Position::From(seq) => self.at_or_after(*seq),
        };
        found.or_else(|| self.newest(view))
    }

    /// How many rows above and below that spot are asked for: the view itself, one above it (what
    /// is missing there is fetched) and one below it (where the next page goes).
    fn reach(&self, view: &Viewport) -> (usize, usize) {
        let rows = usize::from(view.rows);
        let lead = match &self.position {
            Position::At(anchor) => anchor.lead,
            Position::Newest | Position::From(_) => 0,
        };
        let rows_below = usize::try_from(-lead).unwrap_or(0);
        let rows_above = usize::try_from(lead).unwrap_or(0).min(rows);
        (2 * rows + rows_above, 2 * rows + rows_below)
    }

    /// Lays out one spot. How many rows it has.
    fn lay(&mut self, spot: Spot, view: &Viewport) -> usize {
        match spot {
            Spot::Event(seq) => self.lay_event(seq, view),
            Spot::Tail(index) => self.lay_outgoing(index, view),
            Spot::Gap(_) | Spot::Arrivals(_) | Spot::Announced(..) => {}
        }
        self.rows_of(spot, view).len()
    }

    fn lay_event(&mut self, seq: Seq, view: &Viewport) {
        let is_below_line = self.is_first_unread(seq);
        if self.laid.event(seq, is_below_line, view).is_none()
            && let Some(event) = self.event(seq)
        {
            let rows = self.fresh_event_rows(seq, is_below_line, view);
            let reply_to = event.reply_to;
            self.laid.put_event(seq, Item { is_below_line, reply_to, rows });
        }
    }

    fn lay_outgoing(&mut self, index: usize, view: &Viewport) {
        let Some((message, labelled, reply)) = self.outgoing_at(index, view) else { return };
        if self.laid.outgoing(message, labelled, reply.as_ref(), view).is_none() {
            let rows = fresh_outgoing_rows(message, labelled, reply.clone(), view);
            let (id, message) = (message.id.clone(), Arc::clone(message));
            self.laid.outgoing.insert(id, OutgoingItem { message, labelled, reply, rows });
        }
    }

    /// How many messages are laid out, for tests.
    #[cfg(test)]
    pub(super) fn laid_out(&self) -> usize {
        self.laid.events.len() + self.laid.outgoing.len()
    }

    /// Which, of those that are here.
    #[cfg(test)]
    pub(super) fn spots_laid_out(&self, view: &Viewport) -> impl Iterator<Item = Spot> {
        let is_laid = |spot: &Spot| match spot {
            Spot::Event(seq) => self.laid.events.contains_key(seq),
            Spot::Tail(index) => view
                .tail
                .get(*index)
                .is_some_and(|message| self.laid.outgoing.contains_key(&message.id)),
            Spot::Gap(_) | Spot::Arrivals(_) | Spot::Announced(..) => false,
        };
        let first = self.at_or_after(Seq::ZERO).or_else(|| self.newest(view));
        std::iter::successors(first, |spot| self.after(*spot, view)).filter(is_laid)
    }
}
