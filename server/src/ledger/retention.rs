//! How long events are kept. PURE: the time is handed in.
//!
//! Only a prefix of a room ever goes: removing begins at its oldest event and ends at the first
//! one that is to be kept. An event is too old by its own time, and one from the future is not:
//! a clock that jumped back removes nothing, one event from a clock that was ahead keeps what is
//! behind it until it is old enough itself, or until there are too many. And a clock that jumped
//! ahead removes nothing either: `certain` says how late it is.

use std::{str::FromStr, time::Duration};

use protocol::{Seq, Timestamp};

use super::certain::CertainTime;
use crate::config::{BadDuration, parse_duration};

/// How long the system's clock has to be set right after a start before it says how old anything
/// is; no longer than the age itself.
const CLOCK_IS_SET_WITHIN: Duration = Duration::from_mins(5);

/// How many events of a room are kept, and for how long; without both, all for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Older ones go.
    pub age: Option<Duration>,
    /// More of one room go, the oldest first.
    pub count: Option<u64>,
}

/// This is no retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRetention {
    /// Neither an age nor a number.
    #[error("write an age (30d, 12h), a number of messages (10000), or both (30d,10000)")]
    Unknown,
    /// An age that nobody waits for.
    #[error("that age is too long; a hundred years (36500d) is the most, 0 keeps everything")]
    TooLong,
    /// Two ages or two numbers.
    #[error("give one age and one number of messages at most")]
    Twice,
}

impl FromStr for Retention {
    type Err = BadRetention;

    /// An age (`30d`), a number of events of each room (`10000`), or both with a comma between
    /// them. A 0 is no limit.
    fn from_str(text: &str) -> Result<Self, BadRetention> {
        let (mut age, mut count) = (None, None);
        for part in text.split(',').map(str::trim) {
            let is_second = match part.parse() {
                Ok(number) => count.replace(number).is_some(),
                Err(_) => age.replace(parse_duration(part)?).is_some(),
            };
            if is_second {
                return Err(BadRetention::Twice);
            }
        }
        let age = age.filter(|age| !age.is_zero());
        Ok(Self { age, count: count.filter(|count| *count > 0) })
    }
}

impl From<BadDuration> for BadRetention {
    fn from(why: BadDuration) -> Self {
        match why {
            BadDuration::Unknown => Self::Unknown,
            BadDuration::TooLong => Self::TooLong,
        }
    }
}

impl Retention {
    /// Whether anything is ever removed.
    pub fn is_limited(&self) -> bool {
        self.age.is_some() || self.count.is_some()
    }

    /// The time by which events are too old: never later than is certain.
    pub(crate) fn now(
        &self,
        certain: CertainTime,
        wall: Timestamp,
        running: Duration,
    ) -> Timestamp {
        if running < self.age.unwrap_or_default().min(CLOCK_IS_SET_WITHIN) {
            return Timestamp(i64::MIN);
        }
        certain.now(wall, running)
    }

    /// Whether by a clock that is so far ahead of the newest event all of them would go.
    pub(crate) fn is_distrusted(&self, ahead: Duration) -> bool {
        self.age.is_some_and(|age| age < ahead)
    }

    /// Whether a room from `oldest` to `head` may have something to remove.
    pub(crate) fn concerns(&self, oldest: Seq, head: Seq) -> bool {
        oldest <= head
            && (self.age.is_some()
                || self.count.is_some_and(|count| is_beyond(count, head, oldest)))
    }

    /// The first event to keep of those that a room has from `oldest` on.
    pub(crate) fn first_kept<E>(
        &self,
        now: Timestamp,
        (oldest, head): (Seq, Seq),
        events: impl IntoIterator<Item = Result<(Seq, Timestamp), E>>,
    ) -> Result<Seq, E> {
        let mut first = oldest;
        for event in events {
            let (seq, at) = event?;
            if !self.is_over(now, head, seq, at) {
                return Ok(first);
            }
            first = seq.next();
        }
        Ok(first)
    }

    fn is_over(&self, now: Timestamp, head: Seq, seq: Seq, at: Timestamp) -> bool {
        let is_old = |age: Duration| i128::from(now.0) - i128::from(at.0) > millis(age);
        self.count.is_some_and(|count| is_beyond(count, head, seq)) || self.age.is_some_and(is_old)
    }
}

fn is_beyond(count: u64, head: Seq, seq: Seq) -> bool {
    head.get().saturating_sub(seq.get()) >= count
}

fn millis(age: Duration) -> i128 {
    i128::try_from(age.as_millis()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;
    const YEAR: i64 = 365 * DAY;

    fn seq(number: u64) -> Seq {
        Seq::new(number).unwrap()
    }

    /// What is kept of events with these times, from 1 on.
    fn first_kept(retention: &str, now: i64, times: &[i64]) -> u64 {
        let retention: Retention = retention.parse().unwrap();
        let head = seq(times.len() as u64);
        let events =
            (1..).zip(times).map(|(at, time)| Ok::<_, Infallible>((seq(at), Timestamp(*time))));
        let Ok(first) = retention.first_kept(Timestamp(now), (seq(1), head), events);
        first.get()
    }

    #[test]
    fn an_age_a_number_or_both_can_be_written() {
        let parse = str::parse::<Retention>;
        let days = |days: u64| Some(Duration::from_hours(24 * days));
        assert_eq!(parse("30d"), Ok(Retention { age: days(30), count: None }));
        assert_eq!(parse("10000"), Ok(Retention { age: None, count: Some(10_000) }));
        assert_eq!(parse("30d,10000"), Ok(Retention { age: days(30), count: Some(10_000) }));
        assert_eq!(parse("5, 2w"), Ok(Retention { age: days(14), count: Some(5) }));
        assert_eq!(parse("0"), Ok(Retention::default()));
        assert_eq!(parse("0d"), Ok(Retention::default()));
        assert_eq!(parse("1,2"), Err(BadRetention::Twice));
        assert_eq!(parse("1d,2h"), Err(BadRetention::Twice));
        for text in ["", "d", "30 days", "-1", "1.5d", "30d,"] {
            assert_eq!(parse(text), Err(BadRetention::Unknown), "{text:?}");
        }
        for text in ["36501d", "99999999999999999999w"] {
            assert_eq!(parse(text), Err(BadRetention::TooLong), "{text:?}");
        }
    }

    #[test]
    fn older_than_the_age_goes() {
        let times = [0, DAY, 2 * DAY, 3 * DAY];
        assert_eq!(first_kept("1d", 2 * DAY, &times), 2, "exactly as old is kept");
        assert_eq!(first_kept("1d", 2 * DAY + 1, &times), 3);
        assert_eq!(first_kept("1d", YEAR, &times), 5, "a room can be emptied");
        assert_eq!(first_kept("0", YEAR, &times), 1);
    }

    #[test]
    fn more_than_the_number_goes() {
        assert_eq!(first_kept("3", 0, &[0; 5]), 3);
        assert_eq!(first_kept("5", 0, &[0; 5]), 1);
        assert_eq!(first_kept("1", YEAR, &[0; 5]), 5);
    }

    #[test]
    fn of_both_the_stricter_one_holds() {
        let times = [0, 0, DAY, DAY, DAY];
        assert_eq!(first_kept("1d,4", DAY + 1, &times), 3);
        assert_eq!(first_kept("1d,1", DAY + 1, &times), 5);
    }

    #[test]
    fn a_clock_that_jumps_back_removes_nothing() {
        assert_eq!(first_kept("1d", 0, &[YEAR, YEAR + 1, YEAR + 2]), 1);
    }

    #[test]
    fn a_clock_that_jumps_ahead_makes_nothing_older() {
        let retention: Retention = "30d".parse().unwrap();
        let (hour, newest) = (Duration::from_hours(1), Timestamp(10 * DAY));
        let certain = CertainTime::since(newest);
        let now = |wall, running| retention.now(certain, Timestamp(wall), running).0;
        assert_eq!(now(YEAR, hour), 10 * DAY + DAY / 24, "ahead at the start, or since");
        assert_eq!(now(10 * DAY + 7, hour), 10 * DAY + 7, "a right one counts");
        assert_eq!(now(5 * DAY, hour), 5 * DAY, "one that is behind, too");
        assert_eq!(now(YEAR, 40 * 24 * hour), 50 * DAY, "a quiet hub goes on");
        assert_eq!(now(10 * DAY, hour / 13), i64::MIN, "a clock may be set late");
        let short: Retention = "30s".parse().unwrap();
        assert_eq!(short.now(certain, newest, hour / 120), newest);
    }

    #[test]
    fn a_clock_by_which_all_would_go_is_distrusted() {
        let day = Duration::from_hours(24);
        let is_distrusted = |text: &str| text.parse::<Retention>().unwrap().is_distrusted(2 * day);
        assert!(is_distrusted("1d"));
        assert!(!is_distrusted("2d") && !is_distrusted("10"));
    }

    #[test]
    fn only_a_prefix_goes() {
        let ahead = [0, YEAR, 0, 10 * DAY];
        assert_eq!(first_kept("1d", 10 * DAY, &ahead), 2);
        assert_eq!(first_kept("1d,1", 10 * DAY, &ahead), 4, "the number does not wait for it");
    }
}
