//! Walking from row to row, whatever the rows are. PURE; each step is a look-up in three maps.

use protocol::Seq;

use super::{Timeline, anchor::Mark, row::Viewport};

/// Where in the order of rows: gaps stand at their last seq, coming and going after an event,
/// then what was announced to everyone, own unsent messages at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The gap that ends with this seq.
    Gap(Seq),
    /// An event, or a run of what one does not want to see, by its first one.
    Event(Seq),
    /// Who came and went after this event.
    Arrivals(Seq),
    /// What was announced to everyone after this event, and which announcement.
    Announced(Seq, Seq),
    /// An own message on its way: which of them.
    Tail(usize),
}

impl Timeline {
    /// The last spot of all.
    pub(crate) fn newest(&self, view: &Viewport) -> Option<Spot> {
        let tail = view.tail.len().checked_sub(1).map(Spot::Tail);
        tail.or_else(|| self.before_key(AT_END))
    }

    /// The first spot that is not wholly before `seq`; none in the tail.
    pub(crate) fn at_or_after(&self, seq: Seq) -> Option<Spot> {
        [
            self.gaps.at_or_after(seq).map(|gap| Spot::Gap(gap.to)),
            self.event_at_or_after(seq),
            self.arrivals.range(seq..).next().map(|(seq, _)| Spot::Arrivals(*seq)),
            self.announced_from((seq, Seq::ZERO)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|spot| spot.key())
    }

    /// The spot below.
    pub(crate) fn after(&self, spot: Spot, view: &Viewport) -> Option<Spot> {
        let (seq, rank, number) = spot.key();
        if let Spot::Tail(index) = spot {
            return tail_spot(view, index + 1);
        }
        let from = |wanted: u8| if rank < wanted { seq } else { seq.next() };
        let announced = if rank < ANNOUNCED { (seq, Seq::ZERO) } else { (seq, number.next()) };
        [
            self.gaps.at_or_after(from(GAP)).map(|gap| Spot::Gap(gap.to)),
            self.event_from(from(EVENT)),
            self.arrivals.range(from(ARRIVALS)..).next().map(|(seq, _)| Spot::Arrivals(*seq)),
            self.announced_from(announced),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|spot| spot.key())
        .or_else(|| tail_spot(view, 0))
    }

    /// The spot above.
    pub(crate) fn before(&self, spot: Spot) -> Option<Spot> {
        match spot {
            Spot::Tail(0) => self.before_key(AT_END),
            Spot::Tail(index) => Some(Spot::Tail(index - 1)),
            Spot::Gap(_) | Spot::Event(_) | Spot::Arrivals(_) | Spot::Announced(..) => {
                self.before_key(spot.key())
            }
        }
    }

    fn before_key(&self, (seq, rank, number): Key) -> Option<Spot> {
        let below = |wanted: u8| if rank > wanted { seq.next() } else { seq };
        let announced = (below(ANNOUNCED), if rank == ANNOUNCED { number } else { Seq::ZERO });
        [
            self.gaps.ending_before(below(GAP)).map(|gap| Spot::Gap(gap.to)),
            self.event_before(below(EVENT)),
            self.arrivals.range(..below(ARRIVALS)).next_back().map(|(seq, _)| Spot::Arrivals(*seq)),
            self.announced_before(announced),
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
            Mark::Announced(after, number) => self.spot_of_announced(*after, *number),
        }
    }
}

const GAP: u8 = 0;
const EVENT: u8 = 1;
const ARRIVALS: u8 = 2;
const ANNOUNCED: u8 = 3;

/// A place in the order of what has a seq: that seq, what of it comes first, and among
/// announcements the number of this one.
type Key = (Seq, u8, Seq);
/// Behind all of them.
const AT_END: Key = (Seq::MAX, u8::MAX, Seq::ZERO);

impl Spot {
    /// Its place in the order of all.
    pub(super) fn order(self) -> (Key, usize) {
        let index = if let Self::Tail(index) = self { index } else { 0 };
        (self.key(), index)
    }

    /// Its place in the order, among those that have a seq.
    pub(super) fn key(self) -> Key {
        match self {
            Self::Gap(seq) => (seq, GAP, Seq::ZERO),
            Self::Event(seq) => (seq, EVENT, Seq::ZERO),
            Self::Arrivals(seq) => (seq, ARRIVALS, Seq::ZERO),
            Self::Announced(after, number) => (after, ANNOUNCED, number),
            Self::Tail(_) => AT_END,
        }
    }
}

fn tail_spot(view: &Viewport, index: usize) -> Option<Spot> {
    (index < view.tail.len()).then_some(Spot::Tail(index))
}
