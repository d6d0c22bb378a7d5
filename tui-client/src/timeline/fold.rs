//! What people say whom one ignores: it is here, and folded. A run of it is one row, of which
//! the reading position can be no part; what else stands above or below does not know of it. PURE.
//!
//! Which events are in a run is kept, so that a step over thousands of them costs one look-up.

use std::{collections::BTreeMap, sync::Arc};

use protocol::{EventKind, RoomEvent, Seq};

use super::{
    Spot, Timeline,
    anchor::{Anchor, Position, anchor_of},
    height::centred,
    row::{Ink, Row, Viewport},
    takes_rows,
};
use crate::noticing::Noticing;

/// Events of people whom one ignores with nothing else between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    last: Seq,
    count: u64,
}

/// All such runs, by their first event.
#[derive(Clone, Debug, Default)]
pub(super) struct Folds(BTreeMap<Seq, Run>);

impl Folds {
    /// The run that this event is in: its first event, and the run.
    fn around(&self, seq: Seq) -> Option<(Seq, Run)> {
        let (first, run) = self.0.range(..=seq).next_back()?;
        (run.last >= seq).then_some((*first, *run))
    }

    /// One more event, after all others.
    fn add(&mut self, seq: Seq, goes_on: bool) {
        let newest = self.0.last_entry().filter(|_| goes_on);
        if let Some(mut run) = newest {
            let run = run.get_mut();
            *run = Run { last: seq, count: run.count + 1 };
        } else {
            self.0.insert(seq, Run { last: seq, count: 1 });
        }
    }
}

impl Timeline {
    /// What of it one wants to notice.
    pub(crate) fn noticing(&self) -> &Arc<Noticing> {
        &self.noticing
    }

    /// From now on one wants to notice this. Gives back what it was before.
    pub(crate) fn notice(&mut self, noticing: Arc<Noticing>) -> Arc<Noticing> {
        let before = std::mem::replace(&mut self.noticing, noticing);
        self.laid.clear();
        if before.ignoring != self.noticing.ignoring {
            self.fold_anew();
        }
        before
    }

    /// Before these are not seen any more: who reads one of them reads on at the next line in view
    /// that stays, so that it does not move.
    pub(crate) fn read_beside(&mut self, goes: impl Fn(&RoomEvent) -> bool, view: &Viewport) {
        if matches!(self.position, Position::At(_))
            && let Some(anchor) = self.line_beside(&goes, view)
        {
            self.position = Position::At(anchor);
        }
    }

    /// The first line in view that stays, if the one that is read goes.
    fn line_beside(&self, goes: impl Fn(&RoomEvent) -> bool, view: &Viewport) -> Option<Anchor> {
        let is_going = |seq: Seq| self.event(seq).is_some_and(&goes);
        let top = self.top(view).filter(|_| self.position.seq().is_some_and(is_going))?;
        let mut lead = -top.index.cast_signed();
        let mut spot = Some(top.spot);
        while let Some(here) = spot.filter(|_| lead < isize::try_from(view.rows).unwrap_or(0)) {
            let stays = !matches!(here, Spot::Event(seq) if is_going(seq));
            for row in self.rows_of(here, view).iter() {
                let anchor = anchor_of(here, row, lead, view).filter(|_| stays && lead >= 0);
                if anchor.is_some() {
                    return anchor;
                }
                lead += 1;
            }
            spot = self.after(here, view);
        }
        None
    }

    /// Whether this is something that is not to be seen. What the hub itself reports is.
    pub(crate) fn is_ignored(&self, event: &RoomEvent) -> bool {
        takes_rows(event.kind)
            && event.kind != EventKind::Notice
            && self.noticing.ignoring.hides(event)
    }

    /// Whether this event is here, and folded away.
    pub(crate) fn is_folded(&self, seq: Seq) -> bool {
        self.folds.around(seq).is_some()
    }

    /// The row of the run that begins here, and the day line before it, if a run does.
    pub(super) fn fold_rows(&self, first: Seq, view: &Viewport) -> Option<Vec<Row>> {
        let words = self.fold_words(first)?;
        let mut rows = self.day_line(Spot::Event(first), self.event(first)?.at, view);
        rows.push(centred(&words, Ink::Faint, view));
        Some(rows)
    }

    /// `2 messages of people you ignore`.
    pub(super) fn fold_words(&self, first: Seq) -> Option<String> {
        let run = self.folds.0.get(&first)?;
        let messages = if run.count == 1 { "message" } else { "messages" };
        Some(format!("{} {messages} of people you ignore", crate::link::grouped(run.count)))
    }

    /// Where an event stands that is here: its own rows, or those of its run.
    pub(super) fn spot_of_event(&self, seq: Seq) -> Option<Spot> {
        self.entries.contains_key(&seq).then(|| Spot::Event(self.begins(seq)))
    }

    /// The first event or run that is not wholly before this.
    pub(super) fn event_at_or_after(&self, seq: Seq) -> Option<Spot> {
        let (at, _) = self.entries.range(seq..).next()?;
        Some(Spot::Event(self.begins(*at)))
    }

    /// The first event or run that begins at this or after it.
    pub(super) fn event_from(&self, seq: Seq) -> Option<Spot> {
        let (at, _) = self.entries.range(seq..).next()?;
        match self.folds.around(*at) {
            Some((first, run)) if first < *at => {
                self.entries.range(run.last.next()..).next().map(|(seq, _)| Spot::Event(*seq))
            }
            Some(_) | None => Some(Spot::Event(*at)),
        }
    }

    /// The last event or run that begins before this.
    pub(super) fn event_before(&self, seq: Seq) -> Option<Spot> {
        let (at, _) = self.entries.range(..seq).next_back()?;
        Some(Spot::Event(self.begins(*at)))
    }

    /// The first event at this or after it that is seen.
    pub(super) fn first_seen(&self, from: Seq) -> Option<Seq> {
        let mut from = from;
        loop {
            let (at, _) = self.entries.range(from..).next()?;
            let Some((_, run)) = self.folds.around(*at) else { return Some(*at) };
            from = run.last.next();
        }
    }

    /// The last event before this that is seen.
    pub(super) fn last_seen(&self, before: Seq) -> Option<Seq> {
        let mut before = before;
        loop {
            let (at, _) = self.entries.range(..before).next_back()?;
            let Some((first, _)) = self.folds.around(*at) else { return Some(*at) };
            before = first;
        }
    }

    /// Takes in the event that came last.
    pub(super) fn fold_newest(&mut self, seq: Seq) {
        if self.noticing.ignoring.is_empty() {
            return;
        }
        if self.event(seq).is_some_and(|event| self.is_ignored(event)) {
            let goes_on = self.goes_on_run(seq);
            self.folds.add(seq, goes_on);
        }
    }

    /// Events have come or gone at any place.
    pub(super) fn fold_anew(&mut self) {
        self.folds = Folds::default();
        if self.noticing.ignoring.is_empty() {
            return;
        }
        self.laid.clear();
        let ignored = self.entries.values().map(|entry| &entry.event);
        let ignored: Vec<Seq> =
            ignored.filter(|event| self.is_ignored(event)).map(|event| event.seq).collect();
        for seq in ignored {
            let goes_on = self.goes_on_run(seq);
            self.folds.add(seq, goes_on);
        }
    }

    /// Whether the event directly above is in a run, and nothing is missing between.
    fn goes_on_run(&self, seq: Seq) -> bool {
        let above = self.entries.range(..seq).next_back().map(|(above, _)| *above);
        let is_whole = |above: &Seq| self.gaps.at_or_after(*above).is_none_or(|gap| gap.to > seq);
        above.is_some_and(|above| self.is_folded(above) && is_whole(&above))
    }

    fn begins(&self, seq: Seq) -> Seq {
        self.folds.around(seq).map_or(seq, |(first, _)| first)
    }
}
