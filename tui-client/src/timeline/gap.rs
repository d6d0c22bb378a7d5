//! Ranges of a room's log that this client does not have. They are data: each is a row on the
//! screen, and the ones that the hub still keeps fill themselves when they come near. PURE.

use std::collections::BTreeMap;

use protocol::Seq;

/// One missing range, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first missing seq.
    pub from: Seq,
    /// The last missing seq.
    pub to: Seq,
    /// Whether the hub keeps it no longer, so that asking is of no use.
    pub gone: bool,
}

impl Gap {
    /// How many seqs are missing.
    pub fn len(self) -> u64 {
        self.to.get() - self.from.get() + 1
    }

    /// Never: a gap has at least one seq.
    pub fn is_empty(self) -> bool {
        false
    }
}

/// The missing ranges of a log. They do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// By their last seq.
    by_end: BTreeMap<Seq, Gap>,
}

impl Gaps {
    /// The range `from..=to` is not known (any more). An empty range is none. Neighbours of the
    /// same kind become one.
    pub(crate) fn open(&mut self, from: Seq, to: Seq, gone: bool) {
        if from > to {
            return;
        }
        self.fill(from, to);
        let (mut from, mut to) = (from, to);
        if let Some(before) = self.ending_with(from.previous()).filter(|gap| gap.gone == gone) {
            self.by_end.remove(&before.to);
            from = before.from;
        }
        if let Some(after) = self.at_or_after(to.next())
            && (after.from == to.next() && after.gone == gone)
        {
            self.by_end.remove(&after.to);
            to = after.to;
        }
        self.by_end.insert(to, Gap { from, to, gone });
    }

    /// The range `from..=to` is known now: what of it was missing is not any more.
    pub(crate) fn fill(&mut self, from: Seq, to: Seq) {
        if from > to {
            return;
        }
        while let Some(gap) = self.overlapping(from, to) {
            self.by_end.remove(&gap.to);
            if gap.from < from {
                let before = Gap { to: from.previous(), ..gap };
                self.by_end.insert(before.to, before);
            }
            if gap.to > to {
                self.by_end.insert(gap.to, Gap { from: to.next(), ..gap });
            }
        }
    }

    /// The gap that ends with `to`.
    pub(crate) fn ending_with(&self, to: Seq) -> Option<Gap> {
        self.by_end.get(&to).copied()
    }

    /// The first gap that ends at or after `seq`.
    pub(crate) fn at_or_after(&self, seq: Seq) -> Option<Gap> {
        self.by_end.range(seq..).next().map(|(_, gap)| *gap)
    }

    /// The last gap that ends before `seq`.
    pub(crate) fn ending_before(&self, seq: Seq) -> Option<Gap> {
        self.by_end.range(..seq).next_back().map(|(_, gap)| *gap)
    }

    /// The newest of those that can be fetched.
    pub(crate) fn newest_to_fetch(&self) -> Option<Gap> {
        self.by_end.values().rev().find(|gap| !gap.gone).copied()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_end.len()
    }

    /// From where to where the first two reach, with what is between them.
    pub(crate) fn first_two(&self) -> Option<(Seq, Seq)> {
        let mut gaps = self.by_end.values();
        gaps.next().zip(gaps.next()).map(|(first, second)| (first.from, second.to))
    }

    /// How many seqs after this one can still be fetched.
    pub(crate) fn len_after(&self, seq: Seq) -> u64 {
        let gaps = self.by_end.range(seq.next()..).map(|(_, gap)| *gap);
        gaps.filter(|gap| !gap.gone)
            .map(|gap| Gap { from: gap.from.max(seq.next()), ..gap }.len())
            .sum()
    }

    fn overlapping(&self, from: Seq, to: Seq) -> Option<Gap> {
        self.at_or_after(from).filter(|gap| gap.from <= to)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn seq(number: u64) -> Seq {
        Seq::new(number).unwrap()
    }

    fn ranges(gaps: &Gaps) -> Vec<(u64, u64, bool)> {
        gaps.by_end.values().map(|gap| (gap.from.get(), gap.to.get(), gap.gone)).collect()
    }

    #[test]
    fn a_page_from_the_middle_leaves_two_gaps() {
        let mut gaps = Gaps::default();
        gaps.open(seq(1), seq(100), false);
        gaps.fill(seq(40), seq(60));
        assert_eq!(ranges(&gaps), [(1, 39, false), (61, 100, false)]);
        gaps.fill(seq(1), seq(39));
        assert_eq!(ranges(&gaps), [(61, 100, false)]);
    }

    #[test]
    fn what_is_gone_is_told_apart_from_what_can_be_fetched() {
        let mut gaps = Gaps::default();
        gaps.open(seq(1), seq(100), false);
        gaps.open(seq(1), seq(30), true);
        assert_eq!(ranges(&gaps), [(1, 30, true), (31, 100, false)]);
    }

    #[test]
    fn an_empty_range_changes_nothing() {
        let mut gaps = Gaps::default();
        gaps.open(seq(1), seq(10), false);
        gaps.fill(seq(8), seq(4));
        gaps.open(seq(8), seq(4), true);
        assert_eq!(ranges(&gaps), [(1, 10, false)]);
    }

    proptest! {
        #[test]
        fn gaps_are_the_seqs_that_were_opened_and_not_filled(
            steps in prop::collection::vec((1u64..50, 0u64..20, 0u8..3), 0..30),
        ) {
            let mut gaps = Gaps::default();
            let mut model = BTreeMap::new();
            for (from, length, what) in steps {
                let range = from..=from + length;
                match what {
                    0 => gaps.fill(seq(from), seq(from + length)),
                    _ => gaps.open(seq(from), seq(from + length), what == 2),
                }
                for number in range {
                    if what == 0 { model.remove(&number) } else { model.insert(number, what == 2) };
                }
            }
            let missing: BTreeMap<u64, bool> = gaps.by_end.values()
                .flat_map(|gap| (gap.from.get()..=gap.to.get()).map(|number| (number, gap.gone)))
                .collect();
            prop_assert_eq!(missing, model);
        }
    }
}
