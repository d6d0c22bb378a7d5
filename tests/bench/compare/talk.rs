//! The schedule of one who talks steadily, and how late it was kept. Pure.
//!
//! What was missed is not made up for, because that would be a flood; but it counts as late.

use std::time::{Duration, Instant};

use super::latency::Latency;

/// From message to message: 10 a second.
pub(crate) const EVERY: Duration = Duration::from_millis(100);

/// The schedule.
pub(crate) struct Talk {
    due: Instant,
    late: Latency,
}

impl Talk {
    pub(crate) fn new(start: Instant) -> Self {
        Self { due: start, late: Latency::default() }
    }

    /// Goes on after a pause, of which nothing is late.
    pub(crate) fn resume(&mut self, now: Instant) {
        self.due = now;
    }

    /// Whether a message is due, which is then regarded as said.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let was_due = self.due <= now;
        while self.due <= now {
            self.late.add(now - self.due);
            self.due += EVERY;
        }
        was_due
    }

    /// How long it is until the next message.
    pub(crate) fn pause(&self, now: Instant) -> Duration {
        self.due.saturating_duration_since(now)
    }

    /// How late messages were, those that were missed included: what 99 of 100 do not exceed.
    pub(crate) fn late(&self) -> Duration {
        self.late.percentile(99)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_message_is_due_at_its_time_and_once() {
        let start = Instant::now();
        let mut talk = Talk::new(start);
        let (rest, late) = (EVERY.saturating_sub(MS), start + EVERY + MS);
        assert!(talk.is_due(start) && !talk.is_due(start + rest));
        assert_eq!(talk.pause(start + rest), MS);
        assert_eq!(talk.pause(late), Duration::ZERO);
        assert!(talk.is_due(late));
        assert_eq!(talk.pause(late), rest);
    }

    #[test]
    fn what_was_missed_counts_as_late_and_is_said_once() {
        let start = Instant::now();
        let mut talk = Talk::new(start);
        let now = start + EVERY * 4 + MS;
        assert!(talk.is_due(now) && !talk.is_due(now));
        assert!(talk.is_due(start + EVERY * 5));
        assert!((EVERY * 4 + MS..EVERY * 4 + MS * 2).contains(&talk.late()));
    }

    #[test]
    fn of_a_pause_nothing_is_late() {
        let start = Instant::now();
        let mut talk = Talk::new(start);
        talk.resume(start + MS * 500);
        assert!(!talk.is_due(start + MS * 499) && talk.is_due(start + MS * 500));
        assert!(talk.late() < MS);
    }
}
