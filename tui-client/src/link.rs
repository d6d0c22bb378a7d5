//! What is known of the connection, and the words for it in the status row. PURE.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use jiff::tz::TimeZone;
use protocol::{RoomName, Seq, Timestamp};

use crate::place::Place;

/// The connection, as far as the user is concerned.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// Where it stands.
    pub phase: Phase,
    /// For each room that is catching up: the last seq that came, and the one to reach.
    catching_up: BTreeMap<RoomName, CatchUp>,
    /// The rooms whose events come on this connection.
    attached: HashSet<RoomName>,
    /// The rooms into which the hub did not let one.
    refused: BTreeMap<RoomName, Refused>,
}

/// Why one is not in a room that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The hub said to ask again, then.
    Until(Duration),
    /// It said no, and will again on this connection.
    ForGood(String),
}

/// Where the connection stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// The first attempt.
    #[default]
    Connecting,
    /// The hub has said `welcome`.
    Live,
    /// It was lost, or never there; attempts go on.
    Offline {
        /// Since when, by the wall clock.
        since: Timestamp,
    },
    /// The hub had heard nothing for long: no attempts until a key is pressed.
    Idle,
    /// No attempts until the user acts.
    Stopped {
        /// Why, in a few words.
        why: String,
    },
}

/// How far a room has caught up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CatchUp {
    at: Seq,
    head: Seq,
}

impl Link {
    /// Whether frames can be sent.
    pub fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// Whether a message for this place can go now.
    pub(crate) fn reaches(&self, place: &Place) -> bool {
        self.is_live() && place.room().is_none_or(|room| self.attached.contains(room))
    }

    /// The hub said `joined`: events come, those after `after` first.
    pub(crate) fn joined(&mut self, room: &RoomName, after: Option<Seq>, head: Seq) {
        self.attached.insert(room.clone());
        self.refused.remove(room);
        self.catching_up.remove(room);
        if let Some(at) = after.filter(|at| *at < head) {
            self.catching_up.insert(room.clone(), CatchUp { at, head });
        }
    }

    /// An event came, or word that none up to it will come. Whether it was an old one.
    pub(crate) fn progress(&mut self, room: &RoomName, seq: Seq) -> bool {
        let Some(catch_up) = self.catching_up.get_mut(room) else { return false };
        catch_up.at = catch_up.at.max(seq);
        let (at, head) = (catch_up.at, catch_up.head);
        if at >= head {
            self.catching_up.remove(room);
        }
        seq <= head
    }

    /// The room's events come no more.
    pub(crate) fn forget(&mut self, room: &RoomName) {
        self.attached.remove(room);
        self.catching_up.remove(room);
        self.refused.remove(room);
    }

    /// The hub did not let one in.
    pub(crate) fn refused(&mut self, room: RoomName, refused: Refused) {
        self.refused.insert(room, refused);
    }

    /// The user wants to try again. Whether there was a refusal.
    pub(crate) fn forgive(&mut self, room: &RoomName) -> bool {
        self.refused.remove(room).is_some()
    }

    /// The rooms that can be asked for again now.
    pub(crate) fn take_due(&mut self, now: Duration) -> Vec<RoomName> {
        let is_due = |_: &RoomName, refused: &mut Refused| match refused {
            Refused::Until(until) => *until <= now,
            Refused::ForGood(_) => false,
        };
        self.refused.extract_if(.., is_due).map(|(room, _)| room).collect()
    }

    /// The rooms in which nothing can be said, and why.
    pub(crate) fn closed(&self) -> impl Iterator<Item = (&RoomName, &str)> {
        self.refused.iter().filter_map(|(room, refused)| match refused {
            Refused::Until(_) => None,
            Refused::ForGood(why) => Some((room, why.as_str())),
        })
    }

    /// When a room can be asked for again.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let times = self.refused.values().filter_map(|refused| match refused {
            Refused::Until(until) => Some(*until),
            Refused::ForGood(_) => None,
        });
        times.min()
    }

    /// The connection is gone.
    pub(crate) fn lost(&mut self, at: Timestamp) {
        self.attached.clear();
        self.catching_up.clear();
        self.refused.clear();
        match self.phase {
            Phase::Connecting | Phase::Live => self.phase = Phase::Offline { since: at },
            Phase::Offline { .. } | Phase::Idle | Phase::Stopped { .. } => {}
        }
    }

    /// The words in the status row.
    pub fn words(&self, time_zone: &TimeZone) -> String {
        match &self.phase {
            Phase::Connecting => "connecting".into(),
            Phase::Live => match self.missing() {
                0 => "live".into(),
                missing => format!("catching up {}", grouped(missing)),
            },
            Phase::Offline { since } => {
                format!("offline since {}, retrying", clock(*since, time_zone))
            }
            Phase::Idle => "stopped: idle; press a key".into(),
            Phase::Stopped { why } => format!("stopped: {why}"),
        }
    }

    /// How many events are still to come.
    fn missing(&self) -> u64 {
        self.catching_up.values().map(|room| room.head.get().saturating_sub(room.at.get())).sum()
    }
}

/// `14:05`, where the user is.
pub(crate) fn clock(at: Timestamp, time_zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| "--:--".into(),
        |time| {
            let local = time.to_zoned(time_zone.clone());
            format!("{:02}:{:02}", local.hour(), local.minute())
        },
    )
}

/// `1,204`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_are_those_of_the_contract() {
        let mut link = Link::default();
        let words = |link: &Link| link.words(&TimeZone::UTC);
        assert_eq!(words(&link), "connecting");
        link.phase = Phase::Live;
        assert_eq!(words(&link), "live");
        link.joined(&RoomName::lobby(), Seq::new(10), Seq::new(1214).unwrap());
        assert_eq!(words(&link), "catching up 1,204");
        link.phase = Phase::Offline { since: Timestamp((14 * 60 + 5) * 60_000) };
        assert_eq!(words(&link), "offline since 14:05, retrying");
        link.phase = Phase::Stopped { why: "you were kicked".into() };
        assert_eq!(words(&link), "stopped: you were kicked");
    }
}
