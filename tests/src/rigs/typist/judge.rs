//! What was typed, held against the logs.

use std::collections::{BTreeMap, HashMap};

/// Where somebody types to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// The room that is shown.
    Lobby,
    /// Another room.
    Games,
    /// A person, with `/msg`.
    Bob,
}

/// A line that was typed.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Where it is to be said.
    pub(super) place: Place,
    /// No other line has this text.
    pub(super) text: String,
    /// Whether the client took it: then it must not be lost.
    pub(super) is_accepted: bool,
}

/// A promise that a client broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It was accepted and is not in the log.
    Lost(String),
    /// It is in the logs more than once.
    Doubled(String),
    /// It is in the log after one that was typed later.
    Reordered(String),
    /// It stands twice on the screen.
    ShownTwice(String),
    /// It was typed more than a second before and is not in the composer.
    DraftLost(String),
}

/// Everything that is said, in order.
pub(super) type Logs = BTreeMap<Place, Vec<String>>;

/// What is wrong with the logs, given what was typed, in the order in which it was typed.
pub(super) fn judge(lines: &[Line], logs: &Logs) -> Vec<Finding> {
    let mut stored: HashMap<&str, Vec<(Place, usize)>> = HashMap::new();
    for (place, log) in logs {
        for (at, text) in log.iter().enumerate() {
            stored.entry(text).or_default().push((*place, at));
        }
    }
    let mut findings = Vec::new();
    let mut newest: HashMap<Place, usize> = HashMap::new();
    for Line { place, text, is_accepted } in lines {
        let found = stored.get(text.as_str()).map_or(&[][..], Vec::as_slice);
        let first = found.iter().find(|(here, _)| here == place).map(|(_, at)| *at);
        if found.len() > 1 {
            findings.push(Finding::Doubled(text.clone()));
        }
        match first {
            None if *is_accepted => findings.push(Finding::Lost(text.clone())),
            None => {}
            Some(at) if newest.get(place).is_some_and(|newest| at < *newest) => {
                findings.push(Finding::Reordered(text.clone()));
            }
            Some(at) => drop(newest.insert(*place, at)),
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found where "one" and "two" were accepted in the lobby, and "three" was not.
    fn found(lobby: &[&str], games: &[&str]) -> Vec<Finding> {
        let line = |(text, is_accepted): (&str, bool)| {
            let text = text.to_owned();
            Line { place: Place::Lobby, text, is_accepted }
        };
        let lines = [("one", true), ("two", true), ("three", false)].map(line);
        let log = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        judge(&lines, &[(Place::Lobby, log(lobby)), (Place::Games, log(games))].into())
    }

    #[test]
    fn a_log_that_has_everything_once_and_in_order_is_right() {
        assert_eq!(found(&["one", "two"], &[]), []);
        assert_eq!(found(&["one", "two", "three"], &["four"]), []);
    }

    #[test]
    fn what_was_accepted_and_is_not_there_is_lost() {
        assert_eq!(found(&["one"], &[]), [Finding::Lost("two".into())]);
        assert_eq!(found(&["one"], &["two"]), [Finding::Lost("two".into())]);
    }

    #[test]
    fn a_line_that_stands_twice_is_doubled() {
        assert_eq!(found(&["one", "one", "two"], &[]), [Finding::Doubled("one".into())]);
        let twice = found(&["one", "two", "three", "three"], &[]);
        assert_eq!(twice, [Finding::Doubled("three".into())]);
        assert_eq!(found(&["one", "two"], &["two"]), [Finding::Doubled("two".into())]);
    }

    #[test]
    fn a_line_before_one_that_was_typed_earlier_is_reordered() {
        assert_eq!(found(&["two", "one"], &[]), [Finding::Reordered("two".into())]);
    }
}
