//! Who came, went and changed their name between two messages, folded into one row. PURE.

use protocol::{Timestamp, UserName};

/// Most people named in one row; the others are counted.
const NAMED_MAX: usize = 8;

/// Who came, went and changed their name between two messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrivals {
    /// When the first of them did, by this machine's clock: the hub does not say.
    pub(crate) at: Timestamp,
    people: Vec<(UserName, Change)>,
    unnamed: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Joined,
    Left,
    /// Joined, then left.
    Passed,
    /// Left, then joined.
    Returned,
    Renamed(UserName),
}

impl Arrivals {
    /// Nobody yet.
    pub(crate) fn at(at: Timestamp) -> Self {
        Self { at, ..Self::default() }
    }

    pub(crate) fn joined(&mut self, name: &UserName) {
        self.change(name, Change::Joined);
    }

    pub(crate) fn left(&mut self, name: &UserName) {
        self.change(name, Change::Left);
    }

    pub(crate) fn renamed(&mut self, from: &UserName, to: &UserName) {
        self.change(from, Change::Renamed(to.clone()));
    }

    fn change(&mut self, name: &UserName, change: Change) {
        if let Some(known) = self.people.iter_mut().find(|(known, _)| known == name) {
            known.1 = match (&known.1, change) {
                (Change::Joined | Change::Passed, Change::Left) => Change::Passed,
                (Change::Left | Change::Returned, Change::Joined) => Change::Returned,
                (_, change) => change,
            };
        } else if self.people.len() < NAMED_MAX {
            self.people.push((name.clone(), change));
        } else {
            self.unnamed += 1;
        }
    }

    /// `Bob, cyd joined · Dan left · Eve is now Evelyn · 3 more changes`.
    pub(crate) fn text(&self) -> String {
        let named = |wanted: &Change| {
            let names = self.people.iter().filter(|(_, change)| change == wanted);
            names.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let parts = [
            (named(&Change::Joined), "joined"),
            (named(&Change::Left), "left"),
            (named(&Change::Returned), "left and came back"),
            (named(&Change::Passed), "joined and left"),
        ];
        let mut parts: Vec<String> = parts
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, what)| format!("{names} {what}"))
            .collect();
        parts.extend(self.people.iter().filter_map(|(from, change)| match change {
            Change::Renamed(to) => Some(format!("{from} is now {to}")),
            Change::Joined | Change::Left | Change::Passed | Change::Returned => None,
        }));
        if self.unnamed > 0 {
            parts.push(format!("and {} more", self.unnamed));
        }
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> UserName {
        UserName::parse(text).unwrap()
    }

    #[test]
    fn changes_fold_into_one_sentence() {
        let mut row = Arrivals::default();
        row.joined(&name("Bob"));
        row.left(&name("Dan"));
        row.joined(&name("cyd"));
        row.renamed(&name("Eve"), &name("Evelyn"));
        assert_eq!(row.text(), "Bob, cyd joined · Dan left · Eve is now Evelyn");
    }

    #[test]
    fn there_and_back_is_one_change() {
        let mut row = Arrivals::default();
        row.joined(&name("Bob"));
        row.left(&name("Bob"));
        row.left(&name("cyd"));
        row.joined(&name("cyd"));
        assert_eq!(row.text(), "cyd left and came back · Bob joined and left");
    }

    #[test]
    fn a_crowd_is_counted() {
        let mut row = Arrivals::default();
        (0..20).for_each(|number| row.joined(&name(&format!("p{number}"))));
        assert_eq!(row.text(), "p0, p1, p2, p3, p4, p5, p6, p7 joined · and 12 more");
    }
}
