//! How late it is for certain. PURE: the time is handed in.
//!
//! A wall clock may be wrong, by years where there is no battery, and what is done to others
//! because of it (removing what they said, giving away what they are called) is not undone when
//! it is set. What is certain: no more time has passed than since the newest event at the start,
//! by what that says, and since then, by a clock that does not jump. So after a long pause it is
//! later than this knows, until the next start; what is to be done is done late.

use std::time::Duration;

use protocol::Timestamp;

/// A clock that may be late, and is ahead only if the one was by which the newest event at the
/// start was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CertainTime {
    newest: Timestamp,
}

impl CertainTime {
    /// Of a start at which this is when the newest event was said.
    pub(crate) fn since(newest: Timestamp) -> Self {
        Self { newest }
    }

    /// What it says when the wall clock says so and the start is so long ago.
    pub(crate) fn now(self, wall: Timestamp, running: Duration) -> Timestamp {
        let since = i64::try_from(running.as_millis()).unwrap_or(i64::MAX);
        wall.min(Timestamp(self.newest.0.saturating_add(since)))
    }

    /// How far the wall clock is ahead of the newest event at the start.
    pub(crate) fn ahead(self, wall: Timestamp) -> Duration {
        let ahead = wall.0.saturating_sub(self.newest.0);
        Duration::from_millis(u64::try_from(ahead).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWEST: i64 = 1_000_000;

    fn now(wall: i64, running_ms: u64) -> i64 {
        let running = Duration::from_millis(running_ms);
        CertainTime::since(Timestamp(NEWEST)).now(Timestamp(wall), running).0
    }

    #[test]
    fn no_more_time_passes_than_by_the_clock_that_does_not_jump() {
        assert_eq!(now(i64::MAX, 0), NEWEST, "ahead at the start");
        assert_eq!(now(i64::MAX, 60), NEWEST + 60, "or since");
        assert_eq!(now(i64::MAX, u64::MAX), i64::MAX);
    }

    #[test]
    fn a_wall_clock_that_is_not_ahead_counts() {
        assert_eq!(now(NEWEST + 7, 60), NEWEST + 7);
        assert_eq!(now(0, 60), 0, "also one that is behind");
    }

    #[test]
    fn it_knows_how_far_ahead_a_wall_clock_is() {
        let ahead = |wall| CertainTime::since(Timestamp(NEWEST)).ahead(Timestamp(wall)).as_millis();
        assert_eq!([ahead(NEWEST + 7), ahead(NEWEST), ahead(i64::MIN)], [7, 0, 0]);
    }
}
