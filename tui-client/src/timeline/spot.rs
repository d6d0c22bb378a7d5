//! Walking from row to row, whatever the rows are. PURE; each step is a look-up in three maps.

use protocol::Seq;

use super::{Timeline, anchor::Mark, row::Viewport};

/// Where in the order of rows: gaps stand at their last seq, coming and going after an event,
/// own unsent messages at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The gap that ends with this seq.
    Gap(Seq),
    /// An event, or a run of what one does not want to see, by its first one.
    Event(Seq),
    /// Who came and went after this event.
    Arrivals(Seq),
    /// An own message on its way: which of them.
    Tail(usize),
}

impl Timeline {
    /// The last spot of all.
    pub(crate) fn newest(&self, view: &Viewport) -> Option<Spot> {
        let tail = view.tail.len().checked_sub(1).map(Spot::Tail);
        tail.or_else(|| self.before_key(Seq::MAX, u8::MAX))
    }

    /// The first spot that is not wholly before `seq`; none in the tail.
    pub(crate) fn at_or_after(&self, seq: Seq) -> Option<Spot> {
        [
            self.gaps.at_or_after(seq).map(|gap| Spot::Gap(gap.to)),
            self.event_at_or_after(seq),
            self.arrivals.range(seq..).next().map(|(seq, _)| Spot::Arrivals(*seq)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|spot| spot.key())
    }

    /// The spot below.
    pub(crate) fn after(&self, spot: Spot, view: &Viewport) -> Option<Spot> {
        let (seq, rank) = spot.key();
        if let Spot::Tail(index) = spot {
            return tail_spot(view, index + 1);
        }
        let from = |wanted: u8| if rank < wanted { seq } else { seq.next() };
        [
            self.gaps.at_or_after(from(GAP)).map(|gap| Spot::Gap(gap.to)),
            self.event_from(from(EVENT)),
            self.arrivals.range(from(ARRIVALS)..).next().map(|(seq, _)| Spot::Arrivals(*seq)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|spot| spot.key())
        .or_else(|| tail_spot(view, 0))
    }

    /// The spot above.
    pub(crate) fn before(&self, spot: Spot) -> Option<Spot> {
        match spot {
            Spot::Tail(0) => self.before_key(Seq::MAX, u8::MAX),
            Spot::Tail(index) => Some(Spot::Tail(index - 1)),
            Spot::Gap(_) | Spot::Event(_) | Spot::Arrivals(_) => {
                let (seq, rank) = spot.key();
                self.before_key(seq, rank)
            }
        }
    }

    fn before_key(&self, seq: Seq, rank: u8) -> Option<Spot> {
        let below = |wanted: u8| if rank > wanted { seq.next() } else { seq };
        [
            self.gaps.ending_before(below(GAP)).map(|gap| Spot::Gap(gap.to)),
            self.event_before(below(EVENT)),
            self.arrivals.range(..below(ARRIVALS)).next_back().map(|(seq, _)| Spot::Arrivals(*seq)),
        ]
        .into_iter()
        .flatten()
        .max_by_key(|spot| spot.key())
    }

    /// The spot of what an anchor is fixed to, while it is here.
    pub(super) fn spot_of(&self, mark: &Mark, view: &Viewport) -> Option<Spot> {
        match mark {
            Mark::Event(seq) => self.spot_of_event(*seq),
            Mark::Outgoing(id) => {
                view.tail.iter().position(|message| message.id == *id).map(Spot::Tail)
            }
        }
    }
}

const GAP: u8 = 0;
const EVENT: u8 = 1;
const ARRIVALS: u8 = 2;

impl Spot {
    /// Its place in the order of all.
    pub(super) fn order(self) -> (Seq, u8, usize) {
        let (seq, rank) = self.key();
        let index = if let Self::Tail(index) = self { index } else { 0 };
        (seq, rank, index)
    }

    /// Its place in the order, among those that have a seq.
    pub(super) fn key(self) -> (Seq, u8) {
        match self {
            Self::Gap(seq) => (seq, GAP),
            Self::Event(seq) => (seq, EVENT),
            Self::Arrivals(seq) => (seq, ARRIVALS),
            Self::Tail(_) => (Seq::MAX, u8::MAX),
        }
    }
}

fn tail_spot(view: &Viewport, index: usize) -> Option<Spot> {
    (index < view.tail.len()).then_some(Spot::Tail(index))
}
