//! The figures of all runs, and their medians.

use std::collections::BTreeMap;

use super::peers::Peer;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Deliveries,
    CpuPerDelivery,
    Handshakes,
    CpuPerHandshake,
    P99,
    P99Stalled,
    StalledMemory,
    P99Calm,
    P99Coming,
    P99Going,
    PresencePerJoin,
    Joins,
    TalkerLate,
    Memory,
    LastOfLarge,
    DeliveriesAt(usize),
    LastOf(usize),
}

/// All figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    figures: BTreeMap<(What, Peer), Vec<f64>>,
    /// Runs that left no figure.
    pub(crate) failed: usize,
}

impl Book {
    pub(crate) fn note(&mut self, what: What, peer: Peer, figure: f64) {
        self.figures.entry((what, peer)).or_default().push(figure);
    }

    /// Adds the figures of a run.
    pub(crate) fn add(&mut self, run: Self) {
        for (place, figures) in run.figures {
            self.figures.entry(place).or_default().extend(figures);
        }
    }

    /// All figures in one line.
    pub(crate) fn line(&self) -> String {
        let all = self.figures.iter();
        let words = all.flat_map(|((what, _), figures)| {
            figures.iter().map(move |figure| {
                let digits = if *figure < 0.1 { 4 } else { 1 };
                format!("{what:?} {figure:.digits$}")
            })
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// Everything that was measured, in order.
    pub(crate) fn measured(&self) -> Vec<What> {
        let mut measured: Vec<What> = self.figures.keys().map(|(what, _)| *what).collect();
        measured.dedup();
        measured
    }

    pub(crate) fn median(&self, what: What, peer: Peer) -> Option<f64> {
        let mut figures = self.figures.get(&(what, peer))?.clone();
        figures.sort_by(f64::total_cmp);
        let middle = figures.len() / 2;
        let below = figures[(figures.len() - 1) / 2];
        Some(f64::midpoint(below, figures[middle]))
    }

    /// The median of one peer over that of another (or of the same, of something else).
    pub(crate) fn ratio(&self, of: (What, Peer), over: (What, Peer)) -> Option<f64> {
        Some(self.median(of.0, of.1)? / self.median(over.0, over.1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_between_the_two() {
        let mut book = Book::default();
        for figure in [9.0, 1.0, 2.0] {
            book.note(What::Deliveries, Peer::Ws, figure);
        }
        assert_eq!(book.median(What::Deliveries, Peer::Ws), Some(2.0));
        book.note(What::Deliveries, Peer::Ws, 4.0);
        assert_eq!(book.median(What::Deliveries, Peer::Ws), Some(3.0));
        assert_eq!(book.median(What::Deliveries, Peer::Gorilla), None);
    }

    #[test]
    fn runs_are_added_up() {
        let mut book = Book::default();
        for figure in [1.0, 3.0] {
            let mut run = Book::default();
            run.note(What::P99, Peer::Ws, figure);
            book.add(run);
        }
        assert_eq!(book.line(), "P99 1.0, P99 3.0");
    }

    #[test]
    fn of_a_small_figure_more_digits_are_said() {
        let mut book = Book::default();
        book.note(What::PresencePerJoin, Peer::HubMemory, 0.0123);
        assert_eq!(book.line(), "PresencePerJoin 0.0123");
    }

    #[test]
    fn a_ratio_needs_both() {
        let mut book = Book::default();
        book.note(What::P99, Peer::Floor, 2.0);
        assert_eq!(book.ratio((What::P99Stalled, Peer::Floor), (What::P99, Peer::Floor)), None);
        book.note(What::P99Stalled, Peer::Floor, 3.0);
        let ratio = book.ratio((What::P99Stalled, Peer::Floor), (What::P99, Peer::Floor));
        assert_eq!(ratio, Some(1.5));
    }
}
